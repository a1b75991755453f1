/**
 * What the steps of the TokenStore on Redis share, and the references: a device with a key, a notifier at a relay and a
 * subscription id name their token from slots of their own. One is made before what it names and freed after it, so one
 * may name nothing when a process died between. Whoever wants its place then first fences it off where it would be
 * written (`token-fence`): a step that is under way since before the fence is refused there and begins again, and so no
 * two things ever have one place.
 */
import { copyBytes } from '@polyplex/base';
import { asStoreError, storeError } from '@polyplex/store-common';
import { type Item, StoreError } from '@polyplex/store-contract';
import type { Argument } from '../connection.ts';
import type { Redis } from '../redis.ts';
import { numberOf, type Reply } from '../redis-reply.ts';
import type { ReferenceKind, TokenKeys } from './token-keys.ts';
import { bufferOf } from './token-values.ts';

export interface TokenEngine {
  readonly redis: Redis;
  readonly keys: TokenKeys;
  /** This process's name among the nodes, new at each start. */
  readonly node: string;
  /** Something may be due that is nobody's: tells this node and the others. */
  readonly tellDue: () => void;
  /** A relay may have NEW subscriptions: tells whoever has it. Never rejects. */
  readonly tellNew: (relay: string, holder: string) => void;
}

/** How often a step that found itself fenced off begins again. */
const MOST_TRIES = 8;
/** How often, and after which pauses, the one that has taken a place is looked at before it is fenced off. */
const PATIENCE = 6;
const PAUSE_MS = 25;

/** A script on the part of a token; its first argument is the token's id. */
export function onToken({ redis, keys }: TokenEngine, script: string, tokenId: Uint8Array, args: readonly Argument[] = []): Promise<Reply> {
  return redis.run(script, keys.token(tokenId), [argument(tokenId), ...args]);
}

/** A copy: steps may wait while the caller's memory changes. */
export function argument(bytes: Uint8Array): Buffer {
  return bufferOf(copyBytes(bytes));
}

/** A time in milliseconds or a count, as scripts take it. */
export function whole(value: number): string {
  return String(Math.floor(value));
}

export interface Reference {
  readonly kind: ReferenceKind;
  readonly field: Buffer | string;
}

/** What a reference names; null for nothing. */
export async function named({ redis, keys }: TokenEngine, { kind, field }: Reference): Promise<Buffer | null> {
  const bucket = keys.bucketOf(kind, field);
  return valueIn(await redis.read(bucket, ['HGET', bucket, field]));
}

/** Makes it name a value, unless it names another than that or `expected`; what it names instead, null when it was made. */
async function refer({ redis, keys }: TokenEngine, { kind, field }: Reference, value: Buffer, expected: Buffer | null): Promise<Buffer | null> {
  return valueIn(await redis.run('token-refer', [keys.bucketOf(kind, field)], [field, value, expected ?? '']));
}

/** Whether nobody had it, and it names `value` now. */
export async function takeIfFree(engine: TokenEngine, reference: Reference, value: Buffer): Promise<boolean> {
  return (await named(engine, reference)) === null && (await refer(engine, reference, value, null)) === null;
}

/** Never rejects: one that stays behind names nothing, and is swept. */
export async function free({ redis, keys }: TokenEngine, { kind, field }: Reference, value: Uint8Array): Promise<void> {
  await redis.run('token-free', [keys.bucketOf(kind, field)], [field, argument(value)]).catch(() => undefined);
}

function valueIn(reply: Reply): Buffer | null {
  return reply instanceof Buffer && reply.length > 0 ? Buffer.from(reply) : null;
}

/** Who may have a place: what a reference names. */
export interface Holders {
  has(value: Buffer): Promise<boolean>;
  /** The same; one that has it not will not get it by a step that is under way. */
  fence(value: Buffer): Promise<boolean>;
}

/** Takes a place: null when it names `value` now, else what has it. */
export async function takePlace(engine: TokenEngine, place: Reference, value: Buffer, holders: Holders): Promise<Buffer | null> {
  let expected: Buffer | null = null;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const holder: Buffer | null = await refer(engine, place, value, expected);
    if (holder === null || (await comesToHave(holders, holder)) || (await holders.fence(holder))) return holder;
    expected = holder;
  }
  throw busy();
}

/** One that took the place just now is given the time to write what it is for. */
async function comesToHave(holders: Holders, holder: Buffer): Promise<boolean> {
  for (let tries = 0; tries < PATIENCE; tries++) {
    if (await holders.has(holder)) return true;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (1 + Math.random()))); // not all at once
  }
  return false;
}

/** Frees a place, unless it is had again. */
export async function leavePlace(engine: TokenEngine, place: Reference, value: Buffer, holders: Holders): Promise<void> {
  const has = await holders.fence(value).catch(() => true);
  if (!has) await free(engine, place, value);
}

/** Makes a step again while it answers null: it was fenced off. */
export async function untilPlaced<T>(step: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const answer = await step();
    if (answer !== null) return answer;
  }
  throw busy();
}

function busy(): StoreError {
  return storeError('UNAVAILABLE', undefined, 'others want the same place');
}

/** Who has the place of a device with a key. */
export function holdersOfDevice(engine: TokenEngine, place: string): Holders {
  return {
    has: async (tokenId) => numberOf(await onToken(engine, 'token-has', tokenId, [place])) === 1,
    fence: async (tokenId) => numberOf(await onToken(engine, 'token-fence', tokenId, [place, memberOf(tokenId, place)])) === 1,
  };
}

/** Names a place of a token among the fences. */
export function memberOf(tokenId: Uint8Array, place: Uint8Array | string): Buffer {
  return Buffer.concat([typeof place === 'string' ? Buffer.from(place) : place, Buffer.from(' '), tokenId]);
}

/** Each of a list by itself: one that fails is answered by its error. Rejects when nothing could be tried. */
export function itemsOf<T>(results: readonly PromiseSettledResult<T>[]): readonly Item<T>[] {
  const items = results.map((result): Item<T> => (result.status === 'fulfilled' ? result.value : asStoreError(result.reason)));
  const [first] = items;
  if (first instanceof StoreError && first.code === 'UNAVAILABLE' && items.every((item) => item instanceof StoreError)) throw first;
  return items;
}
