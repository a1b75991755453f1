/** Messages through the relay as a proxy, to itself: both halves of private routing are its work. */
import { ProxiedRequester } from '@polyplex/client';
import { timed } from '../failure.ts';
import type { Operations } from '../protocol.ts';
import type { SwarmState } from '../state.ts';
import { keysFor } from './contacts.ts';
import { sendOne } from './sending.ts';

export async function proxySend(state: SwarmState, { from, to, bytes }: Operations['proxySend']['request']): Promise<Operations['proxySend']['reply']> {
  const sender = state.user(from);
  const client = sender.client;
  const known = state.proxied.get(from);
  let requester = known?.client === client ? known.requester : null;
  let sessionMs: number | null = null;
  if (requester === null) {
    const made = new ProxiedRequester(client, state.address, { password: state.address.password });
    sessionMs = (await timed('proxy', () => made.session())).ms;
    state.proxied.set(from, { client, requester: (requester = made) });
  }
  const through = { version: (await requester.session()).version, request: requester.request.bind(requester) };
  const sent = await sendOne({ deliveries: state.deliveries, through, keys: keysFor(sender, to), to: state.user(to), bytes });
  return { ...sent, sessionMs };
}
