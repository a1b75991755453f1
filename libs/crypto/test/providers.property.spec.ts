/**
 * The native and the portable provider give the same results, on good input and on bad. They may differ in one case
 * only, which is not drawn here: a signature that the key's own owner crafted with a small-order component in it.
 */
import { concatBytes, equalBytes } from '@polyplex/base';
import { type CryptoProvider, KEY_BYTES, nativeProvider, portableProvider } from '@polyplex/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex, toHex } from './hex.ts';

const native = nativeProvider();
const both: readonly CryptoProvider[] = [native, portableProvider];
const sized = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const content = fc.uint8Array({ maxLength: 300 });
const key = sized(32);
const nonce = sized(24);

function same<T>(compute: (provider: CryptoProvider) => T): T {
  const result = compute(native);
  expect(compute(portableProvider)).toEqual(result);
  return result;
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[(bit >> 3) % copy.length]! ^= 1 << (bit & 7);
  return copy;
}

function seal(provider: CryptoProvider, plain: Uint8Array, n: Uint8Array, k: Uint8Array): Uint8Array {
  const out = new Uint8Array(plain.length + 16);
  provider.secretboxSeal(out, plain, n, k);
  return out;
}

function open(provider: CryptoProvider, box: Uint8Array, n: Uint8Array, k: Uint8Array): Uint8Array | false {
  const out = new Uint8Array(box.length - 16);
  return provider.secretboxOpen(out, box, n, k) && out;
}

test('HSalsa20', () => {
  fc.assert(fc.property(key, (k) => void same((p) => p.hsalsa20(k))));
});

test('AES-256-GCM seals alike, opens what was sealed, and nothing that was changed', () => {
  fc.assert(fc.property(content, sized(16), key, content, fc.nat(), (text, iv, k, associated, bit) => {
    const keys = { key: k, iv, associated };
    const sealed = same((p) => {
      const { body, tag } = p.aes256GcmSeal(keys, text);
      return { body: Uint8Array.from(body), tag: Uint8Array.from(tag) };
    });
    expect(same((p) => p.aes256GcmOpen(keys, sealed))).toEqual(text);
    expect(same((p) => p.aes256GcmOpen(keys, { ...sealed, tag: flipped(sealed.tag, bit) }))).toBeNull();
    expect(same((p) => p.aes256GcmOpen({ ...keys, associated: concatBytes(associated, iv) }, sealed))).toBeNull();
    if (text.length > 0) expect(same((p) => p.aes256GcmOpen(keys, { ...sealed, body: flipped(sealed.body, bit) }))).toBeNull();
  }));
});

describe('secretbox', () => {
  test('seals alike, and each opens what the other sealed', () => {
    fc.assert(fc.property(content, nonce, key, (plain, n, k) => {
      const box = same((p) => seal(p, plain, n, k));
      expect(same((p) => open(p, box, n, k))).toEqual(plain);
    }));
  });

  test('refuses a box with any bit changed, and leaves the output alone', () => {
    fc.assert(fc.property(content, nonce, key, fc.nat(), (plain, n, k, bit) => {
      const box = flipped(seal(native, plain, n, k), bit);
      const out = same((p) => {
        const target = new Uint8Array(plain.length).fill(7);
        expect(p.secretboxOpen(target, box, n, k)).toBe(false);
        return target;
      });
      expect(out).toEqual(new Uint8Array(plain.length).fill(7));
    }));
  });

  describe('of padded content', () => {
    const SIZE = 16_368;
    // Around what is opened at once, and lengths that no content has.
    const length = fc.oneof(fc.nat(600), fc.integer({ min: SIZE - 40, max: SIZE - 2 }), fc.integer({ min: SIZE - 1, max: 0xffff }));
    const blocks = fc.tuple(length, key, nonce).map(([bytes, k, n]) => {
      const plain = Uint8Array.from({ length: SIZE }, (_, i) => (i * 37) & 0xff);
      plain.set([bytes >> 8, bytes & 0xff]);
      return { bytes: Math.min(2 + bytes, SIZE), plain, k, n };
    });

    test('opens what there is of it, apart and in place', () => {
      fc.assert(fc.property(blocks, ({ bytes, plain, k, n }) => {
        const box = seal(portableProvider, plain, n, k);
        const out = new Uint8Array(SIZE);
        expect(native.secretboxOpenPadded!(out, box, n, k)).toBe(true);
        expect(equalBytes(out.subarray(0, bytes), plain.subarray(0, bytes))).toBe(true);
        expect(native.secretboxOpenPadded!(box.subarray(16), box, n, k)).toBe(true);
        expect(equalBytes(box.subarray(16, 16 + bytes), plain.subarray(0, bytes))).toBe(true);
      }), { numRuns: 50 });
    });

    test('refuses a box with any bit changed, in its padding too, and leaves the output alone', () => {
      fc.assert(fc.property(blocks, fc.nat(), ({ plain, k, n }, bit) => {
        const box = flipped(seal(native, plain, n, k), bit);
        const out = new Uint8Array(SIZE).fill(7);
        expect(native.secretboxOpenPadded!(out, box, n, k)).toBe(false);
        expect(equalBytes(out, new Uint8Array(SIZE).fill(7))).toBe(true);
      }), { numRuns: 50 });
    });

    test('of any size', () => {
      fc.assert(fc.property(fc.oneof(content, fc.uint8Array({ minLength: 470, maxLength: 490 })), nonce, key, (plain, n, k) => {
        const out = new Uint8Array(plain.length);
        expect(native.secretboxOpenPadded!(out, seal(portableProvider, plain, n, k), n, k)).toBe(true);
        const told = plain.length < 2 ? 0 : Math.min(plain.length, 2 + ((plain[0]! << 8) | plain[1]!));
        expect(out.subarray(0, told)).toEqual(plain.subarray(0, told));
      }));
    });
  });

  test('in place is the same as apart', () => {
    fc.assert(fc.property(content, nonce, key, (plain, n, k) => {
      const apart = seal(native, plain, n, k);
      same((p) => {
        const block = concatBytes(new Uint8Array(16), plain);
        p.secretboxSeal(block, block.subarray(16), n, k);
        expect(block).toEqual(apart);
        expect(p.secretboxOpen(block.subarray(16), block, n, k)).toBe(true);
        return block.subarray(16);
      });
    }));
  });
});

describe.each(['x25519', 'x448'] as const)('%s', (kind) => {
  const raw = sized(KEY_BYTES[kind]);

  test('public keys and secrets, for any bytes as keys', () => {
    fc.assert(fc.property(raw, raw, raw, (mine, yours, anything) => {
      const [minePublic, yoursPublic] = same((p) => [p[`${kind}Public`](mine), p[`${kind}Public`](yours)] as const);
      const secret = same((p) => p[kind](mine, yoursPublic));
      expect(native[kind](yours, minePublic)).toEqual(secret);
      same((p) => p[kind](mine, anything));
    }), { numRuns: 40 });
  });
});

/** Points of low order on curve25519: 0, 1, the two of order 8, -1, and p and p + 1 for 0 and 1. */
const lowOrder25519 = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
];
const lowOrder448 = [
  '00'.repeat(56),
  `01${'00'.repeat(55)}`,
  `fe${'ff'.repeat(27)}fe${'ff'.repeat(27)}`,
  `ff${'ff'.repeat(27)}fe${'ff'.repeat(27)}`,
  `00${'00'.repeat(27)}ff${'ff'.repeat(27)}`,
];

describe('points of low order give no secret', () => {
  test.each(lowOrder25519)('x25519 %s, with and without the unused top bit', (point) => {
    const withTopBit = hex(point);
    withTopBit[31]! |= 0x80;
    for (const provider of both) {
      expect(provider.x25519(new Uint8Array(32).fill(9), hex(point))).toBeNull();
      expect(provider.x25519(new Uint8Array(32).fill(9), withTopBit)).toBeNull();
    }
  });

  test.each(lowOrder448)('x448 %s', (point) => {
    for (const provider of both) expect(provider.x448(new Uint8Array(56).fill(9), hex(point))).toBeNull();
  });
});

describe.each(['ed25519', 'ed448'] as const)('%s', (kind) => {
  const seeds = sized(KEY_BYTES[kind]);

  test('keys and signatures, true ones, damaged ones and noise', () => {
    fc.assert(fc.property(seeds, content, fc.nat(), (seed, message, bit) => {
      const publicKey = same((p) => p[`${kind}Public`](seed));
      const signature = same((p) => p[`${kind}Sign`](seed, message));
      expect(same((p) => p[`${kind}Verify`](publicKey, message, signature))).toBe(true);
      expect(same((p) => p[`${kind}Verify`](publicKey, message, flipped(signature, bit)))).toBe(false);
      expect(same((p) => p[`${kind}Verify`](publicKey, concatBytes(message, Uint8Array.of(0)), signature))).toBe(false);
      same((p) => p[`${kind}Verify`](flipped(publicKey, bit), message, signature));
    }), { numRuns: 40 });
  });

  test('random bytes as key and signature', () => {
    fc.assert(fc.property(seeds, sized(kind === 'ed25519' ? 64 : 114), (publicKey, signature) => {
      expect(same((p) => p[`${kind}Verify`](publicKey, Uint8Array.of(1), signature))).toBe(false);
    }), { numRuns: 30 });
  });

  test('a public key of small order verifies nothing', () => {
    const length = KEY_BYTES[kind];
    const neutral = hex(`01${'00'.repeat(length - 1)}`);
    for (const point of kind === 'ed25519' ? smallOrderEd25519 : smallOrderEd448) {
      // With R neutral or equal to the key, and S = 0, a lax verifier accepts every second message.
      for (const r of [neutral, hex(point)]) {
        const signature = concatBytes(r, new Uint8Array(length));
        for (let i = 0; i < 4; i++) {
          expect(same((p) => p[`${kind}Verify`](hex(point), Uint8Array.of(i), signature))).toBe(false);
        }
      }
    }
  });

  test('S is not accepted with the group order added to it', () => {
    const seed = new Uint8Array(KEY_BYTES[kind]).fill(3);
    const message = Uint8Array.of(1, 2, 3);
    const publicKey = native[`${kind}Public`](seed);
    const signature = native[`${kind}Sign`](seed, message);
    const malleable = plusOrder(signature, GROUP_ORDER[kind]);
    expect(toHex(malleable)).not.toBe(toHex(signature));
    expect(same((p) => p[`${kind}Verify`](publicKey, message, malleable))).toBe(false);
  });
});

const smallOrderEd25519 = [
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '00'.repeat(32),
  `${'00'.repeat(31)}80`,
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
];
const smallOrderEd448 = [
  `01${'00'.repeat(56)}`,
  `fe${'ff'.repeat(27)}fe${'ff'.repeat(27)}00`,
  '00'.repeat(57),
  `${'00'.repeat(56)}80`,
];

const GROUP_ORDER = {
  ed25519: 2n ** 252n + 27742317777372353535851937790883648493n,
  ed448: 2n ** 446n - 0x8335dc163bb124b65129c96fde933d8d723a70aadc873d6d54a7bb0dn,
};

function plusOrder(signature: Uint8Array, order: bigint): Uint8Array {
  const half = signature.length / 2;
  const s = BigInt(`0x${toHex(signature.slice(half).reverse())}`) + order;
  return concatBytes(signature.subarray(0, half), hex(s.toString(16).padStart(2 * half, '0')).reverse());
}

describe('hashes', () => {
  const hashes = ['sha256', 'sha512', 'sha3_256', 'sha3_384'] as const;
  test.each(hashes)('%s, on both sides of the lengths where the native one changes its library', (name) => {
    for (const length of [0, 1, 55, 56, 111, 112, 128, 511, 512, 513, 2047, 2048, 2049, 16384]) {
      same((p) => p[name](Uint8Array.from({ length }, (_, i) => i * 7)));
    }
    fc.assert(fc.property(content, (data) => void same((p) => p[name](data))));
  });

  test('sha512Into', () => {
    fc.assert(fc.property(content, (data) => {
      const out = same((p) => {
        const target = new Uint8Array(64);
        p.sha512Into(target, data);
        return target;
      });
      expect(out).toEqual(native.sha512(data));
    }));
  });

  test('HKDF', () => {
    const lengths = fc.integer({ min: 1, max: 300 });
    fc.assert(fc.property(content, content, content, lengths, (salt, ikm, info, length) => {
      same((p) => p.hkdfSha512(salt, ikm, info, length));
    }));
  });
});

test('results are plain Uint8Arrays that nobody else holds', () => {
  for (const provider of both) {
    const seed = new Uint8Array(57).fill(1);
    const seed32 = seed.subarray(0, 32);
    const results = [
      () => provider.sha256(seed), () => provider.sha512(seed), () => provider.sha3_384(seed), () => provider.hsalsa20(seed32),
      () => provider.ed448Sign(seed, seed), () => provider.ed448Public(seed), () => provider.x25519Public(seed32),
      () => provider.x448Public(seed.subarray(0, 56)), () => provider.randomBytes(57),
      () => provider.hkdfSha512(seed, seed, seed, 20),
    ];
    for (const result of results) {
      const value = result();
      expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
      const before = value.slice();
      result().fill(0);
      expect(value).toEqual(before);
    }
  }
});
