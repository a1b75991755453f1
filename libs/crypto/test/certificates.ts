/**
 * Certificates for tests, written as DER by hand: with any subject, issuer, dates and flags, wrong ones included, and
 * with Ed25519 as well as Ed448.
 */
import { concatBytes, utf8 } from '@polyplex/base';
import { encodePublicKey, generateKeyPair, type KeyPair, sign, type SignatureKind } from '@polyplex/crypto';

const DAY_MS = 86_400_000;

export interface CertificateFields {
  readonly subject: string;
  readonly keys: KeyPair<SignatureKind>;
  /** The issuer's name and keys; the certificate's own when absent. */
  readonly issuer?: { readonly subject: string; readonly keys: KeyPair<SignatureKind> };
  readonly ca?: boolean;
  /** Adds a keyUsage of digitalSignature alone. */
  readonly mayNotSign?: boolean;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
}

export interface TestCertificate extends CertificateFields {
  readonly der: Uint8Array;
}

/** The middle of the validity that certificates have unless told otherwise. */
export const VALID_AT_MS = Date.UTC(2030, 0, 1);

export function certificate(fields: CertificateFields): TestCertificate {
  const issuer = fields.issuer ?? fields;
  const algorithm = algorithmOf(issuer.keys.publicKey.kind);
  const body = node(
    0x30,
    node(0xa0, node(0x02, Uint8Array.of(2))),
    node(0x02, Uint8Array.of(1)),
    algorithm,
    nameOf(issuer.subject),
    node(0x30, time(fields.notBeforeMs ?? VALID_AT_MS - DAY_MS), time(fields.notAfterMs ?? VALID_AT_MS + DAY_MS)),
    nameOf(fields.subject),
    encodePublicKey(fields.keys.publicKey),
    node(0xa3, node(0x30, ...extensions(fields))),
  );
  const signature = sign(issuer.keys.privateKey, body);
  return { ...fields, der: node(0x30, body, algorithm, node(0x03, Uint8Array.of(0), signature)) };
}

/** Fresh keys and a certificate for them. */
export function issue(
  subject: string,
  issuer: TestCertificate | null,
  fields: Partial<CertificateFields> & { readonly kind?: SignatureKind } = {},
): TestCertificate {
  const keys = generateKeyPair(fields.kind ?? 'ed25519');
  return certificate({ subject, keys, ca: issuer === null, ...(issuer === null ? {} : { issuer }), ...fields });
}

function extensions(fields: CertificateFields): Uint8Array[] {
  const basic = extension([0x55, 0x1d, 0x13], node(0x30, ...(fields.ca === true ? [node(0x01, Uint8Array.of(0xff))] : [])));
  return fields.mayNotSign === true ? [basic, extension([0x55, 0x1d, 0x0f], node(0x03, Uint8Array.of(7, 0x80)))] : [basic];
}

function extension(oid: readonly number[], value: Uint8Array): Uint8Array {
  return node(0x30, node(0x06, Uint8Array.from(oid)), node(0x01, Uint8Array.of(0xff)), node(0x04, value));
}

function algorithmOf(kind: SignatureKind): Uint8Array {
  return node(0x30, node(0x06, Uint8Array.of(0x2b, 0x65, kind === 'ed25519' ? 0x70 : 0x71)));
}

function nameOf(commonName: string): Uint8Array {
  const attribute = node(0x30, node(0x06, Uint8Array.of(0x55, 4, 3)), node(0x0c, utf8(commonName)));
  return node(0x30, node(0x31, attribute));
}

/** GeneralizedTime, to the second. */
function time(ms: number): Uint8Array {
  return node(0x18, utf8(`${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));
}

function node(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...parts);
  const length = body.length;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...head), body);
}
