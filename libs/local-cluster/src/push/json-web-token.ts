/** JSON Web Tokens as push services check them (RFC 7519, ES256), written apart from the code that makes them. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';

export interface CheckedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly faults: readonly string[];
}

const NOTHING = { header: {}, claims: {} };

/** `key`: an uncompressed point of P-256, 65 bytes. */
export function checkToken(token: string, key: Uint8Array): CheckedToken {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return { ...NOTHING, faults: ['the token is not of three parts in base64url without padding'] };
  const [header, claims] = parts.slice(0, 2).map(jsonOf);
  if (header === undefined || claims === undefined) return { ...NOTHING, faults: ['header or claims of the token are no JSON objects'] };
  const signature = Buffer.from(parts[2]!, 'base64url');
  const faults: string[] = [];
  if (header.alg !== 'ES256') faults.push('alg is not ES256');
  if (signature.length !== 64) faults.push('the signature has not 64 bytes; DER is none of RFC 7518');
  else if (!verify('sha256', Buffer.from(`${parts[0]!}.${parts[1]!}`), { key: publicKeyOf(key), dsaEncoding: 'ieee-p1363' }, signature)) faults.push('the signature does not verify');
  return { header, claims, faults };
}

function publicKeyOf(point: Uint8Array): KeyObject {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => Buffer.from(half).toString('base64url'));
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x!, y: y! }, format: 'jwk' });
}

function jsonOf(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
