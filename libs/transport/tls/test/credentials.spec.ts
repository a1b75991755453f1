/** What a server is told about the files that it is given. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueServerCertificate, issueServiceCertificate, readCredentials } from '../src/index.ts';
import { IDENTITY, newIdentity } from './support.ts';

const { ca, leaf } = IDENTITY;
const OTHER = newIdentity();
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const DAY = 86_400_000;
const dated = (dates: { days?: number; now: number }): ReturnType<typeof issueServerCertificate> =>
  issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519', ...dates });
const old = dated({ days: 5, now: Date.now() - 10 * DAY });
const early = dated({ now: Date.now() + 10 * DAY });

describe('readCredentials', () => {
  it('gives the chain in DER and the key', () => {
    const { chain, privateKey } = readCredentials({
      certificatePem: `some text\n${leaf.certificate}\r\nmore\n${ca.certificate}`,
      keyPem: leaf.key,
    });
    expect(chain).toEqual(IDENTITY.credentials.chain);
    expect(chain.every((der) => der.constructor === Uint8Array)).toBe(true);
    expect(privateKey.kind).toBe('ed25519');
    expect(privateKey.raw).toHaveLength(32);
  });

  it('takes a single self-signed certificate only where that is allowed', () => {
    const service = issueServiceCertificate({ commonName: 'service', algorithm: 'ed448' });
    const options = { certificatePem: service.certificate, keyPem: service.key };
    expect(readCredentials({ ...options, allowSelfSigned: true }).privateKey.kind).toBe('ed448');
    expect(() => readCredentials(options)).toThrow(expect.objectContaining({ code: 'CHAIN_LENGTH' }));
  });

  it.each([
    ['MALFORMED', 'no certificate', '', leaf.key],
    ['MALFORMED', 'a certificate that is none', leaf.certificate.replace(/\nMII./, '\nAAAA'), leaf.key],
    ['MALFORMED', 'no key', leaf.certificate + ca.certificate, 'not a key'],
    ['KEY_TYPE', 'an RSA key', leaf.certificate + ca.certificate, RSA],
    ['KEY_MISMATCH', 'the key of another certificate', leaf.certificate + ca.certificate, OTHER.leaf.key],
    ['KEY_MISMATCH', 'the CA first', ca.certificate + leaf.certificate, leaf.key],
    ['CHAIN_LENGTH', 'the leaf alone', leaf.certificate, leaf.key],
    ['CHAIN_LENGTH', 'five certificates', leaf.certificate + ca.certificate.repeat(4), leaf.key],
    ['CHAIN_INVALID', 'another CA', leaf.certificate + OTHER.ca.certificate, leaf.key],
    ['EXPIRED', 'an old certificate', old.certificate + ca.certificate, old.key],
    ['EXPIRED', 'a certificate of the future', early.certificate + ca.certificate, early.key],
  ])('%s: %s', (code, _what, certificatePem, keyPem) => {
    expect(() => readCredentials({ certificatePem, keyPem })).toThrow(expect.objectContaining({ code }));
  });

  it('quotes no key in its errors', () => {
    const secret = leaf.key.split('\n')[1]!;
    try {
      readCredentials({ certificatePem: OTHER.leaf.certificate, keyPem: `-----BEGIN PRIVATE KEY-----\n${secret}` });
      expect.unreachable();
    } catch (error) {
      expect(String(error) + String((error as Error).stack) + String((error as Error).cause)).not.toContain(secret);
    }
  });
});
