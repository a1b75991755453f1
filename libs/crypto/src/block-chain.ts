/**
 * Keys of block encryption (SMP §3.6): two chains made from the session id and the session secret, each advanced once
 * per block. The step is HKDF-SHA512 with an empty salt, a 32-byte key and 88 bytes of output, run for every block both
 * ways; node's HKDF costs more than encrypting the block. The native provider has the whole step (`wasm/`); elsewhere it is spelled
 * out here as its six SHA-512 calls over prepared buffers (a twin of both by `hkdfSha512` stands in test/). Old chain keys must
 * not be found again: the buffers are wiped after each step. Nothing here waits, so one set of buffers serves the whole process.
 */
import { utf8 } from '@polyplex/base';
import { cryptoProvider } from './active-provider.ts';
import type { BoxKey } from './box.ts';
import type { CryptoProvider } from './provider.ts';

const HASH_BYTES = 64;
/** SHA-512 works on blocks of this length, which HMAC fills with the key. */
const HMAC_BLOCK_BYTES = 128;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
const CHAIN_KEY_BYTES = 32;
const INIT_INFO = utf8('SimpleXSbChainInit');
const STEP_INFO = utf8('SimpleXSbChain');

export interface ChainStep {
  /** The chain key for the next step; 32 bytes. */
  readonly chainKey: Uint8Array;
  readonly boxKey: BoxKey;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
}

/** The two chain keys of a session: the server sends with the first and receives with the second. */
export function initialChainKeys(sessionId: Uint8Array, secret: Uint8Array): { first: Uint8Array; second: Uint8Array } {
  const keys = cryptoProvider.hkdfSha512(sessionId, secret, INIT_INFO, 2 * CHAIN_KEY_BYTES);
  return { first: keys.slice(0, CHAIN_KEY_BYTES), second: keys.slice(CHAIN_KEY_BYTES) };
}

/** One step of a chain: a function of the 32-byte chain key alone. The caller drops the old key. */
export const advanceChain: (chainKey: Uint8Array) => ChainStep = chainSteps(cryptoProvider);

/** The step function over a given provider. */
export function chainSteps(provider: CryptoProvider): (chainKey: Uint8Array) => ChainStep {
  const { chainStep } = provider;
  return chainStep === undefined ? stepsOfHashes(provider) : (chainStep as (chainKey: Uint8Array) => ChainStep);
}

/** The same of any provider. */
export function stepsOfHashes(provider: CryptoProvider): (chainKey: Uint8Array) => ChainStep {
  // Each buffer is the whole input of one SHA-512: a padded HMAC key and what follows it.
  const extractInner = padded(INNER_PAD, CHAIN_KEY_BYTES); // the key is the empty salt, so the pads stay as they are
  const extractOuter = padded(OUTER_PAD, HASH_BYTES);
  const firstInner = padded(INNER_PAD, STEP_INFO.length + 1); // info ‖ 01
  const secondInner = padded(INNER_PAD, HASH_BYTES + STEP_INFO.length + 1); // T(1) ‖ info ‖ 02
  const expandOuter = padded(OUTER_PAD, HASH_BYTES);
  const hash = new Uint8Array(HASH_BYTES);
  const okm = new Uint8Array(2 * HASH_BYTES); // T(1) ‖ T(2)
  const first = okm.subarray(0, HASH_BYTES);
  const second = okm.subarray(HASH_BYTES);
  const boxSecret = okm.subarray(CHAIN_KEY_BYTES, 2 * CHAIN_KEY_BYTES);
  firstInner.set([...STEP_INFO, 1], HMAC_BLOCK_BYTES);
  secondInner.set([...STEP_INFO, 2], HMAC_BLOCK_BYTES + HASH_BYTES);

  function finish(out: Uint8Array, outer: Uint8Array, inner: Uint8Array): void {
    provider.sha512Into(hash, inner);
    outer.set(hash, HMAC_BLOCK_BYTES);
    provider.sha512Into(out, outer);
  }

  function wipe(): void {
    extractInner.fill(0, HMAC_BLOCK_BYTES);
    extractOuter.fill(0, HMAC_BLOCK_BYTES);
    firstInner.fill(0, 0, HASH_BYTES);
    secondInner.fill(0, 0, HASH_BYTES);
    secondInner.fill(0, HMAC_BLOCK_BYTES, HMAC_BLOCK_BYTES + HASH_BYTES);
    expandOuter.fill(0, 0, HASH_BYTES);
    expandOuter.fill(0, HMAC_BLOCK_BYTES);
    hash.fill(0);
    okm.fill(0);
  }

  return (chainKey) => {
    extractInner.set(chainKey, HMAC_BLOCK_BYTES);
    finish(hash, extractOuter, extractInner);
    for (let i = 0; i < HASH_BYTES; i++) {
      const byte = hash[i]!;
      const inner = byte ^ INNER_PAD;
      firstInner[i] = inner;
      secondInner[i] = inner;
      expandOuter[i] = byte ^ OUTER_PAD;
    }
    finish(first, expandOuter, firstInner);
    secondInner.set(first, HMAC_BLOCK_BYTES);
    finish(second, expandOuter, secondInner);
    const step = { chainKey: okm.slice(0, 32), boxKey: provider.hsalsa20(boxSecret) as BoxKey, nonce: okm.slice(64, 88) };
    wipe();
    return step;
  };
}

function padded(pad: number, room: number): Uint8Array {
  const buffer = new Uint8Array(HMAC_BLOCK_BYTES + room);
  buffer.fill(pad, 0, HMAC_BLOCK_BYTES);
  return buffer;
}
