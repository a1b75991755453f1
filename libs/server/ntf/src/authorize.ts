/**
 * Authorisation of commands: always by the key of a token (NTF §1.6). Existence must not be observable: a command on a token
 * or subscription that is not there is looked up as often as one that is, and takes the time of a verification.
 */
import type { PublicKey } from '@polyplex/crypto';
import { authorizedView } from '@polyplex/protocol-common';
import type { Session } from '@polyplex/server-core';
import type { TokenStatus } from '@polyplex/store-contract';
import type { Incoming } from './incoming.ts';

/** Whether the key authorises the command; false without a key, in the same time. */
export function isAuthorized({ connection, verifier }: Session, incoming: Incoming, key: PublicKey | null): boolean {
  const { auth, corrId, signed } = incoming;
  // A view that the next call overwrites: it is verified at once.
  return verifier.verify(key === null ? [] : [key], { auth, corrId, authorized: authorizedView(connection.sessionId, signed, null) });
}

/** TVFY (NTF §2.3). */
export function allowsVerification(status: TokenStatus): boolean {
  return status === 'REGISTERED' || status === 'CONFIRMED' || status === 'ACTIVE';
}

/** SNEW, SCHK and SDEL (NTF §2.3). */
export function allowsSubscriptions(status: TokenStatus): boolean {
  return status === 'ACTIVE' || status === 'EXPIRED' || status.startsWith('INVALID');
}
