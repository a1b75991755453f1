/** Keys and settings that are wrong: the message says which file, what is wrong, and what to do. */
import { generateKeyPairSync } from 'node:crypto';
import { createECDH } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createPushSender, generateSigningKey, readApnsKey, readVapidKey } from '../src/index.ts';

const IDS = { file: '/etc/polyplex/apns.p8', keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ' };
const GOOD = generateSigningKey();
const pemOf = (curve: string): string => generateKeyPairSync('ec', { namedCurve: curve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
const publicPem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('a key file', () => {
  test.each([
    ['nothing', '', /holds no private key in PEM form/],
    ['other text', 'hello', /holds no private key in PEM form/],
    ['half a key', GOOD.slice(0, 80), /holds no private key in PEM form/],
    ['a public key', publicPem, /holds no private key\./],
    ['a key with a password', encrypted, /encrypted with a password/],
    ['P-384', pemOf('P-384'), /another kind \(secp384r1\) than P-256/],
    ['secp256k1', pemOf('secp256k1'), /another kind \(secp256k1\) than P-256/],
    ['RSA', rsa, /another kind \(rsa\) than P-256/],
    ['Ed25519', ed25519, /another kind \(ed25519\) than P-256/],
  ])('with %s is named', (_name, pem, message) => {
    const apns = (): unknown => readApnsKey({ ...IDS, pem });
    expect(apns).toThrow(message);
    expect(apns).toThrow(/^\/etc\/polyplex\/apns\.p8 .*\.p8 file of an APNs key/);
    expect(() => readVapidKey(pem, 'vapid.privkey')).toThrow(/^vapid\.privkey .*init/);
  });

  test('never shows its key in the message', () => {
    for (const pem of [GOOD.slice(0, 120), pemOf('P-384'), encrypted]) {
      try {
        readVapidKey(pem, 'vapid.privkey');
        expect.unreachable();
      } catch (error) {
        for (const line of pem.split('\n').filter((each) => each.length > 20 && !each.startsWith('---'))) expect(String(error)).not.toContain(line);
      }
    }
  });

  test.each([['keyId', 'abc123defg'], ['keyId', 'ABC123DEF'], ['teamId', ''], ['teamId', 'DEF123GHIJK']])('with a wrong %s "%s"', (name, value) => {
    expect(() => readApnsKey({ ...IDS, pem: GOOD, [name]: value })).toThrow(/ten capital letters and digits/);
  });

  test('of SEC 1 is read as well', () => {
    const sec1 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    expect(readVapidKey(sec1, 'vapid.privkey').publicKey).toHaveLength(87);
  });
});

describe('the VAPID key', () => {
  test('is told as the point that browsers subscribe with', () => {
    const key = readVapidKey(GOOD, 'vapid.privkey');
    const point = Buffer.from(key.publicKey, 'base64url');
    expect(point).toHaveLength(65);
    expect(point[0]).toBe(4);
    // Throws where it is no point of the curve.
    const ecdh = createECDH('prime256v1');
    ecdh.generateKeys();
    expect(ecdh.computeSecret(point)).toHaveLength(32);
  });

  test.each(['', 'operator@example.org', 'http://example.org', 'mailto:', 'mailto:a b@c'])('does not go with "%s" as the contact', (subject) => {
    expect(() => createPushSender({ webPush: { vapid: readVapidKey(GOOD, 'v'), subject } })).toThrow(/mailto:/);
  });
});

describe('settings', () => {
  test.each(['', 'a b', 'topic/..', 'x'.repeat(156)])('a topic "%s" is none', (topic) => {
    expect(() => createPushSender({ apns: { key: readApnsKey({ ...IDS, pem: GOOD }), topic } })).toThrow(/bundle id/);
  });

  test('without a push service every push to it is refused, and the null provider takes all', async () => {
    const sender = createPushSender({});
    const push = { token: 'x', kind: 'check', data: { checkMessages: true } } as const;
    for (const provider of ['apns_prod', 'apns_dev', 'apns_test', 'webpush https://example.org', 'fcm', '']) {
      expect(await sender.send({ ...push, provider })).toEqual({ result: 'refused', cause: 'not-allowed' });
    }
    expect(await sender.send({ ...push, provider: 'apns_null' })).toEqual({ result: 'delivered' });
    expect(sender.placeOf({ provider: 'apns_null', token: '' })).toBe('apns_null');
  });

  test('places are services, not devices', () => {
    const sender = createPushSender({
      apns: { key: readApnsKey({ ...IDS, pem: GOOD }), topic: 'org.example.app' },
      webPush: { vapid: readVapidKey(GOOD, 'v'), subject: 'https://example.org/' },
    });
    const placeOf = (provider: string): string => sender.placeOf({ provider, token: 'x' });
    expect(['apns_prod', 'apns_dev', 'webpush https://Push.example.org', 'webpush https://push.example.org:443', 'webpush https://push.example.org:8443', 'webpush nonsense'].map(placeOf)).toEqual([
      'apns_prod', 'apns_dev', 'https://push.example.org', 'https://push.example.org', 'https://push.example.org:8443', 'webpush',
    ]);
  });
});
