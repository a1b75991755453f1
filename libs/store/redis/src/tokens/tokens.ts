/** Tokens: TNEW, TVFY, TRPL, TCRN, TDEL (NTF §2.4). */
import { copyBytes } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import { isId, owned } from '@polyplex/store-common';
import type { Device, NewToken, Removed, SubscriptionRecord, TokenRecord, Tokens } from '@polyplex/store-contract';
import { bytesOf, listOf, numberOf, textOfReply } from '../redis-reply.ts';
import { freeSubscriptions } from './subscription-places.ts';
import {
  free, holdersOfDevice, leavePlace, memberOf, named, onToken, type Reference, takePlace, type TokenEngine, untilPlaced, whole,
} from './token-engine.ts';
import { deviceIn, deviceText, placeOf } from './token-keys.ts';
import { encodeKey, encodeRecord, readSubscription, readToken } from './token-values.ts';

const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;
const NONE: Removed = { tokens: 0, subscriptions: 0 };

export function createTokens(engine: TokenEngine): Tokens {
  const afterwards = async <T>(step: Promise<T>): Promise<T> => {
    const answer = await step;
    engine.tellDue();
    return answer;
  };
  return {
    createToken: (token, now) => afterwards(createToken(engine, owned(token), now)),
    async findToken(tokenId) {
      return isId(tokenId) ? (await look(engine, tokenId)).token : null;
    },
    findTokenOf: (device, authKey) => findTokenOf(engine, owned(device), owned(authKey)),
    async touchToken(tokenId, day) {
      if (isId(tokenId)) await onToken(engine, 'token-touch', tokenId, [whole(day)]);
    },
    async registerAgain(given, now) {
      if (!isId(given)) return null;
      const tokenId = copyBytes(given);
      const [record, state] = listOf(await afterwards(onToken(engine, 'token-register', tokenId, [whole(now)])));
      return readToken(tokenId, record, state);
    },
    activate: ({ tokenId, revision }, now) => (isId(tokenId) ? afterwards(activate(engine, { tokenId: copyBytes(tokenId), revision }, now)) : Promise.resolve('stale')),
    replaceDevice: (tokenId, change, now) => (isId(tokenId) ? afterwards(replaceDevice(engine, copyBytes(tokenId), { ...owned(change), now })) : Promise.resolve('gone')),
    async setCron(tokenId, minutes, now) {
      return isId(tokenId) && numberOf(await onToken(engine, 'token-cron', tokenId, [whole(minutes), whole(now)])) === 1;
    },
    async removeToken(tokenId) {
      return isId(tokenId) ? removeToken(engine, copyBytes(tokenId)) : null;
    },
  };
}

/** A token as it is, and the fence of the place that it is about to take. */
export async function look(engine: TokenEngine, tokenId: Uint8Array, member: Uint8Array | string = ''): Promise<{ readonly token: TokenRecord | null; readonly fence: string }> {
  const own = copyBytes(tokenId);
  const [record, state, fence] = listOf(await onToken(engine, 'token-look', own, [typeof member === 'string' ? member : Buffer.from(member)]));
  return { token: readToken(own, record, state), fence: textOfReply(fence) };
}

/** The reference of a device with a key. */
export function deviceReference(place: string): Reference {
  return { kind: 'd', field: place };
}

async function findTokenOf(engine: TokenEngine, device: Device, authKey: TokenRecord['authKey']): Promise<TokenRecord | null> {
  const place = placeOf(device, encodeKey(authKey));
  const tokenId = await named(engine, deviceReference(place));
  // As many steps for none as for one.
  const { token } = await look(engine, tokenId ?? encodeKey(authKey));
  return token !== null && placeOf(token.device, encodeKey(token.authKey)) === place && publicKeysEqual(token.authKey, authKey) ? token : null;
}

function leaveDevice(engine: TokenEngine, tokenId: Uint8Array, place: string): Promise<void> {
  return leavePlace(engine, deviceReference(place), Buffer.from(tokenId), holdersOfDevice(engine, place));
}

async function createToken(engine: TokenEngine, token: NewToken, now: number): ReturnType<Tokens['createToken']> {
  const { tokenId, device, authKey } = token;
  const place = placeOf(device, encodeKey(authKey));
  const member = memberOf(tokenId, place);
  const day = Math.floor(now / DAY_MS) * DAY_SECONDS;
  return untilPlaced(async () => {
    const [found, { fence }] = await Promise.all([findTokenOf(engine, device, authKey), look(engine, tokenId, member)]);
    if (found !== null) return { status: 'exists' as const, token: found };
    if (!isId(tokenId)) return { status: 'collision' as const };
    const holder = await takePlace(engine, deviceReference(place), Buffer.from(tokenId), holdersOfDevice(engine, place));
    if (holder !== null) {
      const { token: there } = await look(engine, holder);
      return there && { status: 'exists' as const, token: there };
    }
    const reply = listOf(await onToken(engine, 'token-create', tokenId, [encodeRecord(token), place, String(day), whole(now), member, fence]));
    const status = textOfReply(reply[0]);
    if (status === 'fenced') return null;
    if (status === 'collision') {
      await leaveDevice(engine, tokenId, place);
      return { status };
    }
    return { status: status as 'created' | 'exists', token: readToken(tokenId, reply[1], reply[2])! };
  });
}

/**
 * Each activation first has a turn among those of its device, and then removes tokens that were not activated in a later
 * one: of several at once the last stays, or an earlier one that removed it before it was activated.
 */
async function activate(engine: TokenEngine, { tokenId, revision }: Pick<TokenRecord, 'tokenId' | 'revision'>, now: number): Promise<Removed | 'stale'> {
  const { token } = await look(engine, tokenId);
  if (token?.revision !== revision) return 'stale';
  const { redis, keys } = engine;
  const device = deviceText(token.device);
  const turn = textOfReply(await redis.run('token-turn', [keys.bucketOf('d', device)], [device]));
  const place = textOfReply(await onToken(engine, 'token-activate', tokenId, [String(revision), whole(now), turn]));
  const others = place === '' ? [] : (await tokensOfDevice(engine, place)).filter(([, id]) => !id.equals(tokenId));
  const removed = await Promise.all(others.map(([otherPlace, id]) => removeToken(engine, id, { place: otherPlace, turn })));
  await free(engine, deviceReference(device), Buffer.from(turn));
  if (place === '') return 'stale';
  // Others were there, and were not ours to remove: one of them was activated in a later turn, and has perhaps removed this one.
  const isBeaten = others.length > 0 && removed.every((each) => each === null) && (await look(engine, tokenId)).token === null;
  if (isBeaten) return 'stale';
  return removed.reduce<Removed>((sum, each) => ({ tokens: sum.tokens + (each?.tokens ?? 0), subscriptions: sum.subscriptions + (each?.subscriptions ?? 0) }), NONE);
}

/** Places and token ids of all keys with the device of a place, as far as references tell. */
async function tokensOfDevice({ redis, keys }: TokenEngine, place: string): Promise<[place: string, tokenId: Buffer][]> {
  const bucket = keys.bucketOf('d', place);
  const fields = listOf(await redis.read(bucket, ['HGETALL', bucket]));
  const found: [string, Buffer][] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const field = textOfReply(fields[i]);
    if (field.length > deviceIn(place).length && deviceIn(field) === deviceIn(place)) found.push([field, Buffer.from(bytesOf(fields[i + 1]) ?? [])]);
  }
  return found;
}

async function replaceDevice(
  engine: TokenEngine, tokenId: Uint8Array, { device, code, now }: { readonly device: Device; readonly code: Uint8Array; readonly now: number },
): ReturnType<Tokens['replaceDevice']> {
  return untilPlaced(async () => {
    const present = (await look(engine, tokenId)).token;
    if (present === null) return 'gone';
    const place = placeOf(device, encodeKey(present.authKey));
    const member = memberOf(tokenId, place);
    const { fence } = await look(engine, tokenId, member);
    const holder = await takePlace(engine, deviceReference(place), Buffer.from(tokenId), holdersOfDevice(engine, place));
    if (holder !== null) return 'taken';
    const record = encodeRecord({ ...present, device, code });
    const reply = listOf(await onToken(engine, 'token-replace', tokenId, [record, place, whole(now), member, fence]));
    const status = textOfReply(reply[0]);
    if (status === 'fenced') return null;
    const before = status === 'gone' ? place : textOfReply(reply[1]);
    if (status === 'gone' || before !== place) await leaveDevice(engine, tokenId, before);
    return status === 'gone' ? status : readToken(tokenId, record, reply[2])!;
  });
}

/** `as`: only if it has that place, and was not activated in a later turn; '' for any. */
async function removeToken(engine: TokenEngine, tokenId: Uint8Array, as = { place: '', turn: '' }): Promise<Removed | null> {
  const [device, subscriptions] = listOf(await onToken(engine, 'token-remove', tokenId, [as.place, as.turn]));
  if (device === undefined) return null;
  const removed = listOf(subscriptions).map(readSubscription).filter((each): each is SubscriptionRecord => each !== null);
  await Promise.all([leaveDevice(engine, tokenId, textOfReply(device)), freeSubscriptions(engine, removed)]);
  return { tokens: 1, subscriptions: removed.length };
}
