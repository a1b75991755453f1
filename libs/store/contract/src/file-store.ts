/**
 * FileStore: the records of a file server, as whole protocol steps (XFTP §5), and what is known of their bodies. Bodies
 * themselves are in a `ChunkStore`; what keeps the two together is told here, so that a process may die between any two
 * steps and nothing is lost or left behind:
 *
 *   upload   beginUpload → the body is written → commitUpload
 *   removal  remove, block or expire → the body is removed → discard
 *
 * A body is known to the FileStore from before its first byte until after its last: `leftBodies` gives those whose next
 * step did not come, and whoever finds them removes the body, then discards it.
 *
 * Rules for every method:
 * - A step is atomic, and durable when it is answered; the answer of `commitUpload` is what an upload's OK stands on.
 * - A rejected promise is a `StoreError`; the step may or may not have happened, and calling it again is safe.
 * - Steps may be called from any number of processes where the engine is for several.
 * - Arguments are not kept; results own their memory. Ids have 1 to 255 bytes, body ids are of `[A-Za-z0-9_-]{1,64}`.
 * - Sender ids and recipient ids are apart: each names nothing as the other.
 */
import type { FoundFile, NewFile, NewRecipient } from './file-record.ts';
import type { BlockingInfo } from './queue-record.ts';
import type { Transferable } from './file-transfer.ts';
import type { FactSource } from './store-facts.ts';

export type FileParty = 'sender' | 'recipient';

export interface UploadOptions {
  /** Bytes that all bodies together may have; null for any number. */
  readonly quota: number | null;
  /** After so many milliseconds without an end the upload counts as lost: it is never committed, and its body is left. */
  readonly leaseMs: number;
}

export interface FileUsage {
  /** Records, also of files not uploaded. */
  readonly files: number;
  /** Files with a body. */
  readonly uploaded: number;
  /** Bytes that count to the quota: of uploads under way and of bodies not yet discarded, too. */
  readonly bytes: number;
}

export interface Files {
  /**
   * Stores a file with its first recipients; `collision` when an id is taken, by an earlier call of the same, too, or
   * given twice: then nothing is stored.
   */
  create(file: NewFile, recipients: readonly NewRecipient[]): Promise<'created' | 'collision'>;
  /** Adds recipients to a file, uploaded or not; `gone` when there is no such file. */
  addRecipients(senderId: Uint8Array, recipients: readonly NewRecipient[]): Promise<'added' | 'collision' | 'gone'>;
  /** The file with this id, whatever its status; null where there is none. */
  find(party: FileParty, id: Uint8Array): Promise<FoundFile | null>;
  /** Removes one recipient, never the file; false when there is no such recipient. */
  acknowledge(recipientId: Uint8Array): Promise<boolean>;
}

export interface Uploads {
  /**
   * Announces a body that is about to be written, and counts its size to the quota. `quota`: there is no room.
   * `uploaded`: the file has a body. `gone`: no file, or not an active one. Of several uploads of one file each counts.
   * Repeated for an upload under way it is `begun`, counted once, and the lease begins anew. A body id that is known
   * otherwise is `FAILED`.
   */
  beginUpload(senderId: Uint8Array, bodyId: string, options: UploadOptions): Promise<'begun' | 'quota' | 'uploaded' | 'gone'>;
  /**
   * Makes the body that of the file. `gone`: the file is not there or not active any more; else `uploaded`: another
   * upload was first; else `gone`: the lease ran out, or the body was discarded or announced for another file. Then
   * the body is left, as after an upload that failed: the caller removes and discards it. Repeated for the body that
   * the file has it is `committed`.
   */
  commitUpload(senderId: Uint8Array, bodyId: string): Promise<'committed' | 'uploaded' | 'gone'>;
}

export interface Removals {
  /**
   * Removes a file and all its recipients. Answers with its body, now left, or null for a file without one; null in
   * place of an answer when there is no such file.
   */
  remove(senderId: Uint8Array): Promise<{ readonly bodyId: string | null } | null>;
  /** Sets the status and takes the body away, as `remove`; the record stays until it expires. Blocked already: the new info. */
  block(senderId: Uint8Array, info: BlockingInfo): Promise<{ readonly bodyId: string | null } | null>;
  /** Makes a blocked file active, without a body: it can be uploaded again. Another stays as it is. False: no such file. */
  unblock(senderId: Uint8Array): Promise<boolean>;
  /**
   * Removes up to `limit` of the files created before that time (Unix seconds), blocked ones and those without a body
   * included. `bodies` are left; fewer than `limit` files: there are no more.
   */
  expire(createdBefore: number, limit: number): Promise<{ readonly files: number; readonly bodies: readonly string[] }>;
  /**
   * A body is no longer there: its bytes are given back to the quota, once, and an upload of it is never committed. A
   * body that a file has is not touched.
   */
  discard(bodyId: string): Promise<void>;
  /**
   * Up to `limit` bodies that somebody should have removed and discarded by now: of uploads whose lease ran out and of
   * files removed some time ago (a minute, unless the engine is told otherwise). From here on none of them can be
   * committed. Each is given again, if not at once then after that time, until it is discarded.
   */
  leftBodies(limit: number): Promise<readonly string[]>;
  /** For each body whether it is known: of a file, of an upload under way, or left. */
  knows(bodyIds: readonly string[]): Promise<readonly boolean[]>;
}

export interface FileStore extends Files, Uploads, Removals, Transferable, FactSource {
  /** Kept as things change: never scans. */
  usage(): Promise<FileUsage>;
  /** Resolves when the store can serve; rejects otherwise. */
  check(): Promise<void>;
  close(): Promise<void>;
}

