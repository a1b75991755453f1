/** Certificates by the profile of SMP §9.3, read by the `openssl` command and beside the reference's own. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { issueCa, issueServerCertificate, issueServiceCertificate } from '../src/index.ts';
import { openssl, temporaryFolder } from './openssl.ts';

const REFERENCE = new URL('vectors/reference/', import.meta.url);
const ALGORITHMS = ['ed25519', 'ed448'] as const;

async function textOf(certificate: string): Promise<string> {
  const folder = await temporaryFolder({ 'a.crt': certificate });
  return openssl(['x509', '-in', join(folder, 'a.crt'), '-noout', '-text']);
}

/** The text without what differs between any two certificates. */
function profileOf(text: string): string {
  return text
    .replace(/([0-9a-f]{2}:)+\s*([0-9a-f]{2}:?\s*)*/gi, '<bytes> ')
    .replace(/Not (Before|After) *: .*/g, 'Not $1')
    .replace(/\s+/g, ' ');
}

describe.each(ALGORITHMS)('%s', (algorithm) => {
  const ca = issueCa({ algorithm });
  const server = issueServerCertificate({ ca, commonName: '127.0.0.1', algorithm });

  it('the chain verifies for servers', async () => {
    const folder = await temporaryFolder({ 'ca.crt': ca.certificate, 'server.crt': server.certificate });
    const files = ['-CAfile', join(folder, 'ca.crt'), join(folder, 'server.crt')];
    expect(await openssl(['verify', '-purpose', 'sslserver', '-check_ss_sig', ...files])).toMatch(/: OK\n$/);
    expect(await openssl(['verify', '-purpose', 'sslclient', ...files])).toContain('unsuitable certificate purpose');
  });

  it('service certificates verify for clients, signed by a CA and self-signed', async () => {
    const signed = issueServiceCertificate({ ca, commonName: 'service', algorithm }).certificate;
    const self = issueServiceCertificate({ commonName: 'service', algorithm }).certificate;
    const folder = await temporaryFolder({ 'ca.crt': ca.certificate, 'signed.crt': signed, 'self.crt': self });
    for (const [anchor, leaf] of [['ca.crt', 'signed.crt'], ['self.crt', 'self.crt']] as const) {
      const files = ['-CAfile', join(folder, anchor), join(folder, leaf)];
      expect(await openssl(['verify', '-purpose', 'sslclient', '-check_ss_sig', ...files])).toMatch(/: OK\n$/);
    }
  });

  it('keys are PKCS #8 PEM that openssl reads', async () => {
    const folder = await temporaryFolder({ 'a.key': server.key });
    expect(server.key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const text = await openssl(['pkey', '-in', join(folder, 'a.key'), '-noout', '-text']);
    expect(text).toContain(`${algorithm.toUpperCase()} Private-Key`);
  });
});

describe('the profile', () => {
  const ca = issueCa({ algorithm: 'ed25519' });
  const server = issueServerCertificate({ ca, commonName: '127.0.0.1', algorithm: 'ed25519' });

  it.each([
    ['ca.crt', ca.certificate],
    ['server.crt', server.certificate],
  ])('is that of the reference’s %s, field by field', async (name, certificate) => {
    const reference = profileOf(await textOf(readFileSync(new URL(name, REFERENCE), 'utf8')));
    expect(profileOf(await textOf(certificate))).toBe(reference);
  });

  it('is valid from an hour before, for 999999 days', () => {
    const now = Date.UTC(2026, 0, 2, 3, 4, 5);
    const { validFromDate, validToDate } = new X509Certificate(issueCa({ algorithm: 'ed25519', now }).certificate);
    expect(validFromDate.getTime()).toBe(now - 3_600_000);
    expect((validToDate.getTime() - validFromDate.getTime()) / 86_400_000).toBe(999_999);
  });

  it('has serials of up to 128 random bits, positive and minimal', () => {
    const issue = (): string => issueServiceCertificate({ commonName: 'a', algorithm: 'ed25519' }).certificate;
    const serials = Array.from({ length: 64 }, () => new X509Certificate(issue()).serialNumber);
    expect(new Set(serials).size).toBe(64);
    expect(serials.every((serial) => /^[0-9A-F]{32}$/.test(serial))).toBe(true);
  });

  it('takes names of 64 bytes and no more, and none that could forge a line', () => {
    const issue = (commonName: string): unknown => issueServerCertificate({ ca, commonName, algorithm: 'ed25519' });
    issue('x'.repeat(64));
    for (const name of ['', 'x'.repeat(65), 'ü'.repeat(33), 'a\nb', 'a\u0000b']) {
      expect(() => issue(name)).toThrow(expect.objectContaining({ code: 'COMMON_NAME' }));
    }
  });

  it('keeps the issuer’s name byte by byte, the reference’s included', async () => {
    const file = (name: string): string => readFileSync(new URL(name, REFERENCE), 'utf8');
    // Only a CA whose key we have can sign: the reference's server key stands for one here.
    const issuer = { certificate: file('server.crt'), key: file('server.key') };
    const leaf = issueServerCertificate({ ca: issuer, commonName: 'leaf', algorithm: 'ed448' });
    const certificate = new X509Certificate(leaf.certificate);
    expect(certificate.issuer).toBe('CN=127.0.0.1');
    expect(certificate.verify(new X509Certificate(issuer.certificate).publicKey)).toBe(true);
  });

  it('is not issued with a key that is not the CA’s', () => {
    const wrong = { certificate: ca.certificate, key: issueCa({ algorithm: 'ed25519' }).key };
    const issue = (): unknown => issueServerCertificate({ ca: wrong, commonName: 'a', algorithm: 'ed25519' });
    expect(issue).toThrow(expect.objectContaining({ code: 'KEY_MISMATCH' }));
  });
});
