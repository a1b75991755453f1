/** What all steps share, and how a step's words reach the connections of this node and of others. */
import { type Clock, copyBytes, idKey, idOfKey } from '@polyplex/base';
import { asStoreError, isId } from '@polyplex/store-common';
import { type ConnectionId, type Item, type QueueRecord, type QueueRef, type Stale, StoreError, type StoreListener } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { Claim, Claims, Kind, Lost, Telling } from './claims.ts';
import type { Counters } from './counters.ts';
import type { Keys } from './keys.ts';
import type { Posts } from './posts.ts';
import { recordOf } from './records.ts';
import type { Redis } from './redis.ts';
import { listOf, type Reply, textOfReply } from './redis-reply.ts';
import type { Registry } from './registry.ts';
import type { Room } from './room.ts';
import type { Sessions } from './sessions.ts';
import type { Turns } from './turns.ts';

export interface Engine {
  readonly redis: Redis;
  readonly keys: Keys;
  /** This process's name among the nodes, new at each start. */
  readonly node: string;
  readonly turns: Turns;
  readonly claims: Claims;
  readonly sessions: Sessions;
  readonly posts: Posts;
  readonly registry: Registry;
  readonly counters: Counters;
  readonly room: Room;
  readonly log: Logger;
  readonly clock: Clock;
  listener: StoreListener;
}

/** A token in a record: which claim holds a place. */
export interface Token {
  readonly node: string;
  readonly epoch: number;
}

/** `node:connection` of a connection of this node. */
export function ownerOf(engine: Engine, connection: ConnectionId): string {
  return `${engine.node}:${String(connection)}`;
}

/** `node:connection:epoch`; null where nobody holds the place. */
export function tokenOf(reply: Reply | undefined): Token | null {
  const [node, connection, epoch] = textOfReply(reply).split(':');
  return node === undefined || node === '' || connection === undefined || epoch === undefined ? null : { node, epoch: Number(epoch) };
}

/** One step on a queue, in its turn. */
export function onQueue<T>(engine: Engine, recipientId: Uint8Array, step: (recipientId: Uint8Array) => Promise<T>): Promise<T> {
  const id = copyBytes(recipientId);
  return engine.turns.run(idKey(id), () => step(id));
}

/** A step that a script makes of a queue in the state that authorised it; `read` gets the script's reply. */
export function stepOn<T>(
  engine: Engine, ref: QueueRef, run: (recipientId: Uint8Array, revision: string) => Promise<Reply>,
  read: (reply: readonly Reply[], recipientId: Uint8Array) => T | Promise<T>,
): Promise<T | Stale> {
  const revision = String(ref.revision);
  if (!isId(ref.recipientId)) return Promise.resolve({ status: 'stale', queue: null });
  return onQueue(engine, ref.recipientId, async (recipientId) => {
    const reply = listOf(await run(recipientId, revision));
    if (textOfReply(reply[0]) === 'stale') return { status: 'stale', queue: recordOf(recipientId, reply[1]) };
    return read(reply, recipientId);
  });
}

/** The record in a reply that has one. */
export function recordIn(reply: readonly Reply[], recipientId: Uint8Array): QueueRecord {
  return recordOf(recipientId, reply[1])!;
}

/** Each step of a list by itself: one that fails is answered by its error. Rejects when Redis is closed. */
export async function each<I, T>(items: readonly I[], step: (item: I) => Promise<T>): Promise<readonly Item<T>[]> {
  const results = await Promise.allSettled(items.map((item) => step(item)));
  const answers = results.map((result): Item<T> => (result.status === 'fulfilled' ? result.value : asStoreError(result.reason)));
  const [first] = answers;
  // Nothing of it could be tried.
  if (first instanceof StoreError && first.code === 'UNAVAILABLE' && answers.every((answer) => answer instanceof StoreError)) throw first;
  return answers;
}

/** Tells connections of this node about their claims. */
export function tell(engine: Engine, tellings: readonly Telling[], except: ConnectionId | null = null): void {
  for (const { event, claim } of tellings) if (claim.connection !== except) tellOne(engine, event, claim);
}

function tellOne({ listener }: Engine, event: Telling['event'], { kind, queue, notifier, connection }: Claim): void {
  const recipientId = idOfKey(queue);
  if (kind === 'recipient') {
    if (event === 'wake') listener.wake(recipientId, connection);
    else listener[event]('recipient', recipientId, connection);
  } else if (notifier !== null) {
    const notifierId = idOfKey(notifier);
    if (event === 'wake') listener.wakeNotifier({ recipientId, notifierId }, connection);
    else listener[event]('notifier', notifierId, connection);
  }
}

/** A place was lost by whoever the token names, and by whoever thinks to hold it here; they hear it, except `by`. */
export function tellLost(engine: Engine, kind: Kind, recipientId: Uint8Array, lost: { readonly token: Token | null; readonly how: Lost; readonly by: ConnectionId | null }): void {
  const { token, how, by } = lost;
  const claim = engine.claims.drop(kind, recipientId);
  if (claim !== null) tell(engine, [{ event: how, claim }], by);
  if (token === null || token.node === engine.node) return;
  post(engine, token.node, { type: 'L', kind, how, id: copyBytes(recipientId), epoch: token.epoch });
}

/** Posts to a node unless it is known to be gone. */
export function post(engine: Engine, node: string, word: Parameters<Posts['post']>[1]): void {
  if (engine.registry.mayLive(node)) engine.posts.post(node, word);
}
