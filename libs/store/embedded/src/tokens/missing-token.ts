/**
 * A lookup that finds nothing takes the time of one that finds a token or subscription, so that the time does not tell which
 * ids exist (as `missing-queue.ts`). The row read in its place is of the usual kind.
 */
import { randomBytes } from '@polyplex/crypto';
import { decodeValue, encodeValue } from '@polyplex/store-common';
import { subscriptionRecordOf, tokenRecordOf } from './engine.ts';
import { placeOf } from './tables.ts';
import { relayRow, subscriptionRow, tokenRow } from './value-formats.ts';

const key = <K extends string>(kind: K) => ({ kind, raw: randomBytes(32) });
const usualToken = encodeValue(tokenRow, {
  device: { provider: 'apns_prod', token: randomBytes(64) }, authKey: key('ed25519'), dhKeys: { publicKey: key('x25519'), privateKey: key('x25519') },
  dhSecret: randomBytes(32), code: randomBytes(32), status: 'ACTIVE', cronMinutes: 20, cronSentAt: 0, usedOn: 0, revision: 0,
});
const usualSubscription = encodeValue(subscriptionRow, {
  subscriptionId: randomBytes(24), tokenId: randomBytes(24), notifierKey: randomBytes(48), status: 'ACTIVE', inService: false, epoch: 0,
});
const none = { NEW: 0, PENDING: 0, ACTIVE: 0, INACTIVE: 0 };
const usualRelay = encodeValue(relayRow, {
  relay: `smp://${'a'.repeat(44)}@relay.example.com`, serviceId: null, epoch: 0, serviceEpoch: 0, direct: none, service: none,
});
const usualPlace = placeOf(0, randomBytes(24));

export function missToken(): null {
  tokenRecordOf(Uint8Array.from(usualPlace), decodeValue(tokenRow, usualToken.slice()));
  return null;
}

export function missSubscription(): null {
  subscriptionRecordOf(usualPlace, decodeValue(subscriptionRow, usualSubscription.slice()), decodeValue(relayRow, usualRelay.slice()));
  return null;
}
