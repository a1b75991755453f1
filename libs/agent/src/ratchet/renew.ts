/** A ratchet begun anew by keys that both sides have sent (agent §7.7): who takes which part follows from the keys alone. */
import { concatBytes } from '@polyplex/base';
import { type PublicKey, sha256 } from '@polyplex/crypto';
import { type E2eParameters, E2E_VERSIONS } from '@polyplex/protocol-agent';
import { initiateRatchet, joinRatchet, type OwnParameters } from './begin.ts';
import type { FreshKeys } from './fresh-keys.ts';
import type { Ratchet } from './state.ts';

/** Names a pair of keys: of one already used there is nothing to be begun. */
export function keysHash(key1: PublicKey<'x448'>, key2: PublicKey<'x448'>): Uint8Array {
  return sha256(concatBytes(key1.raw, key2.raw));
}

export interface Renewed {
  readonly ratchet: Ratchet;
  /** We send first. */
  readonly isJoiner: boolean;
}

/** The side with the smaller hash is the initiator. KEM keys are offered at most, never answered: the first headers go on from there. Throws KEY. */
export function renewRatchet(own: OwnParameters, peer: E2eParameters, { usesKem, fresh }: { readonly usesKem: boolean; readonly fresh: FreshKeys }): Renewed {
  const versions = { current: peer.version, max: E2E_VERSIONS.max };
  const wish = { supported: usesKem, enabled: usesKem };
  const theirs = { ...peer, kem: null };
  const isJoiner = Buffer.compare(keysHash(own.key1.publicKey, own.key2.publicKey), keysHash(peer.key1, peer.key2)) > 0;
  if (!isJoiner) return { isJoiner, ratchet: initiateRatchet(versions, own, { joiner: theirs, wish }) };
  const kem = usesKem && own.kem !== null ? { own: own.kem, accepted: null } : null;
  return { isJoiner, ratchet: joinRatchet(versions, { ...own, kem }, { initiator: theirs, wish, fresh }) };
}
