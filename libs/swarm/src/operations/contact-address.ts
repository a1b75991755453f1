/** A contact address, and strangers who write to it, each without a key, as apps do with a contact request. */
import { sendMessage } from '@polyplex/client';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { SwarmError, timed, usage } from '../failure.ts';
import type { Operations } from '../protocol.ts';
import type { SwarmState } from '../state.ts';
import { STRANGER } from '../swarm-users.ts';

export async function contactAddress(state: SwarmState, { user }: Operations['contactAddress']['request']): Promise<Operations['contactAddress']['reply']> {
  const owner = state.user(user);
  const { ms, queue } = await owner.newQueue('C');
  owner.contactAddress = queue;
  return { createMs: ms };
}

export async function contact(state: SwarmState, { to, count, bytes }: Operations['contact']['request']): Promise<Operations['contact']['reply']> {
  const address = state.user(to).contactAddress;
  if (address === null) throw usage(`${to} has no contact address: contactAddress makes one`);
  const stranger = state.user(STRANGER);
  await stranger.connect();
  const { client } = stranger;
  const most = maxBodyBytes(client.version);
  let refused = 0;
  const one = async (): Promise<void> => {
    const { tag, body } = state.deliveries.body(Math.min(bytes ?? most, most));
    try {
      await timed('contact', () => sendMessage(client, { senderId: address.senderId, key: null }, body));
      state.deliveries.accepted(tag);
    } catch (error) {
      if (!(error instanceof SwarmError) || error.code !== 'QUOTA') throw error;
      refused++;
    } finally {
      state.deliveries.forget(tag);
    }
  };
  const { ms } = await timed('contact', () => Promise.all(Array.from({ length: count }, one)));
  return { accepted: count - refused, refused, contactMs: ms };
}
