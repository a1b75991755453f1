/** Stores, bodies and walks for the tests of imported files. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64Url } from '@polyplex/base';
import type { ChunkStore, FileStore, WholeFile } from '@polyplex/store-contract';
import { openDiskChunkStore, openEmbeddedFileStore } from '@polyplex/store-embedded';
import { openRedisFileStore } from '@polyplex/store-redis';
import { expect, onTestFinished } from 'vitest';
import { type BodySource, checkFiles, type FileStores, importFiles, type LoggedFile, verifyFiles } from '../src/index.ts';
import { anyFile, anyRecipient, fadd, fnew, fput, readLines } from './log-lines.ts';

export interface Stores {
  readonly files: FileStore;
  readonly chunks: ChunkStore;
  close(): Promise<void>;
}

async function openIn(folder: string): Promise<Stores> {
  const [files, chunks] = [await openEmbeddedFileStore({ path: join(folder, 'records') }), await openDiskChunkStore({ path: join(folder, 'bodies') })];
  return { files, chunks, close: async () => void await Promise.all([files.close(), chunks.close()]) };
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polyplex-import-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function newStores(folder = newFolder()): Promise<Stores> {
  const stores = await openIn(folder);
  onTestFinished(() => stores.close());
  return stores;
}

let made = 0;

/** Records in a Redis, under names of their own, and bodies on a disk. */
export async function newRedisStores(port: number): Promise<Stores> {
  const files = await openRedisFileStore({ servers: [{ host: '127.0.0.1', port }], prefix: `t${String(process.pid)}x${String(made++)}` });
  const chunks = await openDiskChunkStore({ path: join(newFolder(), 'bodies') });
  const close = async (): Promise<void> => void await Promise.all([files.close(), chunks.close()]);
  onTestFinished(close);
  return { files, chunks, close };
}

/** Bodies in memory, given in pieces. */
export class Bodies implements BodySource {
  readonly byName = new Map<string, Uint8Array>();
  opened = 0;
  fails: string | null = null;

  add(name: string, content: Uint8Array): void {
    this.byName.set(name, content);
  }

  async open(name: string): ReturnType<BodySource['open']> {
    this.opened++;
    const content = this.byName.get(name);
    if (content === undefined) return null;
    return { size: content.length, pieces: this.pieces(name, content) };
  }

  private async *pieces(name: string, content: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < content.length; at += 10_000) {
      if (at > 0 && this.fails === name) throw new RangeError('the disk is broken');
      yield content.subarray(at, at + 10_000);
    }
  }
}

export interface Walk {
  readonly createdFrom?: number;
  /** Interrupts behind so many files. */
  readonly after?: number;
}

async function outcomes<T>(walk: (options: { createdFrom: number; signal: AbortSignal; onFile: (file: LoggedFile, outcome: T) => void }) => Promise<void>, { createdFrom = 0, after = Infinity }: Walk = {}): Promise<T[]> {
  const controller = new AbortController();
  const byLine = new Map<number, T>();
  await walk({
    createdFrom, signal: controller.signal,
    onFile: (file, outcome) => {
      expect(byLine.has(file.line)).toBe(false);
      byLine.set(file.line, outcome);
      if (byLine.size >= after) controller.abort();
    },
  });
  return [...byLine].sort(([a], [b]) => a - b).map(([, outcome]) => outcome);
}

export const imported = (stores: FileStores, files: Iterable<LoggedFile>, source: BodySource, walk?: Walk) => outcomes((options: Parameters<typeof importFiles>[3]) => importFiles(stores, files, source, options), walk);
export const verified = (stores: FileStores, files: Iterable<LoggedFile>, walk?: Walk) => outcomes((options: Parameters<typeof verifyFiles>[2]) => verifyFiles(stores, files, options), walk);
export const checked = (files: Iterable<LoggedFile>, source: BodySource, walk?: Walk) => outcomes((options: Parameters<typeof checkFiles>[2]) => checkFiles(files, source, options), walk);

/** Uploaded files of that size with one recipient each. */
export async function uploads(count: number, size = 30_000): Promise<{ files: readonly LoggedFile[]; bodies: Bodies }> {
  const bodies = new Bodies();
  const lines = Array.from({ length: count }, (_, i) => {
    const content = new Uint8Array(size).fill(i + 1);
    const file = anyFile({ size, digest: createHash('sha256').update(content).digest() });
    bodies.add(toBase64Url(file.senderId), content);
    return [fnew(file), fadd(file.senderId, [anyRecipient()]), fput(file.senderId)];
  }).flat();
  return { files: (await readLines(lines)).files, bodies };
}

export async function contentOf({ chunks }: Stores, { file: { bodyId } }: WholeFile): Promise<Buffer | null> {
  const body = await chunks.read(bodyId!);
  return body === null ? null : Buffer.concat(await collected(body.pieces));
}

export async function bodiesIn({ chunks }: Stores): Promise<string[]> {
  return (await collected(chunks.list(0))).sort();
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
