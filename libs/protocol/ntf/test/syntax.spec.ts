/** One line for each malformed command, credential, hello and reply, with its exact error (NTF §1.6, §2, §7). */
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '@polyplex/base';
import { generateKeyPair, encodePublicKey, encodePrivateKey, type KeyKind } from '@polyplex/crypto';
import { pad } from '@polyplex/codec';
import { openHandshakeBlock } from '@polyplex/protocol-common';
import { checkCredentials, encodeReply, isP256Point, ntfClientHello, type NtfCommandTag, ntfServerHello, readCommand, readReply, replySuitsEntity } from '../src/index.ts';
import { hex } from './wire-vectors.ts';

const short = (bytes: Uint8Array | string): Uint8Array => {
  const content = typeof bytes === 'string' ? utf8(bytes) : bytes;
  return concatBytes(Uint8Array.of(content.length), content);
};
const spki = (kind: KeyKind): Uint8Array => short(encodePublicKey(generateKeyPair(kind).publicKey));
const ED = spki('ed25519');
const DH = spki('x25519');
const AUTH = short(new Uint8Array(16));
const POINT = Uint8Array.from(Buffer.from('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4', 'base64url'));
const join = (...parts: readonly (Uint8Array | string)[]): Uint8Array => concatBytes(...parts.map((part) => (typeof part === 'string' ? utf8(part) : part)));
const tnew = (device: Uint8Array, authKey = ED, dhKey = DH): Uint8Array => join('TNEW T', device, authKey, dhKey);
const apns = (token: string): Uint8Array => join('AP', short(token));
const webPush = (parts: { host?: string; port?: string; path?: string; auth?: Uint8Array; p256dh?: Uint8Array }): Uint8Array =>
  join('WP', short(parts.host ?? 'push.example'), short(parts.port ?? ''), short(parts.path ?? '/x'), parts.auth ?? AUTH, parts.p256dh ?? short(POINT));
const relay = (hosts: readonly string[], port = '5223', keyHash = new Uint8Array(32)): Uint8Array =>
  join(Uint8Array.of(hosts.length), ...hosts.map(short), short(port), short(keyHash));
const pkcs8 = (kind: KeyKind): Uint8Array => short(encodePrivateKey(generateKeyPair(kind).privateKey));
const snew = (at = relay(['smp.example']), notifierId = short(new Uint8Array(24)), key = pkcs8('ed25519')): Uint8Array => join('SNEW S', short(new Uint8Array(24)), at, notifierId, key);

const changed = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1;
  return copy;
};

describe('commands that are read', () => {
  it.each([
    ['TNEW', tnew(apns('abcd'))],
    ['TNEW with an Ed448 key', tnew(apns('abcd'), spki('ed448'))],
    ['TNEW with an X25519 key', tnew(apns('abcd'), spki('x25519'))],
    ['TNEW of no device', tnew(join('AN', short('test_ntf_token')))],
    ['TNEW of no device without a token', tnew(join('AN', short('')))],
    ['TNEW of a browser', tnew(webPush({}))],
    ['TNEW with a query', tnew(webPush({ path: '/wpush/v2/gAAA-_=?a=b%20' }))],
    ['TNEW at an address', tnew(webPush({ host: '192.0.2.1', port: '8443' }))],
    ['TNEW at an IPv6 address', tnew(webPush({ host: '2001:db8::1' }))],
    ['SNEW', snew()],
    ['SNEW without a port', snew(relay(['smp.example', 'x.onion'], ''))],
    ['SNEW with an Ed448 key', snew(undefined, undefined, pkcs8('ed448'))],
    ['SNEW with an X25519 key', snew(undefined, undefined, pkcs8('x25519'))],
    ['TCRN', join('TCRN ', Uint8Array.of(0, 20))],
    ['TVFY', join('TVFY ', short(new Uint8Array(32)))],
    ['TVFY of no code', join('TVFY ', short(''))],
  ])('%s', (_, bytes) => {
    expect(readCommand(bytes)).toHaveProperty('tag', Buffer.from(bytes.subarray(0, 4)).toString());
  });
});

describe('commands that are not', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', utf8(''), 'UNKNOWN'],
    ['HELLO', utf8('HELLO'), 'UNKNOWN'],
    ['lower case', utf8('ping'), 'UNKNOWN'],
    ['a space before it', utf8(' PING'), 'UNKNOWN'],
    ['a command of SMP', utf8('SUB'), 'UNKNOWN'],
    ['a name of the language', utf8('toString'), 'UNKNOWN'],
    ['OK', utf8('OK'), 'UNKNOWN'],
    ['IDTKN', join('IDTKN ', short(new Uint8Array(24)), DH), 'UNKNOWN'],
    ['TKN', utf8('TKN ACTIVE'), 'UNKNOWN'],
    ['PING with parameters', utf8('PING '), 'SYNTAX'],
    ['TCHK with parameters', utf8('TCHK x'), 'SYNTAX'],
    ['TNEW alone', utf8('TNEW'), 'SYNTAX'],
    ['TNEW and a space', utf8('TNEW '), 'SYNTAX'],
    ['TNEW of a subscription', join('TNEW S', tnew(apns('abcd')).subarray(6)), 'SYNTAX'],
    ['TNEW with junk before the token', join('TNEW x', tnew(apns('abcd')).subarray(5)), 'SYNTAX'],
    ['TNEW cut short', tnew(apns('abcd')).subarray(0, 60), 'SYNTAX'],
    ['TNEW and more', join(tnew(apns('abcd')), 'x'), 'SYNTAX'],
    ['TNEW at an unknown push service', tnew(join('XX', short('abcd'))), 'SYNTAX'],
    ['TNEW without a token', tnew(apns('')), 'SYNTAX'],
    ['TNEW with a path in the token', tnew(apns('../abcd')), 'SYNTAX'],
    ['TNEW with a blank in the token', tnew(apns('ab cd')), 'SYNTAX'],
    ['TNEW with a line end in the token', tnew(apns('abcd\n')), 'SYNTAX'],
    ['TNEW with a bad key', tnew(apns('abcd'), changed(ED, 5)), 'SYNTAX'],
    ['TNEW with an X448 key', tnew(apns('abcd'), spki('x448')), 'SYNTAX'],
    ['TNEW with an Ed25519 DH key', tnew(apns('abcd'), ED, ED), 'SYNTAX'],
    ['TRPL without a device', utf8('TRPL '), 'SYNTAX'],
    ['TCRN with one byte', join('TCRN ', Uint8Array.of(20)), 'SYNTAX'],
    ['TCRN with three', join('TCRN ', Uint8Array.of(0, 20, 0)), 'SYNTAX'],
    ['TVFY with a long length', join('TVFY ', Uint8Array.of(33), new Uint8Array(32)), 'SYNTAX'],
    ['SNEW of a token', join('SNEW T', snew().subarray(6)), 'SYNTAX'],
    ['SNEW without the space', join('SNEWS', snew().subarray(6)), 'UNKNOWN'],
    ['SNEW without a host', snew(relay([])), 'SYNTAX'],
    ['SNEW with a bad host', snew(relay(['smp example'])), 'SYNTAX'],
    ['SNEW with a bad port', snew(relay(['smp.example'], '70000')), 'SYNTAX'],
    ['SNEW with a short key hash', snew(relay(['smp.example'], '', new Uint8Array(31))), 'SYNTAX'],
    ['SNEW without a notifier', snew(undefined, short('')), 'SYNTAX'],
    ['SNEW with a public key', snew(undefined, undefined, ED), 'SYNTAX'],
    ['SNEW with an X448 key', snew(undefined, undefined, pkcs8('x448')), 'SYNTAX'],
    ['Web Push: no host', tnew(webPush({ host: '' })), 'SYNTAX'],
    ['Web Push: a user', tnew(webPush({ host: 'user@push.example' })), 'SYNTAX'],
    ['Web Push: an escape in the host', tnew(webPush({ host: 'push%2eexample' })), 'SYNTAX'],
    ['Web Push: a backslash in the host', tnew(webPush({ host: 'a\\b' })), 'SYNTAX'],
    ['Web Push: an empty label', tnew(webPush({ host: 'push..example' })), 'SYNTAX'],
    ['Web Push: a bracketed address', tnew(webPush({ host: '[::1]' })), 'SYNTAX'],
    ['Web Push: an address in two parts', tnew(webPush({ host: '127.1' })), 'SYNTAX'],
    ['Web Push: an address as a number', tnew(webPush({ host: '2130706433' })), 'SYNTAX'],
    ['Web Push: a hexadecimal address', tnew(webPush({ host: '0x7f.0x1' })), 'SYNTAX'],
    ['Web Push: an octal address', tnew(webPush({ host: '0177.0.0.1' })), 'SYNTAX'],
    ['Web Push: a name that ends in a number', tnew(webPush({ host: 'o38.127.7.1' })), 'SYNTAX'],
    ['Web Push: port 0', tnew(webPush({ port: '0' })), 'SYNTAX'],
    ['Web Push: port 65536', tnew(webPush({ port: '65536' })), 'SYNTAX'],
    ['Web Push: a port with a sign', tnew(webPush({ port: '+443' })), 'SYNTAX'],
    ['Web Push: no path', tnew(webPush({ path: '' })), 'SYNTAX'],
    ['Web Push: a relative path', tnew(webPush({ path: 'x' })), 'SYNTAX'],
    ['Web Push: a fragment', tnew(webPush({ path: '/x#y' })), 'SYNTAX'],
    ['Web Push: a blank', tnew(webPush({ path: '/x y' })), 'SYNTAX'],
    ['Web Push: a header', tnew(webPush({ path: '/x\r\nHost: y' })), 'SYNTAX'],
    ['Web Push: half an escape', tnew(webPush({ path: '/x%2' })), 'SYNTAX'],
    ['Web Push: a letter beyond ASCII', tnew(webPush({ path: '/é' })), 'SYNTAX'],
    ['Web Push: a short secret', tnew(webPush({ auth: short(new Uint8Array(15)) })), 'SYNTAX'],
    ['Web Push: a compressed point', tnew(webPush({ p256dh: short(join(Uint8Array.of(2), POINT.subarray(1, 33))) })), 'SYNTAX'],
    ['Web Push: off the curve', tnew(webPush({ p256dh: short(changed(POINT, 64)) })), 'SYNTAX'],
    ['Web Push: zeros', tnew(webPush({ p256dh: short(join(Uint8Array.of(4), new Uint8Array(64))) })), 'SYNTAX'],
  ])('%s: %s', (_, bytes, error) => {
    expect(readCommand(bytes)).toBe(error);
  });
});

describe('points of P-256', () => {
  it('are told from others', () => {
    expect(isP256Point(POINT)).toBe(true);
    for (let bit = 0; bit < 64 * 8; bit += 37) {
      const bent = Uint8Array.from(POINT);
      bent[1 + (bit >> 3)]! ^= 1 << (bit & 7);
      expect(isP256Point(bent), `bit ${bit}`).toBe(false);
    }
    expect(isP256Point(POINT.subarray(1))).toBe(false);
    expect(isP256Point(join(Uint8Array.of(5), POINT.subarray(1)))).toBe(false);
  });

  it('have coordinates below the prime: x + p names no other point', () => {
    const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
    // x = 5 is on the curve: y² = 125 − 15 + b
    const y = 0x459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbccn;
    const point = (x: bigint): Uint8Array => Uint8Array.from(Buffer.from(`04${x.toString(16).padStart(64, '0')}${y.toString(16).padStart(64, '0')}`, 'hex'));
    expect(isP256Point(point(5n))).toBe(true);
    expect(isP256Point(point(5n + p))).toBe(false);
  });
});

describe('credentials', () => {
  const misfits: Record<NtfCommandTag, readonly [none: string | null, auth: string | null, entity: string | null, both: string | null]> = {
    TNEW: ['NO_AUTH', null, 'NO_AUTH', 'HAS_AUTH'],
    SNEW: ['NO_AUTH', null, 'NO_AUTH', 'HAS_AUTH'],
    PING: [null, 'HAS_AUTH', 'HAS_AUTH', 'HAS_AUTH'],
    TVFY: ['NO_AUTH', 'NO_AUTH', 'NO_AUTH', null],
    TCHK: ['NO_AUTH', 'NO_AUTH', 'NO_AUTH', null],
    TRPL: ['NO_AUTH', 'NO_AUTH', 'NO_AUTH', null],
    TDEL: ['NO_AUTH', 'NO_AUTH', 'NO_AUTH', null],
    TCRN: ['NO_AUTH', 'NO_AUTH', 'NO_AUTH', null],
    SCHK: ['NO_AUTH', 'NO_AUTH', 'NO_AUTH', null],
    SDEL: ['NO_AUTH', 'NO_AUTH', 'NO_AUTH', null],
  };

  it.each(Object.entries(misfits))('%s', (tag, expected) => {
    const of = (auth: boolean, entity: boolean): string | null => checkCredentials(tag as NtfCommandTag, auth, entity);
    expect([of(false, false), of(true, false), of(false, true), of(true, true)]).toEqual(expected);
  });
});

describe('replies that a client does not take', () => {
  it.each([
    ['nothing', ''], ['unknown', 'NTKN ACTIVE'], ['a command', 'PING'], ['OK with parameters', 'OK '], ['TKN without status', 'TKN'], ['an unknown status', 'TKN WAITING'],
    ['an unknown reason', 'TKN INVALID,WHY'], ['a blank after the status', 'TKN ACTIVE '], ['an unknown status of a subscription', 'SUB GONE'], ['ERR without its text', 'SUB ERR'],
    ['ERR alone', 'ERR'], ['an unknown error', 'ERR WHAT'], ['an unknown command error', 'ERR CMD WHAT'], ['an error and more', 'ERR AUTH '], ['STORE without text', 'ERR STORE'],
  ])('%s', (_, text) => {
    expect(readReply(utf8(text), 3)).toBeNull();
  });

  it('with an entity or without', () => {
    expect((['IDTKN', 'IDSUB', 'PONG', 'OK', 'TKN', 'SUB', 'ERR'] as const).map((tag) => [replySuitsEntity(tag, false), replySuitsEntity(tag, true)])).toEqual([
      [true, false], [true, false], [true, false], [false, true], [false, true], [false, true], [true, true],
    ]);
  });

  it('the older name of NO_ENTITY', () => {
    expect(readReply(utf8('ERR CMD NO_QUEUE'), 3)).toEqual({ tag: 'ERR', error: { type: 'CMD', error: 'NO_ENTITY' } });
  });
});

it('long texts are cut', () => {
  expect(encodeReply({ tag: 'ERR', error: { type: 'STORE', text: 'x'.repeat(1000) } }, 3)).toHaveLength('ERR STORE '.length + 64);
  expect(encodeReply({ tag: 'SUB', status: `ERR ${'x'.repeat(1000)}` }, 3)).toHaveLength('SUB '.length + 128);
});

describe('hellos', () => {
  const server = (content: string): unknown => openHandshakeBlock(ntfServerHello, pad(Buffer.from(content, 'hex'), 512));
  it.each([
    ['empty', ''], ['no session id', '00010003'], ['min above max', `0003000100`], ['session id cut short', '0001000320aa'], ['no key from version 2 on', '0001000201aa'],
    ['key cut short', '0001000201aa0078aa'],
  ])('of servers: %s', (_, content) => {
    expect(server(content)).toBeNull();
  });

  it('of servers, with bytes after them', () => {
    expect(server(`0001000101aa${hex(utf8('more'))}`)).toEqual({ versions: { min: 1, max: 1 }, sessionId: Uint8Array.of(0xaa), signedKey: null });
    expect(server(`0001000201aa0001bb${hex(utf8('more'))}`)).toMatchObject({ signedKey: Uint8Array.of(0xbb) });
  });

  it('of clients: cut short, with bytes after it, longer than its block', () => {
    const client = (content: string): unknown => openHandshakeBlock(ntfClientHello, pad(Buffer.from(content, 'hex'), 512));
    expect(client('0003')).toBeNull();
    expect(client('000320aa')).toBeNull();
    expect(client('000301aaffff')).toEqual({ version: 3, keyHash: Uint8Array.of(0xaa) });
    expect(openHandshakeBlock(ntfClientHello, new Uint8Array(512).fill(0xff))).toBeNull();
  });
});
