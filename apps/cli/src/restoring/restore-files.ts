/**
 * The data of a file server, from a backup to where it looks for it: the records, and of the bodies those that records name,
 * each compared with the digest in its record. A record whose body is not there, since its file was removed while the backup
 * was made, goes; so does one whose body is damaged, and that is told.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { equalBytes } from '@polyplex/base';
import { BODIES_FOLDER, copyDurably, DATA_FILE, keepOnly, makeFolder, RECORDS_FOLDER } from '@polyplex/node';
import { type ChunkBody, type ChunkStore, StoreError } from '@polyplex/store-contract';
import { bodiesOfCopy, type EmbeddedFileStore, type HeldBody, openDiskChunkStore, openEmbeddedFileStore } from '@polyplex/store-embedded';
import { CliError } from '../report-failure.ts';
import { staged } from './staged-folder.ts';

export interface RestoredFiles {
  readonly restored: number;
  readonly bytes: number;
  /** Removed while the backup was made. */
  readonly gone: number;
  readonly damaged: number;
}

/** At the same time: several flushes of a disk take as long as one. */
const AT_ONCE = 8;

type Outcome = Exclude<keyof RestoredFiles, 'bytes'>;

export interface FilesOptions {
  /** Ends it between two files. */
  readonly signal: AbortSignal;
  readonly onFile: (done: number, bytes: number) => void;
}

/** Where the server has its records and its bodies, in its folder. */
export async function restoreFiles(backup: string, folder: string, options: FilesOptions): Promise<RestoredFiles> {
  return staged(folder, async (stage) => {
    const records = join(stage, RECORDS_FOLDER);
    await copyRecords(backup, records);
    const files = await openEmbeddedFileStore({ path: records });
    const chunks = await openDiskChunkStore({ path: join(stage, BODIES_FOLDER) });
    try {
      return await copyBodies({ files, chunks, copies: bodiesOfCopy(join(backup, BODIES_FOLDER)) }, options);
    } finally {
      await Promise.all([files.close(), chunks.close()]);
      await keepOnly(records, DATA_FILE);
    }
  });
}

async function copyRecords(backup: string, records: string): Promise<void> {
  await makeFolder(records);
  await copyDurably(join(backup, RECORDS_FOLDER, DATA_FILE), join(records, DATA_FILE));
}

interface Stores {
  readonly files: EmbeddedFileStore;
  readonly chunks: ChunkStore;
  readonly copies: Pick<ChunkStore, 'read'>;
}

async function copyBodies(stores: Stores, { signal, onFile }: FilesOptions): Promise<RestoredFiles> {
  const done = { restored: 0, bytes: 0, gone: 0, damaged: 0 };
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const held of stores.files.heldBodies()) {
    if (signal.aborted || failures.length > 0) break;
    const task = copyBody(stores, held).then(
      (outcome) => {
        done[outcome]++;
        if (outcome === 'restored') done.bytes += held.size;
        onFile(done.restored, done.bytes);
      },
      (error: unknown) => void failures.push(error),
    ).finally(() => running.delete(task));
    running.add(task);
    if (running.size >= AT_ONCE) await Promise.race(running);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  if (signal.aborted) throw new CliError('FAILED', 'interrupted: nothing was restored; run it again');
  return done;
}

async function copyBody({ files, chunks, copies }: Stores, held: HeldBody): Promise<Outcome> {
  const body = await copies.read(held.bodyId);
  const outcome = body === null ? 'gone' : await written(chunks, held, body);
  if (outcome !== 'restored') {
    await files.remove(held.senderId);
    await files.discard(held.bodyId);
  }
  return outcome;
}

/** What a body throws that is not the one of its record. */
class WrongBody extends Error {}

async function written(chunks: ChunkStore, { bodyId, size, digest }: HeldBody, body: ChunkBody): Promise<'restored' | 'damaged'> {
  try {
    await chunks.write(bodyId, { size, pieces: checked(body, size, digest) }, new AbortController().signal);
    return 'restored';
  } catch (error) {
    if (error instanceof WrongBody || (error instanceof StoreError && error.code === 'DAMAGED')) return 'damaged';
    throw error;
  }
}

/** Its bytes; throws at the latest in place of the end when it is not what the record says. */
async function* checked(body: ChunkBody, size: number, digest: Uint8Array | null): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let left = size;
  for await (const piece of body.pieces) {
    left -= piece.length;
    hash.update(piece);
    if (left < 0) throw new WrongBody();
    // The last piece waits for the verdict.
    if (left === 0 && (digest === null || !equalBytes(hash.digest(), digest))) throw new WrongBody();
    yield piece;
    if (left === 0) return;
  }
  throw new WrongBody();
}
