/** Key derivation of the ratchet (agent §5.1, §5.2). */
import { concatBytes, EMPTY_BYTES, utf8 } from '@polyplex/base';
import { agree, hkdfSha512, type PrivateKey, type PublicKey } from '@polyplex/crypto';
import { RatchetError } from './ratchet-error.ts';
import type { MessageKey } from './state.ts';

const X3DH_SALT = new Uint8Array(64);
const X3DH = utf8('SimpleXX3DH');
const ROOT = utf8('SimpleXRootRatchet');
const CHAIN = utf8('SimpleXChainRatchet');
const BYTES = 96;

/** The agreement of two X448 keys; throws KEY for a point of low order. */
export function agreement(own: PrivateKey<'x448'>, peer: PublicKey<'x448'>): Uint8Array {
  const secret = agree(own, peer);
  if (secret === null) throw new RatchetError('KEY', 'a ratchet key is a point of low order');
  return secret;
}

function thirds(bytes: Uint8Array): readonly [Uint8Array, Uint8Array, Uint8Array] {
  return [bytes.slice(0, 32), bytes.slice(32, 64), bytes.slice(64, 96)];
}

export interface FirstKeys {
  readonly headerKey: Uint8Array;
  readonly nextHeaderKey: Uint8Array;
  readonly rootKey: Uint8Array;
}

export function firstKeys(agreements: readonly Uint8Array[], kemSecret: Uint8Array | null): FirstKeys {
  const ikm = concatBytes(...agreements, kemSecret ?? EMPTY_BYTES);
  const [headerKey, nextHeaderKey, rootKey] = thirds(hkdfSha512(X3DH_SALT, ikm, X3DH, BYTES));
  return { headerKey, nextHeaderKey, rootKey };
}

export interface RootStep {
  readonly rootKey: Uint8Array;
  readonly chainKey: Uint8Array;
  readonly nextHeaderKey: Uint8Array;
}

export function rootStep(rootKey: Uint8Array, secret: Uint8Array, kemSecret: Uint8Array | null): RootStep {
  const [next, chainKey, nextHeaderKey] = thirds(hkdfSha512(rootKey, concatBytes(secret, kemSecret ?? EMPTY_BYTES), ROOT, BYTES));
  return { rootKey: next, chainKey, nextHeaderKey };
}

export interface ChainStep extends MessageKey {
  readonly chainKey: Uint8Array;
  readonly headerIv: Uint8Array;
}

export function chainStep(chainKey: Uint8Array): ChainStep {
  const derived = hkdfSha512(EMPTY_BYTES, chainKey, CHAIN, BYTES);
  return { chainKey: derived.slice(0, 32), key: derived.slice(32, 64), iv: derived.slice(64, 80), headerIv: derived.slice(80, 96) };
}
