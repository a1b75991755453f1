/** Claiming queues and notifiers: the records in Redis decide, and whoever had the place before hears that it ended. */
import { idOfKey } from '@polyplex/base';
import { decodeValue, message } from '@polyplex/store-common';
import type { Claim as QueueClaim, ConnectionId, Message, QueueRef, Stale } from '@polyplex/store-contract';
import { type Engine, ownerOf, post, recordIn, tell, tokenOf } from './engine.ts';
import type { Claim } from './claims.ts';
import { recordOf } from './records.ts';
import { listOf, numberOf, type Reply, textOfReply } from './redis-reply.ts';

/** A stored message in memory of its own; null for none. */
export function messageOf(reply: Reply | undefined): Message | null {
  return reply instanceof Uint8Array && reply.length > 0 ? decodeValue(message, new Uint8Array(reply)) : null;
}

/** A call that makes `by` the holder of something; it leaves nothing behind when `by` is released meanwhile. */
export async function calling<T>(engine: Engine, by: ConnectionId, call: () => Promise<T>): Promise<T> {
  engine.claims.called(by);
  try {
    return await call();
  } finally {
    engine.claims.returned(by);
  }
}

/** Makes `by` the subscriber; to be called in the queue's turn. */
export async function claimQueue(engine: Engine, { recipientId, revision }: QueueRef, by: ConnectionId, withHead: boolean): Promise<QueueClaim> {
  const { redis, keys, claims } = engine;
  const claim = claims.ask('recipient', recipientId, by);
  const reply = await settle(engine, claim, redis.run(
    'subscribe', keys.queueWith(recipientId, 'm'), [String(revision), ownerOf(engine, by), withHead ? '1' : ''],
    // A client that has gone may have come back on another connection: its queues must not be taken from that one.
    () => !claims.isGone(by),
  ));
  if (textOfReply(reply[0]) === 'stale') return staleClaim(engine, claim, reply);
  tell(engine, claims.granted(claim, numberOf(reply[3])));
  tellPrevious(engine, claim, reply[2]);
  return { status: 'ok', queue: recordIn(reply, recipientId), pending: numberOf(reply[4]) > 0, head: messageOf(reply[5]) };
}

/** The reply to a claim; when there is none the claim has failed. */
export async function settle(engine: Engine, claim: Claim | null, reply: Promise<Reply>): Promise<readonly Reply[]> {
  try {
    return listOf(await reply);
  } catch (error) {
    if (claim !== null) tell(engine, engine.claims.failed(claim));
    throw error;
  }
}

/** The claim was not made. */
function staleClaim(engine: Engine, claim: Claim, reply: readonly Reply[]): Stale {
  tell(engine, engine.claims.failed(claim));
  const id = idOfKey(claim.queue);
  return { status: 'stale', queue: recordOf(id, reply[1]) };
}

/** Who had the place on another node hears that it ended. */
export function tellPrevious(engine: Engine, { kind, queue }: Claim, previous: Reply | undefined): void {
  const token = tokenOf(previous);
  if (token === null || token.node === engine.node) return;
  post(engine, token.node, { type: 'L', kind, how: 'ended', id: idOfKey(queue), epoch: token.epoch });
}
