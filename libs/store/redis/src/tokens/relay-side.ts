/** Subscriptions as the proxy keeps them at relays, and which node has which relay (NTF §4). */
import { textOf } from '@polyplex/base';
import { owned, storeError } from '@polyplex/store-common';
import type { RelayRecord, RelaySide, SubscriptionChange, SubscriptionPage, SubscriptionRecord } from '@polyplex/store-contract';
import type { Argument } from '../connection.ts';
import { bytesOf, listOf, numberOf, type Reply, textOfReply } from '../redis-reply.ts';
import { announce } from './relay-news.ts';
import { namedNotifier, readNotifierValue } from './subscription-places.ts';
import { type TokenEngine, whole } from './token-engine.ts';
import { partName, PARTS, relayId } from './token-keys.ts';
import { bufferOf, readSubscription, statusBytes } from './token-values.ts';

/** Subscriptions that one script changes or reads: it holds up its shard for some milliseconds. */
const AT_ONCE = 500;
/** Claims that one script makes or renews. */
const CLAIMS_AT_ONCE = 1000;

const ALL_PARTS = Array.from({ length: PARTS }, (_, part) => part);

/** What a node takes for its own: texts of relays by id. */
type Mine = Map<string, string>;

export function createRelaySide(engine: TokenEngine, mine: Mine): Omit<RelaySide, 'onNew'> {
  return {
    claimRelays: (limit, leaseMs) => claimRelays(engine, mine, limit, leaseMs),
    renewRelays: (leaseMs) => renewRelays(engine, mine, leaseMs),
    releaseRelays: (relays) => release(engine, mine, relays.map(idTextOf)),
    share: () => share(engine),
    takeNew: (relay, limit) => takeNew(engine, relay, limit),
    subscriptionsToMake: (relay, after, limit) => subscriptionsToMake(engine, relay, after, limit),
    changeSubscriptions: (relay, changes) => changeSubscriptions(engine, relay, owned(changes)),
    async disconnected(relay) {
      await Promise.all(ALL_PARTS.map(async (part) => {
        let after: Buffer | null = Buffer.alloc(0);
        while (after !== null) after = afterIn(await onPart(engine, 'token-disconnect', part, [relayId(relay), after, String(AT_ONCE)]));
      }));
    },
    setRelayService: (relay, serviceId) => setRelayService(engine, relay, serviceId === null ? null : bufferOf(serviceId)),
    async relay(relay) {
      return (await recordsOf(engine, [relay]))[0]!;
    },
    relays: () => allRelays(engine),
  };
}

function idTextOf(relay: string): string {
  return relayId(relay).toString('latin1');
}

function onPart({ redis, keys }: TokenEngine, script: string, part: number, args: readonly Argument[]): Promise<Reply> {
  return redis.run(script, keys.part(part), args);
}

function afterIn(reply: Reply): Buffer | null {
  return reply instanceof Buffer && reply.length > 0 ? Buffer.from(reply) : null;
}

const idOf = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');

/** Ids of relays with subscriptions to make: as latin1. */
async function openRelays({ redis, keys }: TokenEngine): Promise<string[]> {
  const found = await Promise.all(ALL_PARTS.map((part) => redis.read(keys.of(part, 'open'), ['HKEYS', keys.of(part, 'open')])));
  return [...new Set(found.flatMap((ids) => listOf(ids).map(textOfReply)))];
}

async function claimRelays(engine: TokenEngine, mine: Mine, limit: number, leaseMs: number): Promise<RelayRecord[]> {
  const wanted = await openRelays(engine);
  // Not the same first ones on every node.
  const from = Math.floor(Math.random() * wanted.length);
  const inTurn = [...wanted.slice(from), ...wanted.slice(0, from)];
  const got: string[] = [];
  let at = 0;
  do {
    const some = inTurn.slice(at, (at += CLAIMS_AT_ONCE)).map(idOf);
    const args = [engine.node, String(Math.max(0, limit - got.length)), whole(leaseMs), ...some];
    got.push(...listOf(await engine.redis.run('token-relay-claim', engine.keys.relays, args)).map(textOfReply));
  } while (at < inTurn.length && got.length < limit);
  const texts = await textsOf(engine, got);
  for (const [i, id] of got.entries()) mine.set(id, texts[i]!);
  return (await recordsOf(engine, texts)).filter((record) => record !== null);
}

/** Texts of relays that parts know. */
async function textsOf({ redis, keys }: TokenEngine, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const texts = new Map<string, string>();
  await Promise.all(ALL_PARTS.map(async (part) => {
    const found = listOf(await redis.read(keys.of(part, 'names'), ['HMGET', keys.of(part, 'names'), ...ids.map(idOf)]));
    for (const [i, text] of found.entries()) if (text instanceof Buffer) texts.set(ids[i]!, text.toString());
  }));
  return ids.map((id) => {
    const text = texts.get(id);
    if (text === undefined) throw storeError('DAMAGED');
    return text;
  });
}

async function renewRelays({ redis, keys, node }: TokenEngine, mine: Mine, leaseMs: number): Promise<string[]> {
  const ids = [...mine.keys()];
  const lost: string[] = [];
  let at = 0;
  do {
    const some = ids.slice(at, (at += CLAIMS_AT_ONCE)).map(idOf);
    lost.push(...listOf(await redis.run('token-relay-renew', keys.relays, [node, whole(leaseMs), ...some])).map(textOfReply));
  } while (at < ids.length);
  return lost.flatMap((id) => {
    const text = mine.get(id);
    mine.delete(id);
    return text ?? [];
  });
}

/** The node is no more, and has no relay. */
export function leave(engine: TokenEngine, mine: Mine): Promise<void> {
  return release(engine, mine, [...mine.keys()], true);
}

async function release({ redis, keys, node }: TokenEngine, mine: Mine, ids: readonly string[], leaves = false): Promise<void> {
  for (const id of ids) mine.delete(id);
  let at = 0;
  do {
    const some = ids.slice(at, (at += CLAIMS_AT_ONCE)).map(idOf);
    await redis.run('token-relay-release', keys.relays, [node, leaves ? '1' : '0', ...some]);
  } while (at < ids.length);
}

async function share(engine: TokenEngine): ReturnType<RelaySide['share']> {
  const [told, wanted] = await Promise.all([engine.redis.run('token-relay-share', engine.keys.relays, [engine.node]), openRelays(engine)]);
  const [others, claimed] = listOf(told).map(numberOf);
  return { nodes: (others ?? 0) + 1, claimed: claimed ?? 0, relays: wanted.length };
}

/** What was told of a relay is forgotten first: what comes while parts are asked is told again. */
async function takeNew(engine: TokenEngine, relay: string, limit: number): Promise<SubscriptionRecord[]> {
  const { redis, keys } = engine;
  const parts = listOf(await redis.run('token-relay-news', keys.relays, [relayId(relay)])).map((part) => Number(textOfReply(part)));
  const taken: SubscriptionRecord[] = [];
  let left = parts;
  try {
    while (left.length > 0 && taken.length < limit) {
      const part = left[0]!;
      const most = Math.min(AT_ONCE, limit - taken.length);
      const found = listOf(await onPart(engine, 'token-take-new', part, [relayId(relay), String(most)])).map(readSubscription);
      taken.push(...found.filter((each) => each !== null));
      if (found.length < most) left = left.slice(1);
    }
  } catch (error) {
    // What was taken is answered: nobody else would have it before the next walk.
    if (taken.length === 0) {
      await announce(engine, relay, left).catch(() => undefined);
      throw error;
    }
  }
  if (left.length > 0) await announce(engine, relay, left).catch(() => undefined);
  return taken;
}

/** A cursor is a part and the last id there. */
async function subscriptionsToMake(engine: TokenEngine, relay: string, cursor: string | null, limit: number): Promise<SubscriptionPage> {
  const [, digits, text] = /^(\d{2}):([A-Za-z0-9_-]*)$/.exec(cursor ?? '00:') ?? [];
  let part = Number(digits);
  if (digits === undefined || part >= PARTS) throw storeError('FAILED', undefined, 'not a cursor of this store');
  let after = Buffer.from(text ?? '', 'base64url');
  const subscriptions: SubscriptionRecord[] = [];
  while (part < PARTS && subscriptions.length < limit) {
    const most = Math.min(AT_ONCE, limit - subscriptions.length);
    const found = listOf(await onPart(engine, 'token-walk', part, [relayId(relay), after, String(most)])).map((each) => readSubscription(each)!);
    subscriptions.push(...found);
    if (found.length === most) {
      after = Buffer.from(found.at(-1)!.subscriptionId);
    } else {
      part++;
      after = Buffer.alloc(0);
    }
  }
  return { subscriptions, next: part < PARTS ? `${partName(part)}:${after.toString('base64url')}` : null };
}

async function changeSubscriptions(engine: TokenEngine, relay: string, changes: readonly SubscriptionChange[]): Promise<number> {
  const holders = await Promise.all(changes.map(({ notifierId }) => namedNotifier(engine, relay, notifierId)));
  const argsOf = new Map<number, Argument[]>();
  for (const [i, { notifierId, status, inService }] of changes.entries()) {
    const holder = holders[i];
    if (holder === undefined || holder === null) continue;
    const { tokenId, subscriptionId } = readNotifierValue(holder);
    const part = engine.keys.partOf(tokenId);
    const args = argsOf.get(part) ?? [];
    args.push(subscriptionId, bufferOf(notifierId), bufferOf(statusBytes(status)), inService === undefined ? '' : String(Number(inService)));
    argsOf.set(part, args);
  }
  let there = 0;
  const withNew: number[] = [];
  await Promise.all([...argsOf].map(async ([part, args]) => {
    for (let at = 0; at < args.length; at += 4 * AT_ONCE) {
      const reply = await onPart(engine, 'token-change', part, [relayId(relay), ...args.slice(at, at + 4 * AT_ONCE)]);
      const [found = 0, isNew] = listOf(reply).map(numberOf);
      there += found;
      if (isNew === 1) withNew.push(part);
    }
  }));
  if (withNew.length > 0) await announce(engine, relay, withNew);
  return there;
}

async function setRelayService(engine: TokenEngine, relay: string, serviceId: Buffer | null): Promise<void> {
  const { redis, keys } = engine;
  await redis.run('token-relay-service', keys.relays, [relayId(relay), relay, serviceId === null ? '' : Buffer.from(serviceId)]);
  if (serviceId !== null) return;
  await Promise.all(ALL_PARTS.map(async (part) => {
    let changed = AT_ONCE;
    while (changed === AT_ONCE) changed = numberOf(await onPart(engine, 'token-unserve', part, [relayId(relay), String(AT_ONCE)]));
  }));
}

/** Null for one that is not known. */
async function recordsOf({ redis, keys }: TokenEngine, relays: readonly string[]): Promise<(RelayRecord | null)[]> {
  if (relays.length === 0) return [];
  const ids = relays.map(relayId);
  const read = async (key: string): Promise<readonly Reply[]> => listOf(await redis.read(key, ['HMGET', key, ...ids]));
  const [texts, services, ...parts] = await Promise.all([
    read(keys.ofRelays('texts')), read(keys.ofRelays('services')),
    ...ALL_PARTS.map((part) => Promise.all([read(keys.of(part, 'names')), read(keys.of(part, 'open')), read(keys.of(part, 'serving'))])),
  ]);
  const sum = (which: 1 | 2, i: number): number => parts.reduce((all, part) => all + numberOf(part[which][i]), 0);
  return relays.map((relay, i) => {
    const isKnown = texts[i] !== null || parts.some(([names]) => names[i] !== null);
    return isKnown ? { relay, serviceId: bytesOf(services[i]), subscriptions: sum(1, i), inService: sum(2, i) } : null;
  });
}

async function allRelays(engine: TokenEngine): Promise<RelayRecord[]> {
  const { redis, keys } = engine;
  const hashes = [keys.ofRelays('texts'), ...ALL_PARTS.map((part) => keys.of(part, 'names'))];
  const found = await Promise.all(hashes.map((key) => redis.read(key, ['HVALS', key])));
  const relays = [...new Set(found.flatMap((texts) => listOf(texts).map((text) => textOf(bytesOf(text) ?? new Uint8Array(0)) ?? '')))];
  const records: RelayRecord[] = [];
  for (let at = 0; at < relays.length; at += CLAIMS_AT_ONCE) {
    records.push(...(await recordsOf(engine, relays.slice(at, at + CLAIMS_AT_ONCE))).filter((record) => record !== null));
  }
  return records;
}
