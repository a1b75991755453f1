/** `vectors/smp-wire.json`: encodings made by simplexmq 6.5.5. Binary values are lowercase hex, keys SPKI DER. */
import { readFileSync } from 'node:fs';
import { type AgreementKind, decodePrivateKey, decodePublicKey, type KeyKind, type PrivateKey, type PublicKey } from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';

export interface KeyVector {
  readonly pkcs8Der: string;
  readonly raw: string;
  readonly publicSpkiDer: string;
  readonly publicRaw: string;
}

type ByVersion = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, unknown>>;

export interface BlockVector {
  readonly from: 'client' | 'server';
  readonly block: { readonly content: string; readonly paddedTo: number } | { readonly encrypted: string };
}

export interface ClientTransmissionVector {
  readonly authKind: string;
  readonly authorized: string;
  readonly command: string;
  readonly corrId: string;
  readonly entityId: string;
  readonly privateKey: KeyVector | null;
  readonly serviceSigned: boolean;
  readonly transmission: string;
}

export interface SessionVector {
  readonly agreedVersion: number;
  readonly blockEncryption: boolean;
  readonly clientTransmissions: readonly ClientTransmissionVector[];
  readonly clientVersions: readonly [number, number];
  readonly clientX25519: KeyVector;
  readonly handshakeBlocks: readonly BlockVector[];
  readonly keyHash: string;
  readonly proxyServer: boolean;
  readonly serverChainDer: readonly string[];
  readonly serverLeafPrivateKey: string;
  readonly serverVersions: readonly [number, number];
  readonly serverX25519: KeyVector;
  readonly service: {
    readonly certHash: string;
    readonly chainDer: readonly string[];
    readonly leafPrivateKey: string;
    readonly serviceId: string;
    readonly sessionEd25519: KeyVector;
  } | null;
  readonly serviceRole: 'SRMessaging' | 'SRNotifier' | null;
  readonly sessionId: string;
  readonly transmissionBlocks: readonly BlockVector[];
}

interface ProxyVector {
  readonly version: number;
  readonly clientCommandKey: KeyVector;
  readonly corrIdClient: string;
  readonly corrIdProxy: string;
  readonly encFwdResponse: string;
  readonly encFwdTransmission: string;
  readonly encResponse: string;
  readonly encTransmission: string;
  readonly fwdTransmissionHeader: string;
  readonly fwdTransmissionLength: number;
  readonly innerAuthorized: string;
  readonly innerBatch: string;
  readonly pfwdCommand: string;
  readonly pkeyResponse: string;
  readonly proxyRelaySessionId: string;
  readonly proxySessionKey: KeyVector;
  readonly relayChainDer: readonly string[];
  readonly relayLeafPrivateKey: string;
  readonly relaySessionKey: KeyVector;
  readonly responseBatch: string;
  readonly senderAuthKey: KeyVector;
  readonly senderId: string;
}

interface WireVectors {
  readonly versions: readonly number[];
  readonly commands: readonly { readonly command: string; readonly minVersion: number; readonly fields: Fields; readonly byVersion: ByVersion }[];
  readonly responses: readonly { readonly response: string; readonly minVersion: number; readonly fields: Fields; readonly byVersion: ByVersion }[];
  readonly errors: readonly { readonly name: string; readonly json: Fields; readonly smpEncode: string; readonly strEncode: string; readonly byVersion: ByVersion }[];
  readonly messageDelivery: {
    readonly dhSecret: string;
    readonly notificationMeta: { readonly encMeta: string; readonly nonce: string; readonly plaintext: string };
    readonly samples: readonly { readonly name: string; readonly msgId: string; readonly encBody: string; readonly plaintextUnpadded: string }[];
  };
  readonly sessions: readonly SessionVector[];
  readonly proxy: readonly ProxyVector[];
}

export const wire = JSON.parse(readFileSync(new URL('vectors/smp-wire.json', import.meta.url), 'utf8')) as WireVectors;

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Where two byte strings differ, for messages shorter than a block; null when they are equal. */
export function difference(actual: Uint8Array, expected: Uint8Array): string | null {
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  if (at < 0 && actual.length === expected.length) return null;
  const from = Math.max(0, at < 0 ? Math.min(actual.length, expected.length) : at);
  const part = (bytes: Uint8Array): string => `${hex(bytes.subarray(from, from + 24))} of ${bytes.length} bytes`;
  return `differs at ${from}: ${part(actual)}, expected ${part(expected)}`;
}

/** Memory of its own: some functions work in place. */
export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

export function publicKey<K extends KeyKind>(der: string): PublicKey<K> {
  const key = decodePublicKey(unhex(der));
  if (key === null) throw new Error('not a public key');
  return key as PublicKey<K>;
}

export const authPublicKey = (der: string): AuthKey => publicKey(der);
export const dhPublicKey = (der: string): PublicKey<'x25519'> => publicKey(der);

export function privateKey<K extends KeyKind>(key: KeyVector | string): PrivateKey<K> {
  const decoded = decodePrivateKey(unhex(typeof key === 'string' ? key : key.pkcs8Der));
  if (decoded === null) throw new Error('not a private key');
  return decoded as PrivateKey<K>;
}

export const dhPrivateKey = (key: KeyVector): PrivateKey<AgreementKind & 'x25519'> => privateKey(key);
