/** RFC 8291 and RFC 8292 by their own vectors, and by a browser's side that shares no code. */
import { createECDH } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkToken, decryptWebPush } from '@polyplex/local-cluster';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encryptPush, MAX_WEB_PUSH_BYTES } from '../src/web-push/encrypt.ts';

function vectors(name: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8')) as Record<string, string>;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');

function browser() {
  const ecdh = createECDH('prime256v1');
  return { ecdh, p256dh: ecdh.generateKeys(), auth: Buffer.alloc(16, 3) };
}

describe('RFC 8291', () => {
  const rfc = vectors('rfc8291');

  test('the example of section 5', () => {
    const keys = { auth: bytes(rfc.auth!), p256dh: bytes(rfc.receiverPublic!) };
    const body = encryptPush(Buffer.from(rfc.plaintext!), keys, { salt: bytes(rfc.salt!), privateKey: bytes(rfc.senderPrivate!) });
    expect(Buffer.from(body!).toString('base64url')).toBe(rfc.body);
  });

  test('is read by the browser\'s side of the tests', () => {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(bytes(rfc.receiverPrivate!));
    expect(decryptWebPush(bytes(rfc.body!), { ecdh, auth: bytes(rfc.auth!) })).toEqual({ plaintext: rfc.plaintext });
  });
});

describe('RFC 8292', () => {
  test('the example of section 2.4 passes the check of the tests', () => {
    const { token, key, claims } = vectors('rfc8292');
    expect(checkToken(token!, bytes(key!))).toEqual({ header: { typ: 'JWT', alg: 'ES256' }, claims, faults: [] });
    expect(checkToken(`${token!.slice(0, -4)}AAAA`, bytes(key!)).faults).toEqual(['the signature does not verify']);
  });
});

describe('an encrypted push', () => {
  test('of any length that fits is read again, and fits RFC 8030', () => {
    const { ecdh, p256dh, auth } = browser();
    fc.assert(fc.property(fc.string({ maxLength: 1300, unit: 'grapheme' }), (text) => {
      const body = Buffer.from(encryptPush(Buffer.from(text), { p256dh, auth })!);
      expect(decryptWebPush(body, { ecdh, auth })).toEqual({ plaintext: text });
    }), { numRuns: 50 });
  });

  test('is at most 4096 bytes long, and not one byte of plaintext more goes in', () => {
    const { p256dh, auth } = browser();
    expect(encryptPush(Buffer.alloc(MAX_WEB_PUSH_BYTES), { p256dh, auth })!.length).toBe(4096);
    expect(encryptPush(Buffer.alloc(MAX_WEB_PUSH_BYTES + 1), { p256dh, auth })).toBeNull();
  });

  test('is another one each time', () => {
    const { p256dh, auth } = browser();
    const one = encryptPush(Buffer.from('x'), { p256dh, auth })!;
    const two = encryptPush(Buffer.from('x'), { p256dh, auth })!;
    expect(Buffer.from(one.subarray(0, 16))).not.toEqual(Buffer.from(two.subarray(0, 16)));
    expect(Buffer.from(one.subarray(21, 86))).not.toEqual(Buffer.from(two.subarray(21, 86)));
  });

  test('does not go to a key that is no point of the curve', () => {
    const auth = Buffer.alloc(16);
    fc.assert(fc.property(fc.uint8Array({ minLength: 0, maxLength: 70 }), (p256dh) => {
      expect(encryptPush(Buffer.from('x'), { p256dh, auth })).toBeNull();
    }), { numRuns: 200 });
    const zero = Buffer.alloc(65);
    zero[0] = 4;
    expect(encryptPush(Buffer.from('x'), { p256dh: zero, auth })).toBeNull();
  });
});
