/**
 * Certificate chains (SMP §2.3, §2.4): which certificate is the identity, and whether the chain leads from the leaf to
 * its anchor. Every certificate must be signed by the one right after it: the id certificate is public, so a chain
 * that merely contains it proves nothing unless it signed the leaf. Host names are not looked at.
 */
import { equalBytes } from '@polyplex/base';
import { sha256 } from './hashes.ts';
import type { PublicKey, SignatureKind } from './keys.ts';
import { type Certificate, parseCertificate } from './x509.ts';

/** Leaf, id, network, operator CA. */
const MAX_CHAIN_LENGTH = 4;
/** A chain must fit a hello, which is one block. */
const MAX_CERTIFICATE_BYTES = 16384;

export type ChainError =
  | 'empty'
  | 'too-deep' // more than four certificates
  | 'self-signed' // a certificate before the last one is issued by itself, or a lone one where that is not allowed
  | 'unknown-ca' // the id certificate is not the expected one, or the issuer is not the next certificate
  | 'bad-signature'
  | 'expired' // outside its dates, on either side
  | 'not-ca' // an issuer without basicConstraints CA, or whose key usage forbids signing certificates
  | 'malformed';

export interface ChainRules {
  /** SHA-256 of the id certificate; not compared when absent. */
  readonly expectedFingerprint?: Uint8Array | undefined;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: number;
  /** A chain of one certificate is its own anchor: client services only (SMP §3.5). */
  readonly allowSelfSigned?: boolean | undefined;
}

/** SHA-256 of the whole DER of the id certificate: the second, or the only one; null for a chain of 0 or above 4. */
export function fingerprintOf(chain: readonly Uint8Array[]): Uint8Array | null {
  const id = chain.length > MAX_CHAIN_LENGTH ? undefined : (chain[1] ?? chain[0]);
  return id === undefined ? null : sha256(id);
}

/** The Ed25519 or Ed448 key of the leaf certificate; null when there is none or it has a key of another kind. */
export function leafPublicKey(chain: readonly Uint8Array[]): PublicKey<SignatureKind> | null {
  const leaf = chain[0] === undefined ? null : parse(chain[0]);
  return leaf?.publicKey ?? null;
}

/** Validates a chain, leaf first. Never throws, whatever the bytes; costs some 0.3 ms for a chain of two. */
export function validateChain(chain: readonly Uint8Array[], rules: ChainRules): 'ok' | { error: ChainError } {
  const error = chainError(chain, rules);
  return error === null ? 'ok' : { error };
}

function chainError(chain: readonly Uint8Array[], rules: ChainRules): ChainError | null {
  return shapeError(chain, rules) ?? linksError(chain, rules.now);
}

/** Length, and the identity that was expected. */
function shapeError(chain: readonly Uint8Array[], rules: ChainRules): ChainError | null {
  if (chain.length === 0) return 'empty';
  if (chain.length > MAX_CHAIN_LENGTH) return 'too-deep';
  if (chain.length === 1 && rules.allowSelfSigned !== true) return 'self-signed';
  const fingerprint = rules.expectedFingerprint;
  return fingerprint !== undefined && !equalBytes(fingerprintOf(chain)!, fingerprint) ? 'unknown-ca' : null;
}

/** Who vouches for whom, up to the anchor, and whether all are current. */
function linksError(chain: readonly Uint8Array[], now: number): ChainError | null {
  const certificates = chain.map(parse);
  for (const [i, certificate] of certificates.entries()) {
    // The last one is the anchor. Alone it must vouch for itself; otherwise nothing is asked of its own signature.
    const issuer = certificates[chain.length === 1 ? i : i + 1];
    if (certificate === null || issuer === null) return 'malformed';
    const error = issuer === undefined ? null : linkError(certificate, issuer);
    if (error !== null) return error;
  }
  return certificates.every((certificate) => isCurrent(certificate!, now)) ? null : 'expired';
}

/** Why `issuer` does not vouch for `certificate`; null when it does. */
function linkError(certificate: Certificate, issuer: Certificate): ChainError | null {
  if (certificate.issuer !== issuer.subject) return certificate.issuer === certificate.subject ? 'self-signed' : 'unknown-ca';
  if (certificate !== issuer && !issuer.isCa) return 'not-ca';
  return certificate.isSignedBy(issuer) ? null : 'bad-signature';
}

/** A date that cannot be read compares as false. */
function isCurrent({ validFrom, validTo }: Certificate, now: number): boolean {
  return validFrom <= now && now <= validTo;
}

function parse(der: Uint8Array): Certificate | null {
  return der.length > MAX_CERTIFICATE_BYTES ? null : parseCertificate(der);
}
