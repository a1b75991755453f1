/**
 * Certificates by the profile of SMP §9.3: an identity (CA) certificate that stays for ever, since addresses name its
 * fingerprint (§2.4), online server certificates signed by it, and certificates of service clients (§3.5).
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { CodedError, DAY, HOUR, utf8 } from '@polyplex/base';
import type { SignatureKind } from '@polyplex/crypto';
import { bitString, octetString, oid, positiveInteger, sequence, setOf, time, tlv, TRUE, utf8String } from './der.ts';
import type { PemCredentials } from './credentials.ts';

/** One certificate and its key, both PEM (PKCS #8). */
export type IssuedCertificate = PemCredentials;

export interface IssueCaOptions {
  readonly algorithm: SignatureKind;
  /** Default `SMP server CA`. At most 64 characters, as RFC 5280 bounds it. */
  readonly commonName?: string;
  /** Milliseconds since 1970; default the present. */
  readonly now?: number;
}

export interface IssueServerCertificateOptions {
  readonly ca: IssuedCertificate;
  /** The server's host name or address. */
  readonly commonName: string;
  readonly algorithm: SignatureKind;
  /** Default 999999, as the reference has it: apps check dates, and nobody would notice the day. */
  readonly days?: number;
  readonly now?: number;
}

export interface IssueServiceCertificateOptions extends Omit<IssueServerCertificateOptions, 'ca'> {
  /** Without one the certificate is self-signed: leaf and identity in one (SMP §2.3). */
  readonly ca?: IssuedCertificate;
  /**
   * 32 secret bytes of which an Ed25519 key and the serial number are made, default random ones: with `now` given too, the
   * same certificate again, byte by byte.
   */
  readonly seed?: Uint8Array;
}

const VALID_DAYS = 999_999;
/** Clients whose clocks are a little slow shall accept a new certificate. */
const BACKDATED_MS = HOUR;
const SERIAL_BYTES = 16;
const CA_COMMON_NAME = 'SMP server CA';
const ORGANIZATION = 'SimpleX';

const ALGORITHM_OIDS = { ed25519: '1.3.101.112', ed448: '1.3.101.113' } as const;
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION_NAME = '2.5.4.10';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** digitalSignature, nonRepudiation, keyAgreement: bits 0, 1 and 4 of five. */
const LEAF_KEY_USAGE = bitString(Uint8Array.of(0xc8), 3);

/** Makes an identity: CA key and self-signed certificate. Throws `CodedError` with code `COMMON_NAME` for a bad name. */
export function issueCa(options: IssueCaOptions): IssuedCertificate {
  const keys = newKeys(options.algorithm);
  const subject = name([COMMON_NAME, options.commonName ?? CA_COMMON_NAME], [ORGANIZATION_NAME, ORGANIZATION]);
  const self: Issuer = { name: subject, key: keys.privateKey, keyId: keys.keyId };
  const extensions = [
    subjectKeyId(keys.keyId),
    authorityKeyId(self.keyId),
    extension('2.5.29.19', sequence(TRUE), true),
  ];
  return issue({ keys, subject, issuer: self, extensions, days: VALID_DAYS, now: options.now });
}

/** Makes an online certificate signed by the CA; the chain to serve is this certificate followed by the CA's. */
export function issueServerCertificate(options: IssueServerCertificateOptions): IssuedCertificate {
  return issueLeaf(options, SERVER_AUTH, issuerOf(options.ca));
}

/** Makes a certificate for a service client, signed by a CA or by itself. */
export function issueServiceCertificate(options: IssueServiceCertificateOptions): IssuedCertificate {
  return issueLeaf(options, CLIENT_AUTH, options.ca === undefined ? null : issuerOf(options.ca));
}

interface Keys {
  readonly spki: Uint8Array;
  readonly privateKey: KeyObject;
  readonly keyId: Uint8Array;
}

interface Issuer {
  readonly name: Uint8Array;
  readonly key: KeyObject;
  readonly keyId: Uint8Array;
}

interface Issue {
  readonly keys: Keys;
  readonly subject: Uint8Array;
  readonly issuer: Issuer;
  readonly extensions: readonly Uint8Array[];
  readonly days: number;
  readonly now: number | undefined;
  readonly serial?: Uint8Array | undefined;
}

function issueLeaf(options: IssueServiceCertificateOptions, usage: string, ca: Issuer | null): IssuedCertificate {
  const { seed } = options;
  const keys = seed === undefined ? newKeys(options.algorithm) : keysOfSeed(seed);
  const subject = name([COMMON_NAME, options.commonName]);
  const issuer = ca ?? { name: subject, key: keys.privateKey, keyId: keys.keyId };
  const extensions = [
    extension('2.5.29.19', sequence()),
    extension('2.5.29.15', LEAF_KEY_USAGE),
    extension('2.5.29.37', sequence(oid(usage))),
    subjectKeyId(keys.keyId),
    authorityKeyId(issuer.keyId),
  ];
  return issue({ keys, subject, issuer, extensions, days: options.days ?? VALID_DAYS, now: options.now, serial: seed && serialOfSeed(seed) });
}

function issue({ keys, subject, issuer, extensions, days, now = Date.now(), serial = newSerial() }: Issue): IssuedCertificate {
  const algorithm = sequence(oid(ALGORITHM_OIDS[algorithmOf(issuer.key)]));
  const from = now - BACKDATED_MS;
  const toBeSigned = sequence(
    tlv(0xa0, positiveInteger(Uint8Array.of(2))), // version 3
    positiveInteger(serial),
    algorithm,
    issuer.name,
    sequence(time(from), time(from + days * DAY)),
    subject,
    keys.spki,
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign(null, toBeSigned, issuer.key);
  const certificate = new X509Certificate(sequence(toBeSigned, algorithm, bitString(signature)));
  return { certificate: certificate.toString(), key: pemOf(keys.privateKey) };
}

function newKeys(algorithm: SignatureKind): Keys {
  const { publicKey, privateKey } =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448');
  return { spki: spkiOf(publicKey), privateKey, keyId: keyIdOf(publicKey) };
}

/** RFC 8410 §7: what stands before the 32 bytes of an Ed25519 key. */
const ED25519_PREFIX = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
const SEED_BYTES = 32;

function keysOfSeed(seed: Uint8Array): Keys {
  if (seed.length !== SEED_BYTES) throw new CodedError('SEED', `a seed has ${String(SEED_BYTES)} bytes`);
  const privateKey = createPrivateKey({ key: Buffer.concat([ED25519_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  return { spki: spkiOf(publicKey), privateKey, keyId: keyIdOf(publicKey) };
}

function serialOfSeed(seed: Uint8Array): Uint8Array {
  const serial = new Uint8Array(createHash('sha256').update('serial').update(seed).digest()).subarray(0, SERIAL_BYTES);
  if (serial[0] === 0) serial[0] = 1;
  return serial;
}

function issuerOf(ca: IssuedCertificate): Issuer {
  const certificate = new X509Certificate(ca.certificate);
  const key = createPrivateKey(ca.key);
  if (!certificate.checkPrivateKey(key)) {
    throw new CodedError('KEY_MISMATCH', 'the CA key does not belong to the CA certificate');
  }
  return { name: subjectOf(certificate), key, keyId: keyIdOf(certificate.publicKey) };
}

function algorithmOf(key: KeyObject): SignatureKind {
  const type = key.asymmetricKeyType;
  if (type === 'ed25519' || type === 'ed448') return type;
  throw new CodedError('KEY_TYPE', 'the CA key must be Ed25519 or Ed448');
}

/** 128 random bits, positive, without a leading zero byte. */
function newSerial(): Uint8Array {
  const serial = new Uint8Array(randomBytes(SERIAL_BYTES));
  if (serial[0] === 0) serial[0] = 1;
  return serial;
}

function spkiOf(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ format: 'der', type: 'spki' });
}

/** SHA-1 of the raw public key (RFC 5280 §4.2.1.2, method 1): a label, not a safeguard. */
function keyIdOf(publicKey: KeyObject): Uint8Array {
  const raw = spkiOf(publicKey).subarray(SPKI_PREFIX_BYTES);
  return new Uint8Array(createHash('sha1').update(raw).digest());
}

/** Of Ed25519 and Ed448 alike: two sequences, the algorithm and the head of the bit string. */
const SPKI_PREFIX_BYTES = 12;

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function name(...attributes: readonly (readonly [type: string, value: string])[]): Uint8Array {
  return sequence(...attributes.map(([type, value]) => setOf(sequence(oid(type), utf8String(checkedName(value))))));
}

function checkedName(value: string): string {
  const length = utf8(value).length;
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (length > 0 && length <= 64 && !/[\u0000-\u001f\u007f]/.test(value)) return value;
  throw new CodedError('COMMON_NAME', 'a certificate name must have 1 to 64 bytes and no control characters');
}

function extension(id: string, value: Uint8Array, critical = false): Uint8Array {
  return critical ? sequence(oid(id), TRUE, octetString(value)) : sequence(oid(id), octetString(value));
}

function subjectKeyId(keyId: Uint8Array): Uint8Array {
  return extension('2.5.29.14', octetString(keyId));
}

function authorityKeyId(keyId: Uint8Array): Uint8Array {
  return extension('2.5.29.35', sequence(tlv(0x80, keyId)));
}

/** The subject exactly as the certificate has it, since an issuer must equal it byte by byte. */
function subjectOf(certificate: X509Certificate): Uint8Array {
  const children = childrenOf(childrenOf(certificate.raw)[0]!);
  return children[5]!;
}

/** The direct members of a constructed DER value that OpenSSL has already parsed. */
function childrenOf(der: Uint8Array): Uint8Array[] {
  const { start, end } = contentOf(der);
  const members: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    const rest = der.subarray(at, end);
    const length = contentOf(rest).end;
    members.push(rest.subarray(0, length));
    at += length;
  }
  return members;
}

function contentOf(der: Uint8Array): { start: number; end: number } {
  const first = der[1]!;
  const more = first < 0x80 ? 0 : first & 0x7f;
  let length = more === 0 ? first : 0;
  for (let i = 0; i < more; i++) length = length * 256 + der[2 + i]!;
  return { start: 2 + more, end: 2 + more + length };
}
