/**
 * Known answers that a provider must give before it is used: a broken binary must not reach a relay. Values are those
 * of SMP §11.2 and §11.4, of the NaCl documentation (HSalsa20), of RFC 8032 §7.1 and §7.4, and of FIPS 180-4 and 202 ("abc").
 */
import { concatBytes, equalBytes, utf8 } from '@polyplex/base';
import type { CryptoProvider } from './provider.ts';

const ABC = utf8('abc');
const EMPTY = new Uint8Array(0);

/** Null when all is well, else the name of the primitive that failed. Takes under a millisecond in native code. */
export function selfCheck(provider: CryptoProvider): string | null {
  for (const [name, check] of CHECKS) {
    try {
      if (!check(provider)) return name;
    } catch {
      return name; // whatever it threw, this primitive cannot be used
    }
  }
  return null;
}

const CHECKS: readonly (readonly [string, (p: CryptoProvider) => boolean])[] = [
  ['hsalsa20', (p) => equalBytes(p.hsalsa20(hex(NACL.shared)), hex(NACL.firstKey))],
  ['secretbox', checkSecretbox],
  ['box stream', checkBoxStream],
  ['x25519', (p) => is(p.x25519(filled(0x11), p.x25519Public(filled(0x22))), SMP.sessionSecret)],
  ['x25519 of low order', (p) => p.x25519(filled(0x11), filled(0)) === null],
  ['ed25519', checkEd25519],
  ['ed448', checkEd448],
  ['sha256', (p) => is(p.sha256(ABC), SHA256_ABC) && is(hashed(p, 'sha256'), SHA256_ABC)],
  ['sha512', (p) => is(p.sha512(ABC), SHA512_ABC) && is(intoFresh(p), SHA512_ABC) && is(hashed(p, 'sha512'), SHA512_ABC)],
  ['sha3-256', (p) => is(p.sha3_256(ABC), '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532')],
  ['hkdf', checkHkdf],
  ['chain step', checkChainStep],
  ['random', (p) => !equalBytes(p.randomBytes(32), p.randomBytes(32))],
];

const NACL = {
  shared: '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  firstKey: '1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389',
};

const SMP = {
  sessionSecret: '9e004098efc091d4ec2663b4e9f5cfd4d7064571690b4bea97ab146ab9f35056',
  chainKey: '68e2bbbe091a658e43822957c30706d3020fc8993b9084894e5d81991f33305a',
  blockKey: 'b2eea0d081065bdbe683c74ecb4fb46932c08aec859546220de705f3c254c05a',
  blockNonce: '14e962255fa9fa02c25029b6c67971294283d7201d8a87e1',
  pingContent: '002201001f0018a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b70050494e47',
  pingBoxHash: 'e7e7080b27578d620d033204be5188d23741026a4e06646dd93247b7b6920d42',
};

const SHA256_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

const SHA512_ABC =
  'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
  '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';

const ED25519 = {
  seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  signature:
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
    '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
};

const ED448 = {
  seed: '6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b',
  publicKey: '5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180',
  signature:
    '533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd39' +
    '80ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600',
};

/** Seals and opens the block of SMP §11.4 as the hot path does: in place. */
function checkSecretbox(p: CryptoProvider): boolean {
  const key = p.hsalsa20(hex(SMP.blockKey));
  const nonce = hex(SMP.blockNonce);
  const plain = new Uint8Array(16368).fill(0x23);
  plain.set(hex(SMP.pingContent));
  const box = concatBytes(new Uint8Array(16), plain);
  p.secretboxSeal(box, box.subarray(16), nonce, key);
  if (!is(p.sha256(box), SMP.pingBoxHash)) return false;
  const damaged = box.slice();
  damaged[0]! ^= 1;
  if (p.secretboxOpen(new Uint8Array(plain.length), damaged, nonce, key)) return false;
  if (p.secretboxOpenPadded !== undefined && !opensPadded(p.secretboxOpenPadded, { box, damaged, nonce, key })) return false;
  return p.secretboxOpen(box.subarray(16), box, nonce, key) && equalBytes(box.subarray(16), plain);
}

interface PingBox {
  readonly box: Uint8Array;
  readonly damaged: Uint8Array;
  readonly nonce: Uint8Array;
  readonly key: Uint8Array;
}

function opensPadded(open: Required<CryptoProvider>['secretboxOpenPadded'], { box, damaged, nonce, key }: PingBox): boolean {
  const ping = hex(SMP.pingContent);
  const out = new Uint8Array(box.length - 16);
  return !open(out, damaged, nonce, key) && open(out, box, nonce, key) && equalBytes(out.subarray(0, ping.length), ping);
}

/** The last block of the box of SMP §11.4 and its tag, as streams compute them. */
function checkBoxStream(p: CryptoProvider): boolean {
  const key = p.hsalsa20Of(p.hsalsa20(hex(SMP.blockKey)), hex(SMP.blockNonce).subarray(0, 16));
  const nonce = hex(SMP.blockNonce).subarray(16);
  const first = new Uint8Array(64);
  p.salsa20Xor(first, first, { key, nonce, block: 0 });
  const plain = new Uint8Array(16368).fill(0x23);
  plain.set(hex(SMP.pingContent));
  const stream = concatBytes(new Uint8Array(32), plain);
  p.salsa20Xor(stream.subarray(0, 64), stream.subarray(0, 64), { key, nonce, block: 0 });
  p.salsa20Xor(stream.subarray(64), stream.subarray(64), { key, nonce, block: 1 });
  const tag = p.poly1305(first.subarray(0, 32));
  tag.update(stream.subarray(32, 48));
  tag.update(stream.subarray(48));
  return is(p.sha256(concatBytes(tag.digest(), stream.subarray(32))), SMP.pingBoxHash);
}

function checkEd25519(p: CryptoProvider): boolean {
  const publicKey = p.ed25519Public(hex(ED25519.seed));
  const signature = p.ed25519Sign(hex(ED25519.seed), EMPTY);
  if (!is(publicKey, ED25519.publicKey) || !is(signature, ED25519.signature)) return false;
  return p.ed25519Verify(publicKey, EMPTY, signature) && !p.ed25519Verify(publicKey, ABC, signature);
}

function checkEd448(p: CryptoProvider): boolean {
  const publicKey = p.ed448Public(hex(ED448.seed));
  const signature = p.ed448Sign(hex(ED448.seed), EMPTY);
  if (!is(publicKey, ED448.publicKey) || !is(signature, ED448.signature)) return false;
  return p.ed448Verify(publicKey, EMPTY, signature) && !p.ed448Verify(publicKey, ABC, signature);
}

function checkHkdf(p: CryptoProvider): boolean {
  const okm = p.hkdfSha512(EMPTY, hex(SMP.chainKey), utf8('SimpleXSbChain'), 88);
  return is(okm.subarray(32), SMP.blockKey + SMP.blockNonce);
}

function checkChainStep(p: CryptoProvider): boolean {
  const step = p.chainStep?.(hex(SMP.chainKey));
  return step === undefined || (equalBytes(step.boxKey, p.hsalsa20(hex(SMP.blockKey))) && is(step.nonce, SMP.blockNonce));
}

function hashed(p: CryptoProvider, algorithm: 'sha256' | 'sha512'): Uint8Array {
  const hasher = p.hasher(algorithm);
  for (const byte of ABC) hasher.update(Uint8Array.of(byte));
  return hasher.digest();
}

function intoFresh(p: CryptoProvider): Uint8Array {
  const out = new Uint8Array(64);
  p.sha512Into(out, ABC);
  return out;
}

function is(value: Uint8Array | null, expectedHex: string): boolean {
  return value !== null && equalBytes(value, hex(expectedHex));
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

function filled(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}
