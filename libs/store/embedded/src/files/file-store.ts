/**
 * The embedded engine of the `FileStore` contract: the records of a file server on LMDB, in one folder, for one process
 * (XFTP §5). A step is answered when it has been flushed to the disk, with the group commit of `write-queue.ts`.
 */
import { type Clock, MINUTE, systemClock } from '@polyplex/base';
import type { FileStore } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { START } from '../cursors.ts';
import { diskFacts } from '../disk-facts.ts';
import { type DataCopies, DataCopier } from '../copy-data.ts';
import { now } from '../engine.ts';
import { damageReporter, openEnvironment, writeFailures } from '../environment.ts';
import { WriteQueue } from '../write-queue.ts';
import type { FileEngine } from './engine.ts';
import { createFiles } from './files.ts';
import { heldBodies, type HeldBodies } from './held-bodies.ts';
import { createRemovals } from './removals.ts';
import { type FileTables, openFileTables } from './tables.ts';
import { createFileTransfer } from './transfer.ts';
import { createUploads } from './uploads.ts';
import { UsageCount } from './usage.ts';

export interface EmbeddedFileStoreOptions {
  /** A folder of the store's own; made when missing. */
  readonly path: string;
  readonly clock?: Clock;
  readonly log?: Logger;
}

const GRACE_MS = MINUTE;

export type EmbeddedFileStore = FileStore & DataCopies & HeldBodies;

/**
 * Opens the store in `path`, or makes it. Rejects with a `StoreError`: IN_USE, UNAVAILABLE, or DAMAGED for what is
 * damaged, not this store's, or of a newer format; the folder's data is then as it was.
 */
export async function openEmbeddedFileStore(options: EmbeddedFileStoreOptions): Promise<EmbeddedFileStore> {
  const place = { path: options.path, mark: 'file', openTables: openFileTables } as const;
  return openEnvironment(place, (tables, release) => assemble(options, tables, release));
}

function assemble(
  { path, clock = systemClock, log = silentLogger }: EmbeddedFileStoreOptions, tables: FileTables, release: () => Promise<void>,
): EmbeddedFileStore {
  const copier = new DataCopier(tables.root);
  const usage = new UsageCount(tables);
  const writes = new WriteQueue(tables.root, {
    begin: () => usage.begin(),
    beforeCommit: () => usage.beforeCommit(),
    committed: () => usage.committedGroup(),
    ...writeFailures(path, log),
  });
  const engine: FileEngine = { tables, writes, usage, clock, graceMs: GRACE_MS, reportDamage: damageReporter(log) };
  let closing: Promise<void> | null = null;
  return {
    ...createFiles(engine),
    ...createUploads(engine),
    ...createRemovals(engine),
    ...createFileTransfer(engine),
    usage: () => now(engine, () => usage.committed),
    check: () => now(engine, () => void tables.files.firstKey(START)),
    facts: () => diskFacts(writes.commitSeconds, writes.state === null),
    copyTo: (file, onBytes) => copier.copyTo(file, onBytes),
    heldBodies: () => heldBodies(engine),
    close: () => (closing ??= writes.close().then(() => copier.settled()).then(release)),
  };
}
