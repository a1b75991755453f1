/** What a file server keeps of one chunk, which its protocol calls a file (XFTP §5.1). Bodies are a `ChunkStore`'s. */
import type { PublicKey } from '@polyplex/crypto';
import type { QueueStatus } from './queue-record.ts';

export interface NewFile {
  readonly senderId: Uint8Array;
  readonly senderKey: PublicKey;
  /** Bytes of the body. */
  readonly size: number;
  /** SHA-256 of the body; its length is the client's affair. */
  readonly digest: Uint8Array;
  /** Unix seconds, rounded down to the hour. */
  readonly createdAt: number;
}

export interface FileRecord extends NewFile {
  readonly status: QueueStatus;
  /** Names the body in the `ChunkStore`; null before the upload, and after the file was blocked. */
  readonly bodyId: string | null;
}

export interface NewRecipient {
  readonly recipientId: Uint8Array;
  readonly recipientKey: PublicKey;
}

/** A file, and the key that authorises the party by whose id it was found. */
export interface FoundFile {
  readonly file: FileRecord;
  readonly key: PublicKey;
}
