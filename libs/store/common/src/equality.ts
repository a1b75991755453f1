/** When two parts of records are the same; for public values and identities, not for secrets of clients. */
import { equalBytes } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import type { Notifier } from '@polyplex/store-contract';

export function sameService(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && equalBytes(a, b));
}

/** The same credentials, whichever service they are associated with. */
export function sameNotifier(a: Notifier, b: Notifier): boolean {
  return equalBytes(a.notifierId, b.notifierId) && publicKeysEqual(a.notifierKey, b.notifierKey) && equalBytes(a.dhSecret, b.dhSecret);
}
