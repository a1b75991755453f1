/** The values of the token store's tables, as codecs; each opens with the format version (`@polyplex/store-common`). Times are milliseconds where nothing else is said. */
import { textOf, utf8 } from '@polyplex/base';
import {
  bool, byte, bytes, type Codec, codec, DecodeError, fields, large, list, mapped, maybe, nothing, shortString, type TypeOf, word16, word32,
} from '@polyplex/codec';
import type { PublicKey } from '@polyplex/crypto';
import { publicKey, storeError, word48 } from '@polyplex/store-common';
import type { SubscriptionStatus, TokenRecord, TokenStatus } from '@polyplex/store-contract';

/** In the order of their numbers in the rows. */
export const TOKEN_STATUSES = [
  'NEW', 'REGISTERED', 'CONFIRMED', 'ACTIVE', 'EXPIRED', 'INVALID', 'INVALID,BAD', 'INVALID,TOPIC', 'INVALID,EXPIRED', 'INVALID,UNREGISTERED',
] as const satisfies readonly TokenStatus[];

/** Those that are subscribed at start (NTF §2.5) come first; the last one has a text behind it. */
export const SUBSCRIPTION_STATUSES = ['NEW', 'PENDING', 'ACTIVE', 'INACTIVE', 'END', 'DELETED', 'AUTH', 'SERVICE', 'ERR'] as const;
export const TO_MAKE = 4;
const ERR = SUBSCRIPTION_STATUSES.indexOf('ERR');

/** The number of a status; every `ERR …` has the same. */
export function statusNumber(status: SubscriptionStatus): number {
  const found = SUBSCRIPTION_STATUSES.indexOf(status as (typeof SUBSCRIPTION_STATUSES)[number]);
  return found >= 0 ? found : ERR;
}

const text = (bytesOf: Codec<Uint8Array>): Codec<string> => mapped(bytesOf, (wire) => {
  const read = textOf(wire);
  if (read === null) throw new DecodeError('not text');
  return read;
}, utf8);

const tokenStatus: Codec<TokenStatus> = mapped(byte, (number) => {
  const status = TOKEN_STATUSES[number];
  if (status === undefined) throw new DecodeError('unknown token status');
  return status;
}, (status) => TOKEN_STATUSES.indexOf(status));

const errText = text(shortString);

const subscriptionStatus: Codec<SubscriptionStatus> = codec(
  (r) => {
    const number = r.byte();
    const status = number === ERR ? errText.read(r) : SUBSCRIPTION_STATUSES[number];
    if (status === undefined) throw new DecodeError('unknown subscription status');
    return status as SubscriptionStatus;
  },
  (w, status) => {
    const number = statusNumber(status);
    if (number === ERR && !status.startsWith('ERR ')) throw storeError('FAILED', undefined, 'not the status of a subscription');
    w.byte(number);
    if (number === ERR) errText.write(w, status);
  },
);

const AUTH_KINDS: readonly string[] = ['ed25519', 'ed448', 'x25519'] satisfies TokenRecord['authKey']['kind'][];
const authKey: Codec<TokenRecord['authKey']> = mapped(publicKey, (key) => {
  if (!AUTH_KINDS.includes(key.kind)) throw new DecodeError('not a key of a token');
  return key as TokenRecord['authKey'];
}, (key): PublicKey => key);

const dhKey = mapped(bytes(32), (raw) => ({ kind: 'x25519' as const, raw }), ({ raw }) => raw);

/** A token, its id apart (NTF §6.1). `cronSentAt` and `usedOn` are seconds. */
export const tokenRow = fields({
  device: fields({ provider: text(large), token: large }),
  authKey,
  dhKeys: fields({ publicKey: dhKey, privateKey: dhKey }),
  dhSecret: shortString,
  code: shortString,
  status: tokenStatus,
  cronMinutes: word16,
  cronSentAt: maybe(word48),
  usedOn: word48,
  revision: word48,
});
export type TokenRow = TypeOf<typeof tokenRow>;

const due = { verification: maybe(word48), messages: maybe(word48), check: maybe(word48) } as const;

/**
 * What is due to a token, since when (a check: from when on), and the job under way with what it has; `retryAt` holds all of it
 * back. A token with nothing of it has no row.
 */
export const pushRow = fields({
  due: fields(due), job: maybe(fields({ ...due, lease: bytes(12), until: word48 })), retryAt: maybe(word48), attempts: word16,
});
export type PushRow = TypeOf<typeof pushRow>;

/** The newest notifications of a token, the newest last. Relays are numbers of `relays`. */
export const notificationsRow = list(fields({ relay: word32, notifierId: shortString, nonce: shortString, meta: large, receivedAt: word48 }));
export type NotificationsRow = TypeOf<typeof notificationsRow>;

/**
 * A subscription; its key says where. What a relay's connection or service made of many at once is not written to each:
 * `epoch` is that of the relay when this was written (`relay-rows.ts`).
 */
export const subscriptionRow = fields({
  subscriptionId: shortString, tokenId: shortString, notifierKey: shortString, status: subscriptionStatus, inService: bool, epoch: word32,
});
export type SubscriptionRow = TypeOf<typeof subscriptionRow>;

/** Numbers of subscriptions to make, by status. */
const toMake = fields({ NEW: word32, PENDING: word32, ACTIVE: word32, INACTIVE: word32 });

/** `epoch` grows when the connection is lost, `serviceEpoch` when the service is. */
export const relayRow = fields({
  relay: text(large), serviceId: maybe(shortString), epoch: word32, serviceEpoch: word32, direct: toMake, service: toMake,
});
export type RelayRow = TypeOf<typeof relayRow>;

/** A subscription's place: the key of its row. */
export const place = large;
export const relayNumber = word32;
export const tokenId = shortString;
/** The row of an index: its key says all. */
export const mark = nothing;

/** By the order of `TOKEN_STATUSES` and `SUBSCRIPTION_STATUSES`; `relays`: numbers given so far. */
export const countsRow = fields({
  tokens: list(word48), subscriptions: list(word48), notifications: word48, due: word48, relays: word32,
});
export type CountsRow = TypeOf<typeof countsRow>;
