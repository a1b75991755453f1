/** Browsers read certificates with our own code, everybody else with OpenSSL: both must see the same, in garbage too. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCertificate as parseInBrowser } from '../src/browser/x509.ts';
import { parseCertificate } from '../src/x509.ts';
import { issue, VALID_AT_MS } from './certificates.ts';
import { helloChain } from './smp-examples.ts';

const ca = issue('ca', null);
const leaf = issue('localhost', ca, { kind: 'ed448', notBeforeMs: VALID_AT_MS + 5000 });
const limited = issue('id', ca, { ca: true, mayNotSign: true });
const samples = [...helloChain, ca.der, leaf.der, limited.der];

describe('both readers of certificates', () => {
  it.each(samples.map((der, i) => [i, der] as const))('read number %i alike', (_, der) => {
    const [ours, openssls] = [parseInBrowser(der)!, parseCertificate(der)!];
    const facts = ['isCa', 'validFrom', 'validTo', 'publicKey'] as const;
    for (const fact of facts) expect([fact, ours[fact]]).toEqual([fact, openssls[fact]]);
    for (const issuer of samples) {
      expect(ours.isSignedBy(parseInBrowser(issuer)!)).toBe(openssls.isSignedBy(parseCertificate(issuer)!));
      expect(ours.issuer === parseInBrowser(issuer)!.subject).toBe(openssls.issuer === parseCertificate(issuer)!.subject);
    }
  });

  it('never lets a changed certificate through as signed', () => {
    const issuer = parseInBrowser(ca.der)!;
    fc.assert(
      fc.property(fc.nat(leaf.der.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const der = Uint8Array.from(leaf.der, (byte, i) => (i === at ? byte ^ change : byte));
        expect(parseInBrowser(der)?.isSignedBy(issuer) ?? false).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes each byte for any other, and never throws', () => {
    for (let at = 0; at < limited.der.length; at++) {
      for (const byte of [0, 1, 2, 3, 0x06, 0x30, 0x7f, 0x80, 0x81, 0xff]) parseInBrowser(Uint8Array.from(limited.der, (own, i) => (i === at ? byte : own)));
    }
  });

  it('answers arbitrary bytes, and never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void parseInBrowser(bytes)), { numRuns: 2000 });
    fc.assert(
      fc.property(fc.nat(leaf.der.length), fc.uint8Array({ maxLength: 6 }), (at, bytes) => {
        parseInBrowser(Uint8Array.from([...leaf.der.subarray(0, at), ...bytes, ...leaf.der.subarray(at)]));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what follows a certificate, and a certificate cut short', () => {
    expect(parseInBrowser(Uint8Array.from([...leaf.der, 0]))).toBeNull();
    expect(parseInBrowser(leaf.der.subarray(0, -1))).toBeNull();
  });
});
