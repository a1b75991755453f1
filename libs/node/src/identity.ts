/**
 * A server's identity from its files (SMP §9.3, XFTP §7.1): online certificate and key, the CA certificate behind them,
 * and the `fingerprint` file, which keeps a server from starting under another identity than the one its users know.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { equalBytes, errorText, fromBase64Url } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import { type Credentials, type PemCredentials, readCredentials } from '@polyplex/transport-tls';
import { allOf } from './all-of.ts';
import type { IdentityFiles } from './config/network-sections.ts';
import { NodeError } from './node-error.ts';

export interface Identity {
  readonly credentials: Credentials;
  /** SHA-256 of the CA certificate: what the address names. */
  readonly fingerprint: Uint8Array;
}

const FINGERPRINT_FILE = 'fingerprint';
const FINGERPRINT_BYTES = 32;

/** Reads and checks the identity; throws `NodeError` IDENTITY naming the file, its setting and what is wrong with it. */
export function readIdentity({ certificateFile, keyFile, caCertificateFile }: IdentityFiles, section = 'identity'): Identity {
  const { leafPem, keyPem, caPem, known } = allOf({
    leafPem: () => readPem(`${section}.certificateFile`, certificateFile),
    keyPem: () => readPem(`${section}.keyFile`, keyFile),
    caPem: () => (caCertificateFile === null ? '' : readPem(`${section}.caCertificateFile`, caCertificateFile)),
    known: () => knownFingerprint(certificateFile),
  });
  const certificatePem = leafPem.includes(caPem.trim()) ? leafPem : leafPem + caPem;
  const credentials = checked(certificatePem, keyPem, certificateFile);
  const fingerprint = fingerprintOf(credentials.chain);
  if (fingerprint === null) throw new NodeError('IDENTITY', `${certificateFile}: there is no CA certificate in it`);
  if (known !== null && !equalBytes(known, fingerprint)) {
    throw new NodeError('IDENTITY', `${fingerprintFile(certificateFile)} names another CA certificate: with this one clients would not know the server again`);
  }
  return { credentials, fingerprint };
}

function checked(certificatePem: string, keyPem: string, file: string): Credentials {
  try {
    return readCredentials({ certificatePem, keyPem });
  } catch (error) {
    throw new NodeError('IDENTITY', `${file}: ${errorText(error)} ("polyplex cert rotate" makes a new pair of the same identity)`, { cause: error });
  }
}

/** Where the fingerprint that users know is kept: beside the online certificate. */
export function fingerprintFile(certificateFile: string): string {
  return join(dirname(certificateFile), FINGERPRINT_FILE);
}

/** The fingerprint that users know; null when no file says it. Throws `NodeError` IDENTITY. */
export function knownFingerprint(certificateFile: string): Uint8Array | null {
  const file = fingerprintFile(certificateFile);
  if (!existsSync(file)) return null;
  const known = fromBase64Url(readPem('fingerprint', file).trim());
  if (known?.length === FINGERPRINT_BYTES) return known;
  throw new NodeError('IDENTITY', `${file} holds no fingerprint: it is what stands between :// and @ in the address, without a password`);
}

interface WebFiles {
  readonly webCertificateFile: string | null;
  readonly webKeyFile: string | null;
}

/** Certificate and key for browsers; null where they are not given. Throws as `readIdentity` does. */
export function readWebCredentials({ webCertificateFile, webKeyFile }: WebFiles, section = 'listen'): PemCredentials | null {
  if (webCertificateFile === null || webKeyFile === null) return null;
  const pem = { certificate: readPem(`${section}.webCertificateFile`, webCertificateFile), key: readPem(`${section}.webKeyFile`, webKeyFile) };
  try {
    createSecureContext({ cert: pem.certificate, key: pem.key });
  } catch (error) {
    throw new NodeError('IDENTITY', `${webCertificateFile}: not a certificate that belongs to ${section}.webKeyFile`, { cause: error });
  }
  return pem;
}

/** `setting`: which one names the file, for the message. */
function readPem(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new NodeError('IDENTITY', `${path} cannot be read (${reason}; ${setting})`, { cause: error });
  }
}
