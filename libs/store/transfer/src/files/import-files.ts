/**
 * Files of a log into the stores of a file server. The body comes first and has a name that follows from the file's id:
 * so an import that ended anywhere is run again, finds what it wrote, and leaves nothing behind. No node may run meanwhile.
 */
import { createHash } from 'node:crypto';
import { equalBytes } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import type { ChunkStore, FileRecord, FileStore, WholeFile } from '@polyplex/store-contract';
import type { LoggedFile } from '../xftp-log/file-blocks.ts';
import { type BodySource, checkedBody } from './body-source.ts';
import { type CheckOutcome, type ImportOutcome, letGo, readToEnd, walkFiles, type WalkOptions } from './outcomes.ts';

export interface FileStores {
  readonly files: Pick<FileStore, 'find' | 'putFile'>;
  readonly chunks: Pick<ChunkStore, 'write' | 'read' | 'remove'>;
}

/** Faults of bodies are thrown. */
type Outcome = Extract<ImportOutcome, 'written' | 'present' | 'CHANGED' | 'COLLISION'>;

/** A step that has begun is ended, and is short. */
const NEVER = new AbortController().signal;

/** Rejects with the `StoreError` that ended it; what was written by then stays. */
export async function importFiles(stores: FileStores, files: Iterable<LoggedFile>, source: BodySource, options: WalkOptions<ImportOutcome>): Promise<void> {
  await walkFiles(files, options, (file) => importFile(stores, file, source));
}

/** Looks at the bodies that an import would take. */
export async function checkFiles(files: Iterable<LoggedFile>, source: BodySource, options: WalkOptions<CheckOutcome>): Promise<void> {
  await walkFiles(files, options, async ({ file, body }) => {
    if (body !== null) await readToEnd(await checkedBody(source, body, file));
    return 'right' as const;
  });
}

async function importFile(stores: FileStores, logged: LoggedFile, source: BodySource): Promise<Outcome> {
  const { files, chunks } = stores;
  const whole = wholeFile(logged);
  const found = await files.find('sender', logged.file.senderId);
  if (found !== null) return lookAtPresent(stores, whole, found.file, () => writeBody(chunks, logged, source));
  await writeBody(chunks, logged, source);
  const put = await files.putFile(whole);
  if (put === 'collision' && whole.file.bodyId !== null) await chunks.remove(whole.file.bodyId);
  return put === 'collision' ? 'COLLISION' : 'written';
}

async function lookAtPresent({ files, chunks }: FileStores, whole: WholeFile, found: FileRecord, writeAgain: () => Promise<void>): Promise<Outcome> {
  if (!isSameFile(found, whole.file)) return 'COLLISION';
  if ((await files.putFile(whole)) === 'collision') return 'CHANGED';
  if (whole.file.bodyId === null || (await sizeOfBody(chunks, whole.file.bodyId)) === whole.file.size) return 'present';
  // The record was written after its body, which then was lost.
  await writeAgain();
  return 'written';
}

/** Of a body that is stored; null for none. */
async function sizeOfBody(chunks: FileStores['chunks'], bodyId: string): Promise<number | null> {
  const body = await chunks.read(bodyId);
  if (body !== null) await letGo(body);
  return body?.size ?? null;
}

async function writeBody(chunks: FileStores['chunks'], { file, body }: LoggedFile, source: BodySource): Promise<void> {
  if (body === null) return;
  const bodyId = importedBodyId(file.senderId);
  // What an interrupted import has left of it.
  await chunks.remove(bodyId);
  try {
    await chunks.write(bodyId, await checkedBody(source, body, file), NEVER);
  } catch (error) {
    await chunks.remove(bodyId);
    throw error;
  }
}

/** What is in the log, as the stores have it. */
export function wholeFile({ file, body, recipients }: LoggedFile): WholeFile {
  return { file: { ...file, bodyId: body === null ? null : importedBodyId(file.senderId) }, recipients };
}

/** Always the same for the same file, and none that a node would choose. */
function importedBodyId(senderId: Uint8Array): string {
  return createHash('sha256').update('imported body').update(senderId).digest('base64url');
}

/** Whether it is the same upload, whatever has become of it. */
function isSameFile(a: FileRecord, b: FileRecord): boolean {
  return publicKeysEqual(a.senderKey, b.senderKey) && a.size === b.size && equalBytes(a.digest, b.digest);
}
