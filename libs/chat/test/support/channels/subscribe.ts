/** A client on its way into a channel. */
import type { Channel, LookUpResult } from '@polyplex/chat';
import type { LinkOwnerSignature } from '@polyplex/protocol-chat';
import type { ChatClient } from '../chat-client.ts';
import type { ChannelOwner } from './channel-owner.ts';

export type Found = Extract<LookUpResult, { found: true }>;

export async function lookUp(client: ChatClient, link: string, signature?: LinkOwnerSignature): Promise<LookUpResult> {
  await client.change((step) => step.lookUpChannel(link, { about: 'test', ...(signature === undefined ? {} : { signature }) }));
  return (await client.expect('channel-link')).result;
}

export async function found(client: ChatClient, link: string): Promise<Channel> {
  const result = await lookUp(client, link);
  if (!result.found) throw new Error(`no channel: ${result.reason}`);
  return result.channel;
}

/** A subscriber, in the channel by all of its relays. */
export async function joined(client: ChatClient, owner: ChannelOwner, relays = 2): Promise<number> {
  const channel = await found(client, owner.link);
  const { groupId } = await client.change((step) => step.joinChannel(channel));
  await client.expect('group-joined');
  for (let further = 1; further < relays; further++) await client.expect('member-connected');
  await client.expect('owner-announced');
  return groupId;
}
