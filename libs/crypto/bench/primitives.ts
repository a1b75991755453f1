/**
 * CPU microseconds per operation (best of several rounds): each primitive in the native and the portable provider, the
 * composed operations of the hot path, and the comparison of libsodium with node:crypto behind the native provider's
 * choices. Run: `node libs/crypto/bench/primitives.ts`.
 */
import {
  createPrivateKey, createPublicKey, diffieHellman, hash, hkdfSync, type KeyObject, randomFillSync, sign, verify,
} from 'node:crypto';
import {
  advanceChain, boxKeyOf, type CryptoProvider, type Digester, encodePrivateKey, encodePublicKey, generateKeyPair, type KeyPair, nativeProvider,
  nonceOf, openBoxInto, portableProvider, randomBytes, sealBoxInto, validateChain,
} from '@polyplex/crypto';
import { boxOpener, boxSealer } from '../src/box-stream.ts';
import { issue, VALID_AT_MS } from '../test/certificates.ts';

const BLOCK_BYTES = 16384;
const ROUNDS = 5;
const ROUND_MICROS = 20_000;

type Work = () => unknown;

/** Finds how often `work` runs in a round, then takes the cheapest round: the least disturbed one. */
function micros(work: Work): number {
  let times = 1;
  while (cpuOf(work, times) < ROUND_MICROS) times *= 2;
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, cpuOf(work, times) / times);
  return best;
}

function cpuOf(work: Work, times: number): number {
  const start = process.cpuUsage();
  for (let i = 0; i < times; i++) work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

function row(name: string, ...works: readonly Work[]): void {
  console.log(name.padEnd(44), ...works.map((work) => micros(work).toFixed(2).padStart(12)));
}

const native = nativeProvider();
const ed25519 = generateKeyPair('ed25519');
const ed448 = generateKeyPair('ed448');
const x25519 = generateKeyPair('x25519');
const x448 = generateKeyPair('x448');
const key = randomBytes(32);
const nonce = randomBytes(24);
const small = randomBytes(100);
const block = randomBytes(BLOCK_BYTES);
const empty = new Uint8Array(0);
const chainInfo = new TextEncoder().encode('SimpleXSbChain');

function both(name: string, work: (provider: CryptoProvider) => Work): void {
  row(name, work(native), work(portableProvider));
}

function providers(): void {
  console.log('providers'.padEnd(44), 'native'.padStart(12), 'portable'.padStart(12));
  both('hsalsa20', (p) => () => p.hsalsa20(key));
  both('secretbox seal, one block', (p) => {
    const out = new Uint8Array(BLOCK_BYTES + 16);
    return () => p.secretboxSeal(out, block, nonce, key);
  });
  both('secretbox open, one block', (p) => {
    const box = new Uint8Array(BLOCK_BYTES + 16);
    const out = new Uint8Array(BLOCK_BYTES);
    p.secretboxSeal(box, block, nonce, key);
    return () => p.secretboxOpen(out, box, nonce, key);
  });
  both('x25519', (p) => () => p.x25519(key, x25519.publicKey.raw));
  both('x25519 public key', (p) => () => p.x25519Public(key));
  both('ed25519 verify, 100 bytes', (p) => verifying(p, small));
  both('ed25519 verify, one block', (p) => verifying(p, block));
  both('ed25519 sign, 100 bytes', (p) => () => p.ed25519Sign(key, small));
  both('ed448 verify, 100 bytes', (p) => {
    const signature = p.ed448Sign(ed448.privateKey.raw, small);
    return () => p.ed448Verify(ed448.publicKey.raw, small, signature);
  });
  both('ed448 sign, 100 bytes', (p) => () => p.ed448Sign(ed448.privateKey.raw, small));
  both('x448', (p) => () => p.x448(x448.privateKey.raw, x448.publicKey.raw));
  both('sha256, 100 bytes', (p) => () => p.sha256(small));
  both('sha512, 100 bytes', (p) => () => p.sha512(small));
  both('sha512, one block', (p) => () => p.sha512(block));
  both('sha3-384, 100 bytes', (p) => () => p.sha3_384(small));
  both('hkdf-sha512, 88 bytes', (p) => () => p.hkdfSha512(empty, key, chainInfo, 88));
}

function verifying(p: CryptoProvider, message: Uint8Array): Work {
  const signature = native.ed25519Sign(ed25519.privateKey.raw, message);
  return () => p.ed25519Verify(ed25519.publicKey.raw, message, signature);
}

function hotPath(): void {
  console.log('\nhot path, active provider');
  const boxKey = boxKeyOf(key);
  const sealed = new Uint8Array(BLOCK_BYTES);
  const content = sealed.subarray(16);
  row('advanceChain', () => advanceChain(key));
  row('boxKeyOf', () => boxKeyOf(key));
  row('seal and open a block in place', () => {
    sealBoxInto(sealed, boxKey, nonce, content);
    return openBoxInto(content, boxKey, nonce, sealed);
  });
  row('randomBytes(24)', () => randomBytes(24));
  row('nonceOf(24 bytes)', () => nonceOf(nonce));
  const ca = issue('ca', null, { kind: 'ed448' });
  const chain = [issue('leaf', ca, { kind: 'ed448' }).der, ca.der];
  row('validateChain of two, Ed448', () => validateChain(chain, { now: VALID_AT_MS }));
}

/** MiB per CPU second of what files go through, by the size of the pieces. */
function streams(): void {
  console.log('\nMiB a CPU second, native and portable, by size of the pieces');
  for (const kib of [16, 64]) {
    const piece = randomBytes(kib * 1024);
    const rate = (work: Work): string => ((piece.length / 1_048_576) * (1_000_000 / micros(work))).toFixed(0).padStart(12);
    const line = (name: string, work: (provider: CryptoProvider) => Work): void => {
      console.log(`${name}, ${kib} KiB`.padEnd(44), rate(work(native)), rate(work(portableProvider)));
    };
    const boxKey = boxKeyOf(key);
    line('box stream sealed in place', (p) => streamed(boxSealer(p, boxKey, nonce), piece));
    line('box stream opened in place', (p) => streamed(boxOpener(p, boxKey, nonce), piece));
    line('sha256', (p) => hashed(p.hasher('sha256'), piece));
    line('sha512', (p) => hashed(p.hasher('sha512'), piece));
  }
}

function streamed(stream: { update(piece: Uint8Array): Uint8Array }, piece: Uint8Array): Work {
  return () => stream.update(piece);
}

function hashed(hasher: Digester, piece: Uint8Array): Work {
  return () => hasher.update(piece);
}

/** What node:crypto would cost instead: with key objects at hand, and to make them. */
function alternatives(): void {
  console.log('\nnode:crypto instead of libsodium');
  const [ed, x] = [objects(ed25519), objects(x25519)];
  const [smallSignature, blockSignature] = [sign(null, small, ed.privateKey), sign(null, block, ed.privateKey)];
  row('ed25519 verify, 100 bytes', () => verify(null, small, ed.publicKey, smallSignature));
  row('ed25519 verify, one block', () => verify(null, block, ed.publicKey, blockSignature));
  row('ed25519 sign, 100 bytes', () => sign(null, small, ed.privateKey));
  row('x25519', () => diffieHellman(x));
  row('make a public key object', () => publicObject(ed25519));
  row('make a private key object', () => privateObject(ed25519));
  row('sha256, 100 bytes', () => hash('sha256', small, 'buffer'));
  row('sha512, 100 bytes', () => hash('sha512', small, 'buffer'));
  row('hkdf-sha512, 88 bytes', () => hkdfSync('sha512', key, empty, chainInfo, 88));
  row('randomFillSync of 24 bytes', () => randomFillSync(new Uint8Array(24)));
}

function objects(pair: KeyPair): { publicKey: KeyObject; privateKey: KeyObject } {
  return { publicKey: publicObject(pair), privateKey: privateObject(pair) };
}

function publicObject({ publicKey }: KeyPair): KeyObject {
  return createPublicKey({ key: Buffer.from(encodePublicKey(publicKey)), format: 'der', type: 'spki' });
}

function privateObject({ privateKey }: KeyPair): KeyObject {
  return createPrivateKey({ key: Buffer.from(encodePrivateKey(privateKey)), format: 'der', type: 'pkcs8' });
}

providers();
hotPath();
streams();
alternatives();
