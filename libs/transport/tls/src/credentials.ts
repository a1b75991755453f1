/**
 * Credentials as TLS and the handshake need them: the chain, leaf first (SMP §2.3), and the leaf's private key.
 * What is returned has been checked whole, so that a server does not start with files that no client would accept.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CodedError, errorText } from '@polyplex/base';
import { decodePrivateKey, type PrivateKey, type SignatureKind, validateChain } from '@polyplex/crypto';

export interface Credentials {
  /** DER, leaf first; 2 to 4 certificates for a server, 1 for a self-signed service client. */
  readonly chain: readonly Uint8Array[];
  readonly privateKey: PrivateKey<SignatureKind>;
  /** The same in the form that TLS takes. */
  readonly pem: PemCredentials;
}

/** A certificate chain, leaf first, and its key, both PEM; also the form of the HTTPS page's credentials (any key type). */
export interface PemCredentials {
  readonly certificate: string;
  readonly key: string;
}

export type CredentialsErrorCode = 'MALFORMED' | 'KEY_TYPE' | 'KEY_MISMATCH' | 'CHAIN_LENGTH' | 'EXPIRED' | 'CHAIN_INVALID';

export class CredentialsError extends CodedError<CredentialsErrorCode> {
  override readonly name = 'CredentialsError';
}

export interface ReadCredentialsOptions {
  /** Leaf first; the CA may follow in the same text. */
  readonly certificatePem: string;
  readonly keyPem: string;
  /** Milliseconds since 1970; default the present. */
  readonly now?: number;
  /** Allows a single self-signed certificate, as service clients may have (SMP §2.3). */
  readonly allowSelfSigned?: boolean;
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Reads and checks credentials; throws `CredentialsError`, whose message names what is wrong and quotes no key. */
export function readCredentials(options: ReadCredentialsOptions): Credentials {
  const certificates = readCertificates(options.certificatePem);
  const leaf = certificates[0]!;
  const keyObject = readKey(options.keyPem);
  const privateKey = signingKey(keyObject);
  if (!leaf.checkPrivateKey(keyObject)) {
    throw new CredentialsError('KEY_MISMATCH', 'the private key does not belong to the first certificate');
  }
  const chain = certificates.map((certificate) => new Uint8Array(certificate.raw));
  checkChain(chain, options);
  return { chain, privateKey, pem: { certificate: certificates.map(String).join(''), key: options.keyPem } };
}

function readCertificates(pem: string): X509Certificate[] {
  const texts = pem.match(PEM_CERTIFICATE);
  if (texts === null) throw new CredentialsError('MALFORMED', 'there is no PEM certificate');
  return texts.map((text, index) => {
    try {
      return new X509Certificate(text);
    } catch (cause) {
      throw new CredentialsError('MALFORMED', `certificate ${index + 1} cannot be read: ${errorText(cause)}`, { cause });
    }
  });
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new CredentialsError('MALFORMED', 'the private key is not unencrypted PEM (PKCS #8)', { cause });
  }
}

function signingKey(key: KeyObject): PrivateKey<SignatureKind> {
  const decoded = decodePrivateKey(new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })));
  if (decoded === null || !isSigning(decoded)) {
    throw new CredentialsError('KEY_TYPE', `the key must be Ed25519 or Ed448, not ${key.asymmetricKeyType ?? 'unknown'}`);
  }
  return decoded;
}

function isSigning(key: PrivateKey): key is PrivateKey<SignatureKind> {
  return key.kind === 'ed25519' || key.kind === 'ed448';
}

function checkChain(chain: readonly Uint8Array[], options: ReadCredentialsOptions): void {
  const least = options.allowSelfSigned === true ? 1 : 2;
  if (chain.length < least || chain.length > 4) {
    throw new CredentialsError('CHAIN_LENGTH', `the chain has ${chain.length} certificate(s), it must have ${least} to 4`);
  }
  const now = options.now ?? Date.now();
  const result = validateChain(chain, { now, allowSelfSigned: options.allowSelfSigned === true });
  if (result === 'ok') return;
  if (result.error === 'expired') throw new CredentialsError('EXPIRED', 'a certificate has expired or is not valid yet');
  throw new CredentialsError('CHAIN_INVALID', `the certificates do not form a chain: ${result.error}`);
}
