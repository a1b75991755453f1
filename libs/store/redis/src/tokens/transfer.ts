/** Whole tokens, for moving stores. */
import { isId, owned, storeError } from '@polyplex/store-common';
import type { SubscriptionRecord, TokenTransfer, WholeToken } from '@polyplex/store-contract';
import type { Argument } from '../connection.ts';
import { bytesOf, listOf, type Reply, textOfReply } from '../redis-reply.ts';
import { announce } from './relay-news.ts';
import { placesOf, type SubscriptionPlace } from './subscription-places.ts';
import { holdersOfDevice, leavePlace, memberOf, onToken, takePlace, type TokenEngine, untilPlaced } from './token-engine.ts';
import { partName, PARTS, placeOf } from './token-keys.ts';
import { encodeKey, encodeNote, encodeRecord, encodeSubscription, readNotes, readState, readSubscription, readToken, writeState } from './token-values.ts';
import { deviceReference, look } from './tokens.ts';

export function createTransfer(engine: TokenEngine): TokenTransfer {
  return {
    wholeTokens: (after, limit) => wholeTokens(engine, after, limit),
    putToken: (whole) => putToken(engine, owned(whole)),
  };
}

/** Where a walk is: a part, the cursor of HSCAN there, and the last id that was answered of that step. */
interface Place {
  readonly part: number;
  readonly cursor: string;
  readonly after: string;
}

function placeIn(text: string): Place {
  const [, part, cursor, after] = /^(\d{2}):(\d{1,20}):([A-Za-z0-9_-]*)$/.exec(text) ?? [];
  if (part === undefined || cursor === undefined || Number(part) >= PARTS) throw storeError('FAILED', undefined, 'not a cursor of this store');
  return { part: Number(part), cursor, after: after ?? '' };
}

/** One step of a scan: what it finds above the page is found again from the same cursor. */
export async function wholeTokens(engine: TokenEngine, from: string | null, limit: number): ReturnType<TokenTransfer['wholeTokens']> {
  const { redis, keys } = engine;
  const { part, cursor, after } = placeIn(from ?? '00:0:');
  const key = keys.of(part, 'states');
  const [next, found] = listOf(await redis.read(key, ['HSCAN', key, cursor, 'COUNT', String(limit)]));
  const ids = listOf(found).filter((_, i) => i % 2 === 0).map((id) => Buffer.from(bytesOf(id) ?? []).toString('base64url'));
  const left = ids.filter((id) => id > after).toSorted();
  const page = left.slice(0, limit);
  const tokens = (await Promise.all(page.map((id) => readWhole(engine, new Uint8Array(Buffer.from(id, 'base64url')))))).filter((each) => each !== null);
  return { tokens, next: left.length > page.length ? `${partName(part)}:${cursor}:${page.at(-1)!}` : behind(part, textOfReply(next)) };
}

function behind(part: number, cursor: string): string | null {
  if (cursor !== '0') return `${partName(part)}:${cursor}:`;
  return part + 1 < PARTS ? `${partName(part + 1)}:0:` : null;
}

async function readWhole(engine: TokenEngine, tokenId: Uint8Array): Promise<WholeToken | null> {
  const [record, state, subscriptions, notes] = listOf(await onToken(engine, 'token-whole', tokenId));
  const token = readToken(tokenId, record, state);
  if (token === null) return null;
  return {
    token, subscriptions: listOf(subscriptions).map((each: Reply) => readSubscription(each)).filter((each) => each !== null),
    notifications: readNotes(notes), due: readState(state).due,
  };
}

type Put = Awaited<ReturnType<TokenTransfer['putToken']>>;

async function putToken(engine: TokenEngine, whole: WholeToken): Promise<Put> {
  const { token, subscriptions } = whole;
  if (!isId(token.tokenId)) return 'collision';
  if (!subscriptions.every((each) => isId(each.subscriptionId) && isId(each.notifierId))) return unlessThere(engine, whole);
  const answer = await untilPlaced(() => tryToPut(engine, whole));
  if (answer === 'written') await tellOfNew(engine, whole);
  return answer;
}

/** What cannot be written may be there, without what is wrong with it. */
async function unlessThere(engine: TokenEngine, { token }: WholeToken): Promise<Put> {
  const there = (await look(engine, token.tokenId)).token;
  return there !== null && placeOf(there.device, encodeKey(there.authKey)) === placeOf(token.device, encodeKey(token.authKey)) ? 'exists' : 'collision';
}

/** All places first; null when one was fenced off. */
async function tryToPut(engine: TokenEngine, whole: WholeToken): Promise<Put | null> {
  const { token, subscriptions } = whole;
  const place = placeOf(token.device, encodeKey(token.authKey));
  const member = memberOf(token.tokenId, place);
  const { token: there, fence } = await look(engine, token.tokenId, member);
  if (there !== null) return unlessThere(engine, whole);
  const places = [
    { reference: deviceReference(place), value: Buffer.from(token.tokenId), holders: holdersOfDevice(engine, place) },
    ...subscriptions.flatMap((each) => Object.values<SubscriptionPlace>(placesOf(engine, each))),
  ];
  const holders = await Promise.all(places.map((each) => takePlace(engine, each.reference, each.value, each.holders)));
  const isTaken = holders.some((holder) => holder !== null);
  const answer = isTaken ? 'collision' : textOfReply(await onToken(engine, 'token-put', token.tokenId, putArgs(whole, { place, member, fence })));
  if (answer === 'written' || answer === 'exists') return answer;
  const taken = places.filter((_, i) => holders[i] === null);
  await Promise.all(taken.map((each) => leavePlace(engine, each.reference, each.value, each.holders)));
  return answer === 'fenced' ? null : 'collision';
}

function putArgs(whole: WholeToken, { place, member, fence }: { readonly place: string; readonly member: Buffer; readonly fence: string }): Argument[] {
  const { token, subscriptions, notifications } = whole;
  const notes = notifications.flatMap((note) => {
    const of = subscriptions.find(({ relay, notifierId }) => relay === note.relay && Buffer.from(notifierId).equals(note.notifierId));
    return of === undefined ? [] : [encodeNote(of.subscriptionId, note)];
  });
  return [
    encodeRecord(token), writeState(whole, place), place, member, fence, Buffer.concat(notes),
    ...subscriptions.flatMap((each) => [Buffer.from(each.subscriptionId), encodeSubscription(each), each.relay]),
  ];
}

async function tellOfNew(engine: TokenEngine, { token, subscriptions }: WholeToken): Promise<void> {
  const relays = new Set(subscriptions.filter(({ status }) => status === 'NEW').map(({ relay }: SubscriptionRecord) => relay));
  const part = engine.keys.partOf(token.tokenId);
  await Promise.all([...relays].map((relay) => announce(engine, relay, [part])));
  engine.tellDue();
}
