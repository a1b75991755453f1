/** What all steps on files share, and the parts that several of them have. */
import { type Clock, equalBytes } from '@polyplex/base';
import type { FileRecord } from '@polyplex/store-contract';
import { present } from '../engine.ts';
import type { WriteQueue } from '../write-queue.ts';
import { bodyIdOf, bodyKey, type FileTables, recipientIdsOf, recipientKey, timeKey } from './tables.ts';
import type { UsageCount } from './usage.ts';
import type { BodyRow, FileRow } from './value-formats.ts';

export interface FileEngine {
  readonly tables: FileTables;
  readonly writes: WriteQueue;
  readonly usage: UsageCount;
  readonly clock: Clock;
  /** How long after its removal a body is expected to be discarded, milliseconds. */
  readonly graceMs: number;
  /** Tells the operator, once, that a row could not be read and was passed over. */
  readonly reportDamage: () => void;
}

/** Of steps that a full disk must not stop. */
export const FREES = { queues: [], frees: true } as const;
/** Of steps that take space. */
export const GROWS = { queues: [] } as const;

export function recordOf(senderId: Uint8Array, { bodyId, ...rest }: FileRow): FileRecord {
  return { senderId, ...rest, bodyId: bodyId === null ? null : bodyIdOf(bodyId) };
}

export function rowOf({ senderKey, size, digest, createdAt, status, bodyId }: Omit<FileRecord, 'senderId'>): FileRow {
  return { senderKey, size, digest, createdAt, status, bodyId: bodyId === null ? null : bodyKey(bodyId) };
}

export const isBodyOf = (bodyId: Uint8Array, file: FileRow): boolean => file.bodyId !== null && equalBytes(bodyId, file.bodyId);

/** Writes a body that is new, or whose state or time has changed, and keeps the index of times beside it. */
export function putBody({ tables }: FileEngine, bodyId: Uint8Array, before: BodyRow | null, after: BodyRow): void {
  if (before !== null && before.state !== 'H') tables.due.remove(timeKey(before.due, bodyId));
  if (after.state !== 'H') tables.due.put(timeKey(after.due, bodyId), undefined);
  tables.bodies.put(bodyId, after);
}

/** Puts all of a new file, and counts it; a body is counted by whoever puts it. */
export function putFile({ tables, usage }: FileEngine, senderId: Uint8Array, row: FileRow): void {
  tables.files.put(senderId, row);
  tables.ages.put(timeKey(row.createdAt, senderId), undefined);
  usage.add({ files: 1 });
}

/**
 * Removes a file with its recipients; its body is left, and answered. What is damaged is found before anything is changed,
 * so that nothing is half removed.
 */
export function removeFile(engine: FileEngine, senderId: Uint8Array, row: FileRow): { bodyId: string | null } {
  const { tables, usage } = engine;
  const recipientIds = recipientIdsOf(tables, senderId);
  const left = leaveBody(engine, row);
  for (const recipientId of recipientIds) {
    tables.recipients.remove(recipientId);
    tables.fileRecipients.remove(recipientKey(senderId, recipientId));
  }
  tables.files.remove(senderId);
  tables.ages.remove(timeKey(row.createdAt, senderId));
  usage.add({ files: -1 });
  return left;
}

/** The body of a file, if it has one, is left from now on; the file's row is the caller's to change. */
export function leaveBody(engine: FileEngine, { bodyId }: FileRow): { bodyId: string | null } {
  if (bodyId === null) return { bodyId: null };
  const body = present(engine.tables.bodies.get(bodyId));
  putBody(engine, bodyId, body, { ...body, state: 'L', due: engine.clock.now() + engine.graceMs });
  engine.usage.add({ uploaded: -1 });
  return { bodyId: bodyIdOf(bodyId) };
}
