/**
 * What a file description says (XFTP §1.4): where the chunks of a file are and how to decrypt it. One for each recipient,
 * and one for the sender, who deletes with it. It holds keys: whoever has it has the file.
 */
import { CodedError } from '@polyplex/base';
import type { PrivateKey } from '@polyplex/crypto';
import type { ServerAddress } from '@polyplex/protocol-common';

export type FileParty = 'recipient' | 'sender';

export interface ChunkReplica {
  readonly server: ServerAddress;
  /** Recipient id of the chunk on that server; the sender id in a sender's description. */
  readonly replicaId: Uint8Array;
  readonly replicaKey: PrivateKey<'ed25519' | 'ed448' | 'x25519'>;
}

export interface FileChunk {
  /** Bytes of the stored chunk. */
  readonly size: number;
  /** SHA-256 of the stored chunk. */
  readonly digest: Uint8Array;
  /** At least one; the first is the one to use, the others are for when it fails. */
  readonly replicas: readonly ChunkReplica[];
}

/** The size and digest of the file that is really meant (XFTP §1.7). */
export interface FileRedirect {
  readonly size: number;
  readonly digest: Uint8Array;
}

export interface FileDescription {
  readonly party: FileParty;
  /** Bytes of the encrypted file: all chunks together. */
  readonly size: number;
  /** SHA-512 of the encrypted file. */
  readonly digest: Uint8Array;
  /** 32 bytes: the secret of the file's box. */
  readonly key: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  /** What most chunks are long; writers use the size of the first one. */
  readonly chunkSize: number;
  /** In their order: chunk number 1 first. */
  readonly chunks: readonly FileChunk[];
  /** Not null when the content of this file is the description of another. */
  readonly redirect: FileRedirect | null;
}

/** Longest text that is read: three times that of 5 GiB, the largest file that clients take. */
export const MAX_DESCRIPTION_BYTES = 1024 * 1024;

/** `CodedError` with the code `BAD_DESCRIPTION`; the message is for people and names no id, key or server. */
export function descriptionError(message: string, cause?: unknown): CodedError<'BAD_DESCRIPTION'> {
  return new CodedError('BAD_DESCRIPTION', message, { cause });
}
