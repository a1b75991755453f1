/** The tables of the token store, and their keys. Ids are keys as they are; relays are numbers in all keys but one. */
import { concatBytes, copyBytes, utf8 } from '@polyplex/base';
import type { TypeOf } from '@polyplex/codec';
import { sha256 } from '@polyplex/crypto';
import { MAX_ID_BYTES } from '@polyplex/store-common';
import type { Device, TokenRecord } from '@polyplex/store-contract';
import type { RootDatabase } from 'lmdb';
import { Table } from '../tables.ts';
import * as formats from './value-formats.ts';

type Mark = Table<TypeOf<typeof formats.mark>>;

export interface TokenTables {
  readonly root: RootDatabase;
  readonly counts: Table<formats.CountsRow>;
  readonly tokens: Table<formats.TokenRow>;
  /** Which token has a device and key: `deviceKey`. */
  readonly devices: Table<Uint8Array>;
  readonly pushes: Table<formats.PushRow>;
  /** Tokens by the time from which on `takeDue` gives them: `timeKey` of milliseconds and token id. */
  readonly due: Mark;
  readonly notifications: Table<formats.NotificationsRow>;
  /** By `placeOf`. */
  readonly subscriptions: Table<formats.SubscriptionRow>;
  readonly subscriptionIds: Table<Uint8Array>;
  /** Which subscriptions a token has: `ownedKey` with the place. */
  readonly tokenSubscriptions: Mark;
  /** Subscriptions that are NEW, by place. Some may not be any more. */
  readonly newSubscriptions: Mark;
  /** By number. */
  readonly relays: Table<formats.RelayRow>;
  /** By `nameKey`. */
  readonly relayNumbers: Table<number>;
}

const RELAY_BYTES = 4;
const MAX_PLACE_BYTES = RELAY_BYTES + MAX_ID_BYTES;
/** Of a device and of a key in `deviceKey`: two that are alike are found only by trying 2^64. */
const HASH_BYTES = 16;

export function openTokenTables(root: RootDatabase): TokenTables {
  return {
    root,
    counts: new Table(root, 'counts', formats.countsRow),
    tokens: new Table(root, 'tokens', formats.tokenRow),
    devices: new Table(root, 'devices', formats.tokenId),
    pushes: new Table(root, 'pushes', formats.pushRow),
    due: new Table(root, 'due', formats.mark),
    notifications: new Table(root, 'notifications', formats.notificationsRow),
    subscriptions: new Table(root, 'subscriptions', formats.subscriptionRow),
    subscriptionIds: new Table(root, 'subscription-ids', formats.place),
    tokenSubscriptions: new Table(root, 'token-subscriptions', formats.mark, 1 + MAX_ID_BYTES + MAX_PLACE_BYTES),
    newSubscriptions: new Table(root, 'new', formats.mark),
    relays: new Table(root, 'relays', formats.relayRow),
    relayNumbers: new Table(root, 'relay-numbers', formats.relayNumber),
  };
}

export function numberKey(relay: number): Uint8Array {
  const key = new Uint8Array(RELAY_BYTES);
  new DataView(key.buffer).setUint32(0, relay);
  return key;
}

export const nameKey = (relay: string): Uint8Array => sha256(utf8(relay));

/** The key of a subscription: relay and notifier. With an empty notifier id: before all of the relay. */
export const placeOf = (relay: number, notifierId: Uint8Array): Uint8Array => concatBytes(numberKey(relay), notifierId);

export function partsOf(place: Uint8Array): { readonly relay: number; readonly notifierId: Uint8Array } {
  return { relay: new DataView(place.buffer, place.byteOffset).getUint32(0), notifierId: copyBytes(place.subarray(RELAY_BYTES)) };
}

/** Sorts after every place of this relay, and before those of the next. */
export const afterRelay = (relay: number): Uint8Array => concatBytes(numberKey(relay), BEYOND);

/** A place in the list of its token. The length keeps tokens apart whose ids begin alike. */
export const ownedKey = (tokenId: Uint8Array, place: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(tokenId.length), tokenId, place);

const deviceHash = ({ provider, token }: Device): Uint8Array => {
  const name = utf8(provider);
  return sha256(concatBytes(Uint8Array.of(name.length >> 8, name.length & 0xff), name, token)).subarray(0, HASH_BYTES);
};

export function deviceKey(device: Device, authKey: TokenRecord['authKey']): Uint8Array {
  return concatBytes(deviceHash(device), sha256(concatBytes(utf8(authKey.kind), Uint8Array.of(0), authKey.raw)).subarray(0, HASH_BYTES));
}

/** More than any id or hash, and more than a place. */
const BEYOND = new Uint8Array(MAX_ID_BYTES + 1).fill(0xff);
const ROWS_A_READ = 1000;

/** What follows the prefix in all keys that begin with it. */
function suffixesOf(table: Table<unknown>, prefix: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  const end = concatBytes(prefix, BEYOND);
  for (let start = prefix; ;) {
    const rows = table.rows(start, end, ROWS_A_READ);
    for (const { key } of rows) found.push(copyBytes(key.subarray(prefix.length)));
    if (rows.length < ROWS_A_READ) return found;
    start = concatBytes(rows.at(-1)!.key, Uint8Array.of(0));
  }
}

/** The places of all subscriptions of a token. */
export const placesOf = ({ tokenSubscriptions }: TokenTables, tokenId: Uint8Array): Uint8Array[] =>
  suffixesOf(tokenSubscriptions, ownedKey(tokenId, new Uint8Array(0)));

/** The ids of all tokens with a device of this hash. */
export function tokensOfDevice({ devices }: TokenTables, device: Device): Uint8Array[] {
  const prefix = deviceHash(device);
  return suffixesOf(devices, prefix).map((rest) => devices.get(concatBytes(prefix, rest))).filter((id) => id !== null);
}
