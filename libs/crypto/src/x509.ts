/**
 * Certificates as chains need them, read by OpenSSL. `browser/x509.ts` offers the same where there is no node:crypto;
 * a test holds both to the same answers.
 */
import { X509Certificate } from 'node:crypto';
import { equalBytes } from '@polyplex/base';
import { decodePublicKey } from './key-der.ts';
import type { PublicKey, SignatureKind } from './keys.ts';

/** What a chain asks of one certificate. */
export interface Certificate {
  /** Names to be compared and no more; the reader chooses the form. */
  readonly issuer: string;
  readonly subject: string;
  /** Whether it may issue others: basicConstraints, and keyUsage where it has one. */
  readonly isCa: boolean;
  /** Milliseconds since 1970-01-01 UTC; NaN for a date that cannot be read. */
  readonly validFrom: number;
  readonly validTo: number;
  /** null for a key of another kind. */
  readonly publicKey: PublicKey<SignatureKind> | null;
  /** Whether the key of `issuer`, from the same reader, signed this one; false also for keys that cannot be used. */
  isSignedBy(issuer: Certificate): boolean;
}

class OpensslCertificate implements Certificate {
  readonly x509: X509Certificate;

  constructor(x509: X509Certificate) {
    this.x509 = x509;
  }

  get issuer(): string {
    return this.x509.issuer;
  }

  get subject(): string {
    return this.x509.subject;
  }

  get isCa(): boolean {
    return this.x509.ca;
  }

  get validFrom(): number {
    return this.x509.validFromDate.getTime();
  }

  get validTo(): number {
    return this.x509.validToDate.getTime();
  }

  get publicKey(): PublicKey<SignatureKind> | null {
    let spki: Buffer;
    try {
      spki = this.x509.publicKey.export({ format: 'der', type: 'spki' });
    } catch {
      return null; // a key that OpenSSL does not know or cannot read
    }
    const key = decodePublicKey(spki);
    return key !== null && (key.kind === 'ed25519' || key.kind === 'ed448') ? (key as PublicKey<SignatureKind>) : null;
  }

  isSignedBy(issuer: Certificate): boolean {
    try {
      return issuer instanceof OpensslCertificate && this.x509.verify(issuer.x509.publicKey);
    } catch {
      return false; // a key that OpenSSL does not know or cannot read
    }
  }
}

/** Reads DER strictly: what re-encodes to other bytes (PEM, trailing bytes) would have several fingerprints. */
export function parseCertificate(der: Uint8Array): Certificate | null {
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(der);
  } catch {
    return null;
  }
  return equalBytes(x509.raw, der) ? new OpensslCertificate(x509) : null;
}
