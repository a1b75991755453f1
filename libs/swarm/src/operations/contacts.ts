/** Pairs, groups, and messages within them. */
import { secureBySender } from '@polyplex/client';
import { generateKeyPair } from '@polyplex/crypto';
import { timed, usage } from '../failure.ts';
import type { Operations, Sent } from '../protocol.ts';
import type { SwarmState } from '../state.ts';
import { KEY_KIND, type User } from '../user.ts';
import { sendOne } from './sending.ts';

type Request<O extends keyof Operations> = Operations[O]['request'];
type Reply<O extends keyof Operations> = Promise<Operations[O]['reply']>;

/** At most so many pairs of a group are made at once. */
const PAIRS_AT_ONCE = 8;

/** A queue at `to`, to which `from` alone may send. */
async function link(from: User, to: User): Promise<{ createMs: number; secureMs: number }> {
  const { ms: createMs, queue } = await to.newQueue('M');
  const keys = generateKeyPair(KEY_KIND);
  const { ms: secureMs } = await timed('secure', () => secureBySender(from.client, queue.senderId, keys));
  from.contacts.set(to.name, { senderId: queue.senderId, key: keys.privateKey });
  return { createMs, secureMs };
}

export async function pair(state: SwarmState, { a, b }: Request<'pair'>): Reply<'pair'> {
  const [one, other] = [state.user(a), state.user(b)];
  if (one === other) throw usage('a user is no contact of itself');
  const made = [await link(one, other), await link(other, one)];
  return { createMs: mean(made.map(({ createMs }) => createMs)), secureMs: mean(made.map(({ secureMs }) => secureMs)) };
}

export function send(state: SwarmState, { from, to, bytes }: Request<'send'>): Reply<'send'> {
  const sender = state.user(from);
  return sendOne({ deliveries: state.deliveries, through: sender.client, keys: keysFor(sender, to), to: state.user(to), bytes });
}

export function keysFor(sender: User, to: string) {
  const keys = sender.contacts.get(to);
  if (keys === undefined) throw usage(`${sender.name} has no contact ${to}: pair them first`);
  return keys;
}

export async function group(state: SwarmState, { group: name, members }: Request<'group'>): Reply<'group'> {
  const users = members.map((member) => state.user(member));
  if (new Set(users).size < 2) throw usage('a group has two members or more');
  const missing = users.flatMap((from) => users.filter((to) => to !== from && !from.contacts.has(to.name)).map((to) => [from, to] as const));
  const { ms } = await timed('group', async () => {
    for (let at = 0; at < missing.length; at += PAIRS_AT_ONCE) {
      await Promise.all(missing.slice(at, at + PAIRS_AT_ONCE).map(([from, to]) => link(from, to)));
    }
  });
  state.groups.set(name, members);
  return { queues: missing.length, groupMs: ms };
}

export async function groupSend(state: SwarmState, { group: name, from, bytes }: Request<'groupSend'>): Reply<'groupSend'> {
  const members = state.groups.get(name);
  if (members?.includes(from) !== true) throw usage(`there is no group ${name} with ${from} in it`);
  const others = members.filter((member) => member !== from);
  const sent: Sent[] = await Promise.all(others.map((to) => send(state, { from, to, ...(bytes === undefined ? {} : { bytes }) })));
  const delivered = sent.filter(({ deliveryMs }) => deliveryMs !== null);
  return {
    sends: sent.length,
    deliveries: delivered.length,
    sendMs: slowest(sent.map(({ sendMs }) => sendMs)) ?? 0,
    deliveryMs: slowest(delivered.map(({ deliveryMs }) => deliveryMs!)),
    ackMs: slowest(delivered.map(({ ackMs }) => ackMs!)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function slowest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}
