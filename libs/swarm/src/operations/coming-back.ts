/** A user that comes back: connection, subscriptions, and all that waited. */
import { SECOND } from '@polyplex/base';
import { SwarmError } from '../failure.ts';
import type { Operations } from '../protocol.ts';
import type { SwarmState } from '../state.ts';
import type { User } from '../user.ts';

/** Nothing more is taken to wait when nothing has come for so long. */
const QUIET_MS = 300;
const LOOK_MS = 20;
const SETTLE_AT_ONCE = 16;
/** Beyond this the rest counts as lost: many times what draining takes. */
const SETTLE_MS = 60 * SECOND;

export async function settle(state: SwarmState): Promise<Operations['settle']['reply']> {
  const started = performance.now();
  const users = [...state.users()];
  for (let at = 0; at < users.length; at += SETTLE_AT_ONCE) {
    await Promise.allSettled(users.slice(at, at + SETTLE_AT_ONCE).map((user) => user.turn(() => comeBack(state, user))));
  }
  while (state.deliveries.owed > 0 && performance.now() - started < SETTLE_MS) await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  return { users: users.length, owed: state.deliveries.owed, settleMs: performance.now() - started };
}

export function resubscribe(state: SwarmState, { user: name }: Operations['resubscribe']['request']): Promise<Operations['resubscribe']['reply']> {
  const user = state.user(name);
  return user.turn(() => comeBack(state, user));
}

async function comeBack(state: SwarmState, user: User): Promise<Operations['resubscribe']['reply']> {
  user.received = 0;
  const connectMs = user.online ? null : await user.connect();
  const subscribeMs = await user.subscribeQueues();
  const started = performance.now();
  let [seen, changedAt] = [user.received, started];
  while (performance.now() - changedAt < QUIET_MS) {
    if (!user.online) throw new SwarmError('NETWORK', 'drain');
    if (performance.now() - started > Math.max(state.timeoutMs, 10 * SECOND)) throw new SwarmError('TIMEOUT', 'drain');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (user.received === seen) continue;
    seen = user.received;
    changedAt = performance.now();
  }
  return { connectMs, subscribeMs, queues: user.queueCount, received: seen, drainMs: changedAt - started };
}
