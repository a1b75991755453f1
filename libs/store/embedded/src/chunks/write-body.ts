/**
 * Writing one body: to a file of another name, flushed, then renamed and the folder flushed; only then is it answered. Small
 * pieces are gathered first, since copying 16 KiB costs a tenth of what a call of the file system does.
 */
import type { FileHandle } from 'node:fs/promises';
import { rm } from 'node:fs/promises';
import { BodySource } from '@polyplex/store-common';
import type { ChunkBody } from '@polyplex/store-contract';
import { type Histogram, timed } from '@polyplex/telemetry';
import { onDisk } from '../store-failure.ts';
import type { Place, Places } from './places.ts';

/** Memory that one write takes; a body of the smallest chunk size is one call of the file system. */
const GATHER_BYTES = 256 * 1024;

export interface WrittenBody {
  readonly bodyId: string;
  readonly body: ChunkBody;
  readonly signal: AbortSignal;
  /** Where the time is counted that making it durable takes. */
  readonly seconds: Histogram;
}

/** Rejects with a `StoreError`, an error of the source, or the reason of the signal; then nothing of the body is left. */
export async function writeBody(places: Places, { bodyId, body, signal, seconds }: WrittenBody): Promise<void> {
  const source = new BodySource(body, signal);
  let created: Place | null = null;
  try {
    signal.throwIfAborted();
    const place = places.of(bodyId);
    const handle = await onDisk(() => places.create(place));
    created = place;
    let copied = false;
    try {
      await copy(source, handle);
      copied = true;
    } finally {
      if (!copied) await handle.close();
    }
    await onDisk(() => timed(seconds, () => keep(places, place, handle)));
  } catch (error) {
    if (created !== null) await clear(created);
    throw error;
  } finally {
    source.release();
  }
}

/** Makes durable what was written, then gives it its name. */
async function keep(places: Places, place: Place, handle: FileHandle): Promise<void> {
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await places.finish(place);
}

/** Removes what there is of a body. */
export async function removeBody({ whole, part }: Place): Promise<void> {
  await Promise.all([rm(whole, { force: true }), rm(part, { force: true })]);
}

/** The write has failed already; what stays is found again as a body that was left. */
async function clear(place: Place): Promise<void> {
  await removeBody(place).catch(() => undefined);
}

async function copy(source: BodySource, handle: FileHandle): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(source.size, GATHER_BYTES));
  let filled = 0;
  for (let piece = await source.next(); piece !== null; piece = await source.next()) {
    if (filled + piece.length > buffer.length) {
      await writeAll(handle, buffer.subarray(0, filled));
      filled = 0;
    }
    if (piece.length > buffer.length) {
      await writeAll(handle, piece);
    } else {
      buffer.set(piece, filled);
      filled += piece.length;
    }
  }
  await writeAll(handle, buffer.subarray(0, filled));
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await onDisk(() => handle.write(bytes, at, bytes.length - at))).bytesWritten;
}
