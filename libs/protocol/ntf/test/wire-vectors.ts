/** `vectors/ntf-wire.json`: made by simplexmq 6.5.5. Binary values are lowercase hex, keys DER. */
import { readFileSync } from 'node:fs';
import { decodePrivateKey, decodePublicKey, type KeyKind, type PrivateKey, type PublicKey } from '@polyplex/crypto';

interface KeyVector {
  readonly pkcs8Der: string;
  readonly publicSpkiDer: string;
}

type ByVersion = Readonly<Record<'1' | '2' | '3', string>>;
export type Fields = Readonly<Record<string, unknown>>;

export interface BlockVector {
  readonly from: 'server' | 'client';
  readonly block: { readonly content: string; readonly paddedTo: number };
}

export interface ClientTransmissionVector {
  readonly authKind: 'none' | 'Ed25519' | 'X25519 authenticator';
  readonly authorized: string;
  readonly corrId: string;
  readonly entityId: string;
  readonly privateKey: KeyVector | null;
  readonly transmission: string;
}

export interface SessionVector {
  readonly agreedVersion: number;
  readonly clientTransmissions: readonly ClientTransmissionVector[];
  readonly handshakeBlocks: readonly BlockVector[];
  readonly keyHash: string;
  readonly serverChainDer: readonly string[];
  readonly serverLeafPrivateKey: string;
  readonly serverX25519: KeyVector;
  readonly sessionId: string;
  readonly transmissionBlocks: readonly BlockVector[];
}

interface PushMessageVector {
  readonly encNMsgMeta: string;
  readonly nonce: string;
  readonly ntfTs: number;
  readonly smpQueueStr: string;
  readonly strEncode: string;
}

interface WireVectors {
  readonly commands: readonly { readonly command: string; readonly fields: Fields; readonly byVersion: ByVersion }[];
  readonly responses: readonly { readonly response: string; readonly fields: Fields; readonly byVersion: ByVersion }[];
  readonly pushMessages: { readonly encoded: string; readonly messages: readonly PushMessageVector[] };
  readonly pushPayloadEncryption: {
    readonly encrypted: string;
    readonly nonce: string;
    readonly paddedLength: number;
    readonly peerKey: KeyVector;
    readonly plaintext: string;
    readonly privateKey: KeyVector;
  };
  readonly sessions: readonly SessionVector[];
}

export const wire = JSON.parse(readFileSync(new URL('./vectors/ntf-wire.json', import.meta.url), 'utf8')) as WireVectors;

export const VERSIONS = ['1', '2', '3'] as const;

export function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function privateKeyOf<K extends KeyKind>(der: string): PrivateKey<K> {
  return decodePrivateKey(unhex(der)) as PrivateKey<K>;
}

export function publicKeyOf<K extends KeyKind>(der: string): PublicKey<K> {
  return decodePublicKey(unhex(der)) as PublicKey<K>;
}
