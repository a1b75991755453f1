/** `vectors/xftp-wire.json` and `vectors/xftp-file.json`: made by simplexmq 6.5.5. Binary values are lowercase hex, keys DER. */
import { readFileSync } from 'node:fs';
import { decodePrivateKey, decodePublicKey, type KeyKind, type PrivateKey, type PublicKey } from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';

export interface KeyVector {
  readonly pkcs8Der: string;
  readonly publicSpkiDer: string;
}

type ByVersion = Readonly<Record<'1' | '2' | '3', string>>;
type Fields = Readonly<Record<string, unknown>>;

interface WireVectors {
  readonly commands: readonly { readonly command: string; readonly fields: Fields; readonly byVersion: ByVersion }[];
  readonly responses: readonly { readonly response: string; readonly fields: Fields; readonly byVersion: ByVersion }[];
  readonly errors: readonly { readonly strEncode: string; readonly byVersion: ByVersion }[];
  readonly handshake: {
    readonly clientHandshake: string;
    readonly clientHello: { readonly noChallenge: string; readonly webChallenge: string; readonly withChallenge: string };
    readonly keyHash: string;
    readonly proof: string;
    readonly proofSignedBytes: string;
    readonly serverChainDer: readonly string[];
    readonly serverHandshake: string;
    readonly serverHandshakeBlockSha256: string;
    readonly serverHandshakeWithProof: string;
    readonly serverLeafPrivateKey: string;
    readonly serverX25519: KeyVector;
    readonly sessionId: string;
  };
  readonly transmissions: readonly {
    readonly name: string;
    readonly block: string;
    readonly authorized?: string;
    readonly corrId?: string;
    readonly entityId?: string;
    readonly implySessId?: boolean;
    readonly privateKey?: KeyVector;
  }[];
}

interface EncryptedVector {
  readonly ciphertext?: string | null;
  readonly encSize: number;
  readonly sha512: string;
}

export interface ReplicaVector {
  readonly replicaId: string;
  readonly replicaKeyPkcs8: string;
  readonly server: string;
}

export interface DescriptionVector {
  readonly name: string;
  readonly chunkSize: number;
  readonly chunks: readonly { readonly chunkNo: number; readonly chunkSize: number; readonly digest: string; readonly replicas: readonly ReplicaVector[] }[];
  readonly digest: string;
  readonly key: string;
  readonly nonce: string;
  readonly redirect: { readonly size: number; readonly digest: string } | null;
  readonly size: number;
  readonly yaml: string;
  readonly uri?: string;
  readonly uriWithClientData?: { readonly data: string; readonly uri: string };
}

interface FileVectors {
  readonly chunkSizeTable: readonly { readonly payload: number; readonly chunkSizes: readonly number[] }[];
  readonly fileSizes: readonly { readonly bytes: number; readonly strEncode: string }[];
  readonly files: readonly {
    readonly name: string;
    readonly extra: string | null;
    readonly fileSize: number;
    readonly headerEncoded: string;
    readonly key: string;
    readonly nonce: string;
    readonly exact: EncryptedVector;
    readonly padded100: EncryptedVector;
    readonly chunked: { readonly chunkSizes: readonly number[]; readonly chunkSha256: readonly string[]; readonly encSize: number; readonly sha512: string };
  }[];
  readonly downloads: readonly {
    readonly chunkSize: number;
    readonly bodyLength: number;
    readonly bodySha512: string;
    readonly body: string | null;
    readonly dhSecret: string;
    readonly nonce: string;
    readonly recipientKey: KeyVector;
    readonly serverKey: KeyVector;
  }[];
  readonly localEncryptedFiles: readonly { readonly key: string; readonly nonce: string; readonly size: number; readonly storedSha512: string }[];
  readonly descriptions: readonly DescriptionVector[];
}

const load = (name: string): unknown => JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8'));

export const wire = load('xftp-wire.json') as WireVectors;
export const files = load('xftp-file.json') as FileVectors;

/** Descriptions that the reference's command line wrote, with the links that it printed. */
export const cliFiles = (load('xftp-server/expected.json') as {
  files: { name: string; webLink: string; recipientDescriptions: string[]; senderDescription: string }[];
}).files;
export const cliDescription = (path: string): string => readFileSync(new URL(`vectors/xftp-server/${path}`, import.meta.url), 'utf8');

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

export const privateKey = <K extends KeyKind>({ pkcs8Der }: KeyVector): PrivateKey<K> => decodePrivateKey(unhex(pkcs8Der)) as PrivateKey<K>;
export const authPublicKey = (der: string): AuthKey => decodePublicKey(unhex(der)) as AuthKey;
export const dhPublicKey = (der: string): PublicKey<'x25519'> => decodePublicKey(unhex(der)) as PublicKey<'x25519'>;

/** The content of the reference's files: byte i = (i·7+3) mod 256. */
export const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7 + 3);
