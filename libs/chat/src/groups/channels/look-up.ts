/** What is behind a channel's link, and whose it is who has shared it (directory §3.8). The owners are checked by the agent: each is authorised by the root key or an owner before it. */
import { type Agent, AgentError, type OpenedLink } from '@polyplex/agent';
import { concatBytes } from '@polyplex/base';
import { verify } from '@polyplex/crypto';
import { encodeShortLink, formatShortLink, parseShortLink, type ShortLink } from '@polyplex/protocol-agent';
import { bytesOfId, formatMemberKey, type GroupLinkData, idOfBytes, type LinkOwnerSignature, parseChatLinkData, publicGroupOf } from '@polyplex/protocol-chat';
import type { Channel, LookUpFailure, LookUpResult, OwnerVerdict } from '../../channel-link.ts';
import type { LookUpOptions } from '../../chat-step.ts';
import { boundedGroupProfile } from '../../profiles.ts';
import type { Step } from '../../step.ts';
import type { Performer } from '../../tasks/performer.ts';

/** Longer is no link. */
const MAX_LINK_CHARACTERS = 2_000;

export function lookUpChannel(step: Step, link: string, { signature, about }: LookUpOptions): void {
  step.addTask({ do: 'look-up', link: link.slice(0, MAX_LINK_CHARACTERS), signature: signature ?? null, about });
}

export const lookingUp: Performer<'look-up'> = {
  subject: ({ link }) => `look-up/${link}`,
  perform: async (context, { link, signature, about }, { settling }) => {
    const result = await lookUp(context.agent, link, signature);
    if (!context.isClosed()) await settling.change((step) => step.emit({ type: 'channel-link', link, about, result }));
  },
  failed: (step, { link, about }) => step.emit({ type: 'channel-link', link, about, result: { found: false, reason: 'NETWORK' } }),
};

async function lookUp(agent: Agent, text: string, signature: LinkOwnerSignature | null): Promise<LookUpResult> {
  const link = parseShortLink(text);
  if (link === null) return { found: false, reason: 'LINK' };
  // An invitation would be taken by looking at it.
  if (link.kind !== 'c' && link.kind !== 'g') return { found: false, reason: 'NOT_CHANNEL' };
  try {
    const opened = await agent.openShortLink(text);
    const channel = channelOf(text, opened);
    return channel === null ? { found: false, reason: 'NOT_CHANNEL' } : { found: true, channel, owner: verdictOf(opened, link, signature) };
  } catch (error) {
    return { found: false, reason: failureOf(error) };
  }
}

function failureOf(error: unknown): LookUpFailure {
  if (!(error instanceof AgentError)) return 'NETWORK';
  if (error.code === 'NOT_AVAILABLE') return 'AUTH';
  return error.code === 'BLOCKED' ? 'BLOCKED' : 'LINK';
}

/** Null: it is none. What its profile calls itself must be what the link does, so that nobody shows one channel and leads to another. */
export function channelOf(link: string, { userData, entityId, owners, relays }: OpenedLink): Channel | null {
  const data = parseChatLinkData(userData);
  const said = data !== null && 'groupProfile' in data ? publicGroupOf(data.groupProfile) : null;
  if (said === null || entityId === null || idOfBytes(entityId) !== said.publicGroupId) return null;
  const { groupProfile, publicGroupData } = data as GroupLinkData;
  return {
    link, publicGroupId: said.publicGroupId, profile: boundedGroupProfile(groupProfile), memberCount: publicGroupData?.publicMemberCount ?? null,
    owners: owners.map(({ ownerId, key }) => ({ memberId: idOfBytes(ownerId), key: formatMemberKey(key) })),
    relays: relays.filter(({ kind }) => kind === 'r').map((relay) => formatShortLink(relay, 'server')),
  };
}

/** The signed link is the one that was opened: as it stands, or with the whole address of its relay. */
function verdictOf({ rootKey, owners, link: whole }: OpenedLink, link: ShortLink, signature: LinkOwnerSignature | null): OwnerVerdict {
  if (signature === null) return { verdict: 'none' };
  const { ownerId = null, chatBinding, ownerSig } = signature;
  const key = ownerId === null ? rootKey : owners.find((owner) => idOfBytes(owner.ownerId) === ownerId)?.key;
  if (key === undefined) return { verdict: 'unknown-owner' };
  const [binding, bytes] = [bytesOfId(chatBinding), bytesOfId(ownerSig)];
  const isSigned = binding !== null && bytes !== null && [whole, link].some((signed) => verify(key, concatBytes(binding, encodeShortLink(signed)), bytes));
  return isSigned ? { verdict: 'owner', ownerId } : { verdict: 'wrong-signature' };
}
