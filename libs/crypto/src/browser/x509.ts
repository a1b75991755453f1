/**
 * Certificates as chains need them, for browsers: the few fields of X.509 (RFC 5280 §4.1) that a chain is judged by, and
 * signatures by Ed25519 and Ed448 alone (RFC 8410), which are the keys of every server. Anything else is no certificate.
 * DER is read strictly: one length form, nothing left over, so that a certificate has one fingerprint.
 */
import { CodedError, equalBytes, hasCode, lenientTextOf } from '@polyplex/base';
import { decodePublicKey } from '../key-der.ts';
import { verify } from '../key-operations.ts';
import type { PublicKey, SignatureKind } from '../keys.ts';
import type { Certificate } from '../x509.ts';

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const BOOLEAN = 0x01;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

const BASIC_CONSTRAINTS = Uint8Array.of(0x06, 3, 0x55, 0x1d, 0x13);
const KEY_USAGE = Uint8Array.of(0x06, 3, 0x55, 0x1d, 0x0f);
/** keyCertSign, the sixth bit of the first byte. */
const MAY_SIGN_CERTIFICATES = 0x04;

interface Node {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** Certificates come from the network: what is no DER ends the reading, and the certificate is none. */
function demand(condition: boolean): asserts condition {
  if (!condition) throw new CodedError('BAD_DER', 'not a certificate in DER');
}

/** The elements that `der` consists of. */
function nodesOf(der: Uint8Array): readonly Node[] {
  const nodes: Node[] = [];
  for (let at = 0; at < der.length; at += nodes.at(-1)!.whole.length) nodes.push(nodeAt(der.subarray(at)));
  return nodes;
}

function nodeAt(der: Uint8Array): Node {
  demand(der.length >= 2);
  const start = 2 + lengthBytes(der[1]!);
  demand(der.length >= start);
  const length = start === 2 ? der[1]! : der.subarray(2, start).reduce((sum, byte) => sum * 0x100 + byte, 0);
  demand(length >= (LEAST[start - 2] ?? 0) && start + length <= der.length);
  return { tag: der[0]!, content: der.subarray(start, start + length), whole: der.subarray(0, start + length) };
}

/** What a length of none, one and two bytes of its own is at least: a smaller one has a shorter form. */
const LEAST = [0, 0x80, 0x100];

/** How many bytes of length follow the first one; a certificate is shorter than three of them say. */
function lengthBytes(first: number): number {
  if (first < 0x80) return 0;
  demand(first === 0x81 || first === 0x82);
  return first - 0x80;
}

function sequence(node: Node | undefined): readonly Node[] {
  return nodesOf(contentOf(node, SEQUENCE));
}

/** The one element with this content. */
function only(der: Uint8Array): Node {
  const nodes = nodesOf(der);
  demand(nodes.length === 1);
  return nodes[0]!;
}

function contentOf(node: Node | undefined, tag: number): Uint8Array {
  demand(node?.tag === tag);
  return node.content;
}

/** null for what is not exactly one certificate. */
export function parseCertificate(der: Uint8Array): Certificate | null {
  try {
    return readCertificate(der);
  } catch (error) {
    if (hasCode(error, 'BAD_DER')) return null;
    throw error;
  }
}

function readCertificate(der: Uint8Array): Certificate {
  const parts = sequence(only(der));
  demand(parts.length === 3);
  const [body, algorithm, bits] = parts as [Node, Node, Node];
  const signature = contentOf(bits, BIT_STRING);
  demand(signature[0] === 0);
  const fields = sequence(body);
  const [, signedAlgorithm, issuer, validity, subject, key, ...rest] = fields[0]?.tag === VERSION ? fields.slice(1) : fields;
  demand(issuer?.tag === SEQUENCE && subject?.tag === SEQUENCE && key !== undefined);
  // The algorithm beside the signature is not signed itself.
  demand(signedAlgorithm !== undefined && equalBytes(signedAlgorithm.whole, algorithm.whole));
  const [from, to] = sequence(validity);
  return {
    issuer: binaryText(issuer.whole),
    subject: binaryText(subject.whole),
    isCa: isAuthority(extensionsOf(rest)),
    validFrom: timeOf(from),
    validTo: timeOf(to),
    publicKey: keyOf(key.whole),
    isSignedBy: ({ publicKey }) => publicKey !== null && verify(publicKey, body.whole, signature.subarray(1)),
  };
}

/** A string that is equal exactly where the bytes are. */
function binaryText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function keyOf(spki: Uint8Array): PublicKey<SignatureKind> | null {
  const key = decodePublicKey(spki);
  return key?.kind === 'ed25519' || key?.kind === 'ed448' ? (key as PublicKey<SignatureKind>) : null;
}

interface Extension {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

function extensionsOf(rest: readonly Node[]): readonly Extension[] {
  const node = rest.find(({ tag }) => tag === EXTENSIONS);
  if (node === undefined) return [];
  return sequence(only(node.content)).map((each) => {
    const parts = sequence(each);
    demand(parts[0] !== undefined);
    return { id: parts[0].whole, value: contentOf(parts.at(-1), OCTET_STRING) };
  });
}

function isAuthority(extensions: readonly Extension[]): boolean {
  const constraints = valueOf(extensions, BASIC_CONSTRAINTS);
  const flag = constraints === undefined ? undefined : sequence(constraints)[0];
  return flag?.tag === BOOLEAN && flag.content[0] === 0xff && maySign(extensions);
}

function maySign(extensions: readonly Extension[]): boolean {
  const usage = valueOf(extensions, KEY_USAGE);
  return usage === undefined || ((contentOf(usage, BIT_STRING)[1] ?? 0) & MAY_SIGN_CERTIFICATES) !== 0;
}

function valueOf(extensions: readonly Extension[], id: Uint8Array): Node | undefined {
  const found = extensions.find((each) => equalBytes(each.id, id));
  return found === undefined ? undefined : only(found.value);
}

/** UTCTime has two digits of the year, of which 50 to 99 mean the last century (RFC 5280 §4.1.2.5.1). */
function timeOf(node: Node | undefined): number {
  if (node?.tag !== UTC_TIME && node?.tag !== GENERALIZED_TIME) return Number.NaN;
  const text = lenientTextOf(node.content);
  const digits = node.tag === GENERALIZED_TIME ? text : `${text < '50' ? '20' : '19'}${text}`;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)?.slice(1);
  return parts === undefined ? Number.NaN : Date.parse(`${parts.slice(0, 3).join('-')}T${parts.slice(3).join(':')}Z`);
}
