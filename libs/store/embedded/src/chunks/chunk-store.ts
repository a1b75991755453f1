/**
 * The `ChunkStore` contract on a disk: each body is a file (`places.ts`), written and flushed before it is answered
 * (`write-body.ts`). The folder may be shared by several processes, since a body is written by one of them, once.
 */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '@polyplex/base';
import type { ChunkBody, ChunkStore } from '@polyplex/store-contract';
import { Histogram, timed } from '@polyplex/telemetry';
import { diskFacts } from '../disk-facts.ts';
import { freeBytes } from '../free-bytes.ts';
import { onDisk } from '../store-failure.ts';
import { type BodyCopies, copyBodies } from './copy-bodies.ts';
import { OpenBody } from './open-body.ts';
import { isMissing, Places } from './places.ts';
import { removeBody, writeBody } from './write-body.ts';

export interface DiskChunkStoreOptions {
  /** A folder of the bodies' own; made when missing. */
  readonly path: string;
  readonly clock?: Clock;
}

export type DiskChunkStore = ChunkStore & BodyCopies;

/** Opens the folder, or makes it. Rejects with a `StoreError`: UNAVAILABLE, or DAMAGED when others' files are in it. */
export async function openDiskChunkStore({ path, clock = systemClock }: DiskChunkStoreOptions): Promise<DiskChunkStore> {
  const places = new Places(path);
  await places.prepare();
  const waiting = new Set<OpenBody>();
  const seconds = new Histogram();
  return {
    write: (bodyId, body, signal) => writeBody(places, { bodyId, body, signal, seconds }),
    read: (bodyId) => onDisk(() => timed(seconds, () => openBody(places.of(bodyId).whole, { clock, waiting }))),
    remove: (bodyId) => onDisk(() => timed(seconds, () => removeBody(places.of(bodyId)))),
    copyTo: (options) => copyBodies(places, options),
    list: (olderThanMs) => list(places, clock.now() - olderThanMs),
    room: () => onDisk(() => {
      places.assertOpen();
      return freeBytes(path);
    }),
    check: () => onDisk(() => places.check()),
    facts: () => diskFacts(seconds, places.isOpen),
    close: async () => {
      places.close();
      await Promise.all([...waiting].map((body) => body.expire()));
    },
  };
}

/** Bodies of a copy that `copyTo` made, which is not changed by it; `read` is as the store's. */
export function bodiesOfCopy(path: string, clock: Clock = systemClock): Pick<ChunkStore, 'read'> {
  const places = new Places(path);
  const waiting = new Set<OpenBody>();
  return { read: (bodyId) => onDisk(() => openBody(places.of(bodyId).whole, { clock, waiting })) };
}

async function openBody(file: string, options: { clock: Clock; waiting: Set<OpenBody> }): Promise<ChunkBody | null> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    return new OpenBody(handle, size, options);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function* list(places: Places, writtenBefore: number): AsyncGenerator<string> {
  const walk = places.walk();
  for (;;) {
    const step = await onDisk(() => walk.next());
    if (step.done === true) return;
    const { folder, names } = step.value;
    const found = new Set<string>();
    for (const { file, bodyId } of names) if (await onDisk(() => isOlder(join(folder, file), writtenBefore))) found.add(bodyId);
    yield* found;
  }
}

/** False also for what has been removed since. */
async function isOlder(file: string, writtenBefore: number): Promise<boolean> {
  try {
    return Math.floor((await stat(file)).mtimeMs) <= writtenBefore;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
