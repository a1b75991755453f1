/** What the reference implementation computed, computed here by each provider and through the public functions. */
import { concatBytes, reverseBytes, utf8 } from '@polyplex/base';
import {
  advanceChain, agree, boxKeyOf, type CryptoProvider, decodePrivateKey, decodePublicKey, encodePrivateKey, encodePublicKey,
  hkdfSha512, initialChainKeys, nativeProvider, nonceOf, openBox, portableProvider, type PrivateKey, type PublicKey,
  publicKeyOf, sealBox, sha256, sha512, sign, type SignatureKind, verify,
} from '@polyplex/crypto';
import { describe, expect, test } from 'vitest';
import { boxes } from './golden.ts';
import { hex, padTo, toHex } from './hex.ts';

const providers: readonly CryptoProvider[] = [nativeProvider(), portableProvider];

describe('keys', () => {
  test.each(boxes.keys)('$algorithm in all its forms', (vector) => {
    const privateKey = decodePrivateKey(hex(vector.privatePkcs8Der))!;
    expect(privateKey.kind).toBe(vector.algorithm.toLowerCase());
    expect(toHex(privateKey.raw)).toBe(vector.privateRaw);
    expect(toHex(encodePrivateKey(privateKey))).toBe(vector.privatePkcs8Der);

    const publicKey = decodePublicKey(hex(vector.publicSpkiDer))!;
    expect(toHex(publicKey.raw)).toBe(vector.publicRaw);
    expect(toHex(encodePublicKey(publicKey))).toBe(vector.publicSpkiDer);
    expect(publicKeyOf(privateKey)).toEqual(publicKey);
  });

  test.each(boxes.dh)('both sides agree on the secret', (vector) => {
    const [one, other] = [decodePrivateKey(hex(vector.private.pkcs8Der))!, decodePrivateKey(hex(vector.peer.pkcs8Der))!];
    expect(toHex(agree(one, publicKeyOf(other))!)).toBe(vector.secret);
    expect(toHex(agree(other, publicKeyOf(one))!)).toBe(vector.secret);
  });
});

test.each(boxes.signatures.samples)('$algorithm signature', ({ algorithm, message, signature }) => {
  const vector = algorithm === 'Ed25519' ? boxes.signatures.ed25519 : boxes.signatures.ed448;
  const privateKey = decodePrivateKey(hex(vector.pkcs8Der)) as PrivateKey<SignatureKind>;
  expect(toHex(sign(privateKey, hex(message)))).toBe(signature);
  expect(verify(decodePublicKey(hex(vector.publicSpkiDer)) as PublicKey, hex(message), hex(signature))).toBe(true);
});

describe.each(providers)('provider $name', (provider) => {
  const sides = [
    { name: 'a DH secret', secret: boxes.cryptoBox.dhSecret, samples: boxes.cryptoBox.samples },
    { name: 'a symmetric key', secret: boxes.secretBox.key, samples: boxes.secretBox.samples },
  ];
  test.each(sides)('boxes under $name', ({ secret, samples }) => {
    const key = provider.hsalsa20(hex(secret));
    for (const sample of samples) {
      for (const [plain, box] of [
        [hex(sample.message), sample.boxNoPad],
        [padTo(sample.paddedLength, hex(sample.message)), sample.boxPadded],
      ] as const) {
        const sealed = new Uint8Array(plain.length + 16);
        provider.secretboxSeal(sealed, plain, hex(sample.nonce), key);
        expect(toHex(sealed)).toBe(box);
        const opened = new Uint8Array(plain.length);
        expect(provider.secretboxOpen(opened, hex(box), hex(sample.nonce), key)).toBe(true);
        expect(opened).toEqual(plain);
      }
    }
  });

  test.each(boxes.hkdfSha512)('HKDF for $info', ({ salt, ikm, info, length, output }) => {
    expect(toHex(provider.hkdfSha512(hex(salt), hex(ikm), utf8(info), length))).toBe(output);
  });

  test('hashes', () => {
    const input = hex(boxes.hashes.input);
    expect(toHex(provider.sha256(input))).toBe(boxes.hashes.sha256);
    expect(toHex(provider.sha512(input))).toBe(boxes.hashes.sha512);
    expect(toHex(provider.sha3_256(input))).toBe(boxes.hashes.sha3_256);
    expect(toHex(provider.sha3_384(input))).toBe(boxes.hashes.sha3_384);
  });
});

test.each(boxes.authenticator.samples)('authenticator of "$message"', (sample) => {
  const { privateKey, peerKey } = boxes.authenticator;
  const ours = boxKeyOf(agree(decodePrivateKey(hex(privateKey.pkcs8Der))!, decodePublicKey(hex(peerKey.publicSpkiDer))!)!);
  const theirs = boxKeyOf(agree(decodePrivateKey(hex(peerKey.pkcs8Der))!, decodePublicKey(hex(privateKey.publicSpkiDer))!)!);
  expect(toHex(sealBox(ours, hex(sample.nonce), sha512(hex(sample.message))))).toBe(sample.authenticator);
  expect(toHex(openBox(theirs, hex(sample.nonce), hex(sample.authenticator))!)).toBe(sample.sha512);
});

test.each(boxes.cbNonce)('nonce of "$input"', ({ input, nonce, reversed }) => {
  expect(toHex(nonceOf(hex(input)))).toBe(nonce);
  expect(toHex(reverseBytes(nonceOf(hex(input))))).toBe(reversed);
});

test('the chains of a session and their encrypted blocks', () => {
  const { sessionId, dhSecret, ...vector } = boxes.blockChain;
  const { first, second } = initialChainKeys(hex(sessionId), hex(dhSecret));
  expect(toHex(first)).toBe(vector.serverSndClientRcvChainKey);
  expect(toHex(second)).toBe(vector.serverRcvClientSndChainKey);
  for (const [start, steps] of [[first, vector.serverSndSteps], [second, vector.serverRcvSteps]] as const) {
    let chainKey = start;
    for (const expected of steps) {
      const step = advanceChain(chainKey);
      chainKey = step.chainKey;
      expect(toHex(step.nonce)).toBe(expected.nonce);
      expect(step.boxKey).toEqual(boxKeyOf(hex(expected.sbKey)));
      const block = padTo(expected.paddedLength, utf8(expected.plaintext));
      expect(toHex(sealBox(step.boxKey, step.nonce, block))).toBe(expected.encrypted);
    }
  }
});

test.each(boxes.clientMsgEnvelopes.samples)('content of an envelope padded to $paddedLength', (sample) => {
  const envelope = hex(sample.envelope);
  const box = envelope.subarray(envelope.length - sample.paddedLength - 16);
  const plain = openBox(boxKeyOf(hex(boxes.clientMsgEnvelopes.dhSecret)), hex(sample.nonce), box);
  expect(plain).toEqual(padTo(sample.paddedLength, hex(sample.clientMessage)));
});

test.each(boxes.secretBoxTailTag.samples)('the same box with its tag last, $paddedLength bytes', (sample) => {
  const message = sample.encrypted === null ? new Uint8Array(70_000).fill(0x77) : hex(sample.message);
  const plain = new Uint8Array(sample.paddedLength).fill(0x23);
  new DataView(plain.buffer).setBigUint64(0, BigInt(message.length));
  plain.set(message, 8);
  const box = sealBox(boxKeyOf(hex(boxes.secretBoxTailTag.key)), hex(sample.nonce), plain);
  const tagLast = concatBytes(box.subarray(16), box.subarray(0, 16));
  expect(toHex(sha256(tagLast))).toBe(sample.encryptedSha256);
});

test('the exported derivation is the one of the active provider', () => {
  const { salt, ikm, info, length, output } = boxes.hkdfSha512[0]!;
  expect(toHex(hkdfSha512(hex(salt), hex(ikm), utf8(info), length))).toBe(output);
});
