/** The optimised chain step against its obvious twin, for both providers. */
import { utf8 } from '@polyplex/base';
import { advanceChain, boxKeyOf, hkdfSha512, nativeProvider, portableProvider, randomBytes } from '@polyplex/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChainStep, chainSteps, stepsOfHashes } from '../src/block-chain.ts';
import { CHAIN_KEY, chainModule, RESULT, RESULT_BYTES } from '../src/wasm/chain-module.ts';

/** SMP §3.6 as it is written there. */
function plainStep(chainKey: Uint8Array): ChainStep {
  const out = hkdfSha512(new Uint8Array(0), chainKey, utf8('SimpleXSbChain'), 88);
  return { chainKey: out.slice(0, 32), boxKey: boxKeyOf(out.slice(32, 64)), nonce: out.slice(64, 88) };
}

const chainKeys = fc.uint8Array({ minLength: 32, maxLength: 32 });

test.each([nativeProvider(), portableProvider])('$name steps are those of HKDF', (provider) => {
  const step = chainSteps(provider);
  fc.assert(fc.property(chainKeys, (chainKey) => {
    expect(step(chainKey)).toEqual(plainStep(chainKey));
  }));
});

test('native steps made of hashes are the same', () => {
  const step = stepsOfHashes(nativeProvider());
  fc.assert(fc.property(chainKeys, (chainKey) => {
    expect(step(chainKey)).toEqual(plainStep(chainKey));
  }));
});

test('nothing of a step stays in the memory of its code', () => {
  const { memory, step } = chainModule()!;
  const before = memory.slice();
  memory.fill(0xa7, CHAIN_KEY, CHAIN_KEY + 32);
  step();
  memory.fill(0, RESULT, RESULT + RESULT_BYTES);
  expect(memory).toEqual(before);
});

test('a long chain, with a second one in between, stays true', () => {
  let fast = randomBytes(32);
  let plain = fast;
  let other = randomBytes(32);
  for (let i = 0; i < 300; i++) {
    const step = advanceChain(fast);
    const expected = plainStep(plain);
    other = advanceChain(other).chainKey;
    expect(step).toEqual(expected);
    fast = step.chainKey;
    plain = expected.chainKey;
  }
});

test('a step leaves its argument and the results of earlier steps alone', () => {
  const chainKey = randomBytes(32);
  const kept = chainKey.slice();
  const step = advanceChain(chainKey);
  const copy = { chainKey: step.chainKey.slice(), boxKey: step.boxKey.slice(), nonce: step.nonce.slice() };
  advanceChain(step.chainKey);
  expect(chainKey).toEqual(kept);
  expect(step).toEqual(copy);
});
