/** Our address (directory §5): made once, with our profile behind its short link. */
import type { Agent, AgentStep, Begun } from '@polyplex/agent';
import { formatLink, formatShortLink } from '@polyplex/protocol-agent';
import { encodeChatLinkData, type Profile } from '@polyplex/protocol-chat';
import { ChatError } from '../chat-error.ts';
import type { OwnAddress } from '../records/records.ts';
import type { Step } from '../step.ts';

/** What a relay keeps behind a link leaves so much. */
const MAX_LINK_DATA_BYTES = 13_600;

/** Without the picture where that is too large. */
function addressData(profile: Profile): Uint8Array {
  const data = encodeChatLinkData({ profile, business: false });
  if (data.length <= MAX_LINK_DATA_BYTES) return data;
  const { image: _image, ...smaller } = profile;
  return encodeChatLinkData({ profile: smaller, business: false });
}

export interface AddressMaking {
  readonly agent: Agent;
  readonly profile: Profile;
  readonly within: <T>(agentStep: AgentStep, work: (step: Step) => T) => T;
}

/** Rejects as the agent's `createAddress`; with PROHIBITED where there is one by now. */
export async function makeAddress({ agent, profile, within }: AddressMaking): Promise<OwnAddress> {
  let address: OwnAddress | null = null;
  await agent.createAddress({
    userData: addressData(profile),
    also: (agentStep, _connectionId, begun) => {
      address = within(agentStep, (step) => storeAddress(step, begun));
    },
  });
  return address!;
}

function storeAddress(step: Step, { connectionId, request, link }: Begun): OwnAddress {
  if (step.records.get('address', 'own') !== undefined) throw new ChatError('PROHIBITED', 'there is an address');
  const address = { connectionId, fullLink: formatLink(request), shortLink: link && formatShortLink(link, 'server') };
  step.records.put('address', 'own', address);
  step.own(connectionId, { type: 'address' });
  return address;
}

/** All contacts are told, by and by, and who opens our short link. */
export function publishProfile(step: Step, profile: Profile): void {
  const address = step.records.get('address', 'own');
  if (address !== undefined && address.shortLink !== null) step.agent.setUserData(address.connectionId, addressData(profile));
  step.records.put('profile', 'own', profile);
  step.addTask({ do: 'tell-contacts', from: 1 });
}
