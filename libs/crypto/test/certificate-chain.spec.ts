/** Chains of SMP §2.3: every length, and each way in which one fails. */
import { concatBytes } from '@polyplex/base';
import { fingerprintOf, leafPublicKey, sha256, type SignatureKind, validateChain } from '@polyplex/crypto';
import { describe, expect, test } from 'vitest';
import { certificate, issue, type TestCertificate, VALID_AT_MS } from './certificates.ts';
import { HELLO_TIME_MS, helloChain, helloFingerprint } from './smp-examples.ts';

const DAY_MS = 86_400_000;
const ca = issue('ca', null);
const leaf = issue('localhost', ca);
const network = issue('network', ca, { ca: true });
const id = issue('id', network, { ca: true });
const server = issue('server', id);
const lone = issue('service', null, { ca: false });

const ders = (...certificates: readonly TestCertificate[]): Uint8Array[] => certificates.map(({ der }) => der);
const validate = (chain: readonly Uint8Array[], rules: Partial<Parameters<typeof validateChain>[1]> = {}): string => {
  const result = validateChain(chain, { now: VALID_AT_MS, ...rules });
  return result === 'ok' ? 'ok' : result.error;
};

describe('chains that hold', () => {
  const idOfCa = issue('id', ca, { ca: true });
  const anchoredByLink = certificate({ ...ca, issuer: issue('somebody else', null) });
  test.each([
    ['leaf, CA', ders(leaf, ca), ca],
    ['leaf, id, CA', ders(issue('s', idOfCa), idOfCa, ca), idOfCa],
    ['leaf, id, network, CA', ders(server, id, network, ca), id],
    ['an anchor that is not self-signed', ders(leaf, anchoredByLink), anchoredByLink],
  ])('%s', (_, chain, identity) => {
    expect(fingerprintOf(chain)).toEqual(sha256(identity.der));
    expect(validate(chain, { expectedFingerprint: sha256(identity.der) })).toBe('ok');
  });

  test.each<[SignatureKind, SignatureKind]>([['ed448', 'ed448'], ['ed25519', 'ed448'], ['ed448', 'ed25519']])(
    'CA with %s, leaf with %s',
    (caKind, leafKind) => {
      const root = issue('ca', null, { kind: caKind });
      const child = issue('leaf', root, { kind: leafKind });
      expect(validate(ders(child, root))).toBe('ok');
      expect(leafPublicKey(ders(child, root))).toEqual(child.keys.publicKey);
    },
  );

  test('a lone self-signed one, where allowed', () => {
    expect(validate(ders(lone))).toBe('self-signed');
    expect(validate(ders(lone), { allowSelfSigned: true })).toBe('ok');
    expect(validate(ders(lone), { allowSelfSigned: true, expectedFingerprint: sha256(lone.der) })).toBe('ok');
    expect(fingerprintOf(ders(lone))).toEqual(sha256(lone.der));
  });

  test('the chain of the reference', () => {
    expect(validate(helloChain, { now: HELLO_TIME_MS, expectedFingerprint: helloFingerprint })).toBe('ok');
  });
});

describe('chains that fail', () => {
  const caAgain = issue('ca', null); // the same name, another key
  const notCa = issue('id', ca, { ca: false });
  const mayNotSign = issue('id', ca, { ca: true, mayNotSign: true });
  test.each([
    ['no certificate', [], 'empty'],
    ['five certificates', ders(server, id, network, ca, ca), 'too-deep'],
    ['a leaf issued by itself', ders(lone, ca), 'self-signed'],
    ['an id issued by itself before the anchor', ders(leaf, ca, network), 'self-signed'],
    ['an issuer with another name', ders(leaf, id), 'unknown-ca'],
    ['an issuer with the same name and another key', ders(leaf, caAgain), 'bad-signature'],
    ['an issuer that is no CA', ders(issue('s', notCa), notCa, ca), 'not-ca'],
    ['an issuer whose key usage forbids it', ders(issue('s', mayNotSign), mayNotSign, ca), 'not-ca'],
    ['an id that signed nothing, between leaf and anchor', ders(leaf, id, ca), 'unknown-ca'],
    ['certificates in the wrong order', ders(ca, leaf), 'self-signed'],
    ['no certificate at all', [new Uint8Array(0), ca.der], 'malformed'],
    ['bytes after the certificate', [concatBytes(leaf.der, Uint8Array.of(0)), ca.der], 'malformed'],
    ['an anchor in PEM', [leaf.der, pem(ca.der)], 'malformed'],
    ['a certificate longer than a block', [leaf.der, new Uint8Array(16385)], 'malformed'],
  ])('%s', (_, chain, error) => {
    expect(validate(chain)).toBe(error);
  });

  test('a fingerprint of another certificate, the leaf included', () => {
    expect(validate(ders(leaf, ca), { expectedFingerprint: sha256(caAgain.der) })).toBe('unknown-ca');
    expect(validate(ders(leaf, ca), { expectedFingerprint: sha256(leaf.der) })).toBe('unknown-ca');
    expect(validate(ders(leaf, ca), { expectedFingerprint: new Uint8Array(0) })).toBe('unknown-ca');
  });

  test('a lone one that somebody else signed', () => {
    expect(validate(ders(leaf), { allowSelfSigned: true })).toBe('unknown-ca');
    const forged = certificate({ ...lone, issuer: { subject: lone.subject, keys: ca.keys } });
    expect(validate(ders(forged), { allowSelfSigned: true })).toBe('bad-signature');
  });

  test('dates of the leaf and of the anchor, on both sides and to the second', () => {
    const early = issue('ca', null, { notAfterMs: VALID_AT_MS });
    const late = issue('leaf', early, { notBeforeMs: VALID_AT_MS });
    const chain = ders(late, early);
    expect(validate(chain, { now: VALID_AT_MS })).toBe('ok');
    expect(validate(chain, { now: VALID_AT_MS - 1 })).toBe('expired');
    expect(validate(chain, { now: VALID_AT_MS + 1 })).toBe('expired');
    expect(validate(ders(leaf, ca), { now: VALID_AT_MS + 2 * DAY_MS })).toBe('expired');
    expect(validate(ders(lone), { now: VALID_AT_MS + 2 * DAY_MS, allowSelfSigned: true })).toBe('expired');
  });

  test('any changed byte of the leaf', () => {
    for (let i = 0; i < leaf.der.length; i++) {
      const changed = leaf.der.slice();
      changed[i]! ^= 1;
      expect(validate([changed, ca.der])).not.toBe('ok');
    }
  });
});

test('fingerprints and leaf keys of chains that have none', () => {
  expect(fingerprintOf([])).toBeNull();
  expect(fingerprintOf(ders(server, id, network, ca, ca))).toBeNull();
  expect(leafPublicKey([])).toBeNull();
  expect(leafPublicKey([new Uint8Array(10)])).toBeNull();
});

function pem(der: Uint8Array): Uint8Array {
  const text = `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
  return Uint8Array.from(Buffer.from(text));
}
