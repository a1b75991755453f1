import { CodedError } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import { chooseProvider } from './active-provider.ts';
import { nativeProvider } from './native-provider.ts';
import { portableProvider } from './portable-provider.ts';
import type { CryptoProvider } from './provider.ts';
import { selfCheck } from './self-check.ts';

test('both providers pass the known answers', () => {
  expect(selfCheck(nativeProvider())).toBeNull();
  expect(selfCheck(portableProvider)).toBeNull();
});

describe('the choice', () => {
  test('is native where it works', () => {
    const { provider, fallbackReason } = chooseProvider(nativeProvider);
    expect(provider.name).toBe('native');
    expect(fallbackReason).toBeNull();
  });

  test('is portable when the binary is missing, and says why', () => {
    const { provider, fallbackReason } = chooseProvider(() => {
      throw new CodedError('NATIVE_UNAVAILABLE', 'sodium-native cannot be loaded: no binary');
    });
    expect(provider).toBe(portableProvider);
    expect(fallbackReason).toBe('sodium-native cannot be loaded: no binary');
  });

  const broken: readonly [string, Partial<CryptoProvider>][] = [
    ['secretbox', { secretboxSeal: (out) => void out.fill(0) }],
    ['secretbox', { secretboxOpen: () => true }],
    ['box stream', { salsa20Xor: (out, input, at) => nativeProvider().salsa20Xor(out, input, { ...at, block: 0 }) }],
    ['box stream', { poly1305: () => ({ update: () => undefined, digest: () => new Uint8Array(16) }) }],
    ['box stream', { hsalsa20Of: (key) => nativeProvider().hsalsa20(key) }],
    ['sha256', { hasher: () => nativeProvider().hasher('sha512') }],
    ['x25519 of low order', { x25519: (a, b) => nativeProvider().x25519(a, b) ?? new Uint8Array(32) }],
    ['ed25519', { ed25519Verify: () => true }],
    ['ed448', { ed448Verify: () => { throw new CodedError('TEST', 'no Ed448 here'); } }],
    ['hkdf', { hkdfSha512: (_salt, _ikm, _info, length) => new Uint8Array(length) }],
    ['random', { randomBytes: (length) => new Uint8Array(length) }],
  ];
  test.each(broken)('is portable when %s is wrong', (name, parts) => {
    const { provider, fallbackReason } = chooseProvider(() => ({ ...nativeProvider(), ...parts }));
    expect(provider).toBe(portableProvider);
    expect(fallbackReason).toBe(`the native provider fails its self-check: ${name}`);
  });
});
