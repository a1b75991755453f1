/**
 * P-256 keys that sign JSON Web Tokens (RFC 7518 §3.4, ES256): Apple's key of a developer account, and the server's own VAPID
 * key. Signatures are raw, 64 bytes.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { PushSetupError } from './push-error.ts';

export interface SigningKey {
  /** The uncompressed point, 65 bytes. */
  readonly publicPoint: Uint8Array;
  /** A token of these claims, signed. */
  jwt(header: Readonly<Record<string, string>>, claims: Readonly<Record<string, string | number>>): string;
}

/** What a message about a key names: the file, and where such a key comes from. */
export interface KeyOrigin {
  readonly file: string;
  readonly advice: string;
}

/** Reads PEM (PKCS #8 or SEC 1). Throws `PushSetupError` with code `KEY`, which names the file and what to do. */
export function readSigningKey(pem: string, { file, advice }: KeyOrigin): SigningKey {
  const problem = (what: string, cause?: unknown): PushSetupError => new PushSetupError('KEY', `${file} ${what}. ${advice}`, { cause });
  if (/-----BEGIN (CERTIFICATE|PUBLIC KEY)-----/.test(pem) && !pem.includes('PRIVATE KEY-----')) throw problem('holds no private key');
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem)) throw problem('is encrypted with a password, and nobody is here to type it');
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw problem('holds no private key in PEM form', cause);
  }
  const kind = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType;
  if (kind !== 'prime256v1') throw problem(`holds a key of another kind (${String(kind)}) than P-256`);
  return { publicPoint: pointOf(key), jwt: (header, claims) => signToken(key, header, claims) };
}

/** A new key, PEM (PKCS #8). */
export function generateSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Base64url without padding, as JSON Web Tokens and VAPID have it. */
export function base64UrlOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
}

function signToken(key: KeyObject, header: object, claims: object): string {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function pointOf(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  return new Uint8Array(Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]));
}
