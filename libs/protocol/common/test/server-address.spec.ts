/** Addresses of servers as text and on the wire (SMP §1.1, §1.3, §1.4, §11.1). */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, reverseBytes, toBase64Url, utf8 } from '@polyplex/base';
import { decode, encode, tryDecode } from '@polyplex/codec';
import { nonceOf } from '@polyplex/crypto';
import { passwords, serverAddresses } from '@polyplex/testing';
import { formatAddress, hostKind, intersectVersions, isServerPassword, parseAddress, serverAddress, serverPassword, versionIn, versionRange } from '../src/index.ts';

interface AddressVector {
  readonly parsed: { readonly hosts: string[]; readonly keyHash: string; readonly port: string };
  readonly strEncode: string;
  readonly smpEncode: string;
  readonly basicAuth?: string;
}

const vectors = JSON.parse(readFileSync(new URL('vectors/addresses.json', import.meta.url), 'utf8')) as {
  servers: AddressVector[];
  serversWithAuth: AddressVector[];
  stringEncodings: { type: string; strEncode: string; smpEncode?: string; value?: string }[];
  cbNonce: { input: string; nonce: string; reversed: string }[];
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

describe('addresses of the reference', () => {
  it.each(vectors.servers.map((vector) => [vector.strEncode, vector] as const))('%s', (text, vector) => {
    const address = parseAddress(text);
    if (address === null) throw new Error('does not parse');
    const { hosts, keyHash, port } = vector.parsed;
    expect(address).toEqual({ scheme: text.slice(0, text.indexOf(':')), hosts, keyHash: unhex(keyHash), port, password: null });
    expect(formatAddress(address, address.scheme)).toBe(text);
    expect(hex(encode(serverAddress, address))).toBe(vector.smpEncode);
    expect(decode(serverAddress, unhex(vector.smpEncode))).toEqual({ hosts, port, keyHash: unhex(keyHash) });
  });

  it.each(vectors.serversWithAuth.map((vector) => [vector.strEncode, vector] as const))('%s', (text, vector) => {
    const address = parseAddress(text)!;
    expect(address.password).toBe(vector.basicAuth);
    expect(formatAddress(address, address.scheme, address.password)).toBe(text);
  });

  it('text forms of bytes, ranges and nonces', () => {
    const ranges = vectors.stringEncodings.filter(({ type }) => type.startsWith('VersionRange'));
    expect(ranges.map(({ smpEncode }) => decode(versionRange, unhex(smpEncode!)))).toEqual([{ min: 1, max: 4 }, { min: 4, max: 4 }]);
    const byteTexts = vectors.stringEncodings.filter(({ type }) => type === 'ByteString').map(({ strEncode }) => strEncode);
    expect([utf8(''), utf8('a'), unhex('fbeffffe')].map(toBase64Url)).toEqual(byteTexts);
    for (const { input, nonce, reversed } of vectors.cbNonce) {
      expect([hex(nonceOf(unhex(input))), hex(reverseBytes(nonceOf(unhex(input))))]).toEqual([nonce, reversed]);
    }
  });
});

describe('host texts', () => {
  it.each([
    ['1.2.3.4', 'ipv4'], ['255.255.255.255', 'ipv4'],
    ['192.256.0.1', 'domain'], ['192.168.1', 'domain'], ['192.168.0.-1', 'domain'], ['192.168.0.0.1', null],
    ['::1', 'ipv6'], ['::', 'ipv6'], ['[::1]', 'ipv6'], ['2001:db8::7', 'ipv6'], ['1:2:3:4:5:6:7:8', 'ipv6'], ['::ffff:1.2.3.4', 'ipv6'], ['1:2:3:4:5:6:1.2.3.4', 'ipv6'],
    [':', null], [':::', null], ['1:2:3', null], ['1:2:3:4:5:6:7:8:9', null], ['1::2::3', null], ['::12345', null], ['1:2:3:4:5:6::8', 'ipv6'], ['1:2:3:4:5:6:7::8', null], ['1.2.3.4::', null],
    ['abc234.onion', 'onion'], ['.onion', 'onion'], ['ABC.onion', null], ['a b.onion', null], ['é.onion', null],
    ['smp.example.com', 'domain'], ['localhost', 'domain'], ['', null], ['a b', null], ['a:b', null], ['a#b', null], ['a,b', null], ['a;b', null], ['a/b', null], ['a\n', null],
  ])('%j is %s', (text, kind) => {
    expect(hostKind(text)).toBe(kind);
  });
});

describe('address texts', () => {
  const fingerprint = 'LcJUMfVhwD8yxjAiSaDzzGF3-kLG4Uh0Fl_ZIjrRwjI=';

  it.each([
    `smp://${fingerprint}@host`,
    `smp://${fingerprint.slice(0, -1)}@host`,
    ` smp://${fingerprint}@host/ \n`,
    `smp://${fingerprint}@[::1]:5223`,
    `smp://${fingerprint}@::1`,
    `smp://${fingerprint}@host,abc.onion:443`,
  ])('%j is one', (text) => {
    expect(parseAddress(text)?.keyHash).toEqual(fromBase64Url(fingerprint));
  });

  it.each([
    '', 'host', 'smp://', `http://${fingerprint}@host`, `smp://@host`, `smp://${fingerprint}`, `smp://${fingerprint}@`, `smp://${fingerprint}@/`,
    'smp://LcJUMfVhwD8yxjAiSaDzzGF3@host', `smp://${fingerprint}A@host`, `smp://${fingerprint}:@host`, `smp://${fingerprint}:a:b@host`,
    `smp://${fingerprint}@host:65536`, `smp://${fingerprint}@host:1a`, `smp://${fingerprint}@host,`, `smp://${fingerprint}@ho st`, `smp://${fingerprint}@host/path`,
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('text and wire forms are read back', () => {
    fc.assert(
      fc.property(serverAddresses, fc.option(passwords, { nil: null }), (address, password) => {
        expect(parseAddress(formatAddress(address, 'smp', password))).toEqual({ ...address, scheme: 'smp', password });
        expect(decode(serverAddress, encode(serverAddress, address))).toEqual(address);
      }),
    );
  });

  it('reading any text never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseAddress(`smp://${fingerprint}@${text}`)));
  });
});

describe('passwords and versions', () => {
  it.each([['secret', true], ['s3cret+pw', true], ['é', true], ['', false], ['a b', false], ['a@b', false], ['a:b', false], ['a/b', false], ['a\u0007', false], ['日', false]])(
    '%j',
    (text, good) => {
      expect(isServerPassword(text)).toBe(good);
      expect(tryDecode(serverPassword, encode(serverPassword, text))).toBe(good ? text : null);
    },
  );

  it('ranges meet or do not', () => {
    expect(intersectVersions({ min: 6, max: 18 }, { min: 8, max: 20 })).toEqual({ min: 8, max: 18 });
    expect(intersectVersions({ min: 6, max: 7 }, { min: 8, max: 20 })).toBeNull();
    expect([5, 6, 18, 19].map((version) => versionIn({ min: 6, max: 18 }, version))).toEqual([false, true, true, false]);
    expect(tryDecode(versionRange, unhex('00090008'))).toBeNull();
  });
});
