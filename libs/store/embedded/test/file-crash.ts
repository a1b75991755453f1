/**
 * Kills a process that uploads and deletes, in several rounds on one folder. Whatever it had reported as uploaded is there,
 * with the right digest; and after a sweep there is nothing on the disk that no record names, and the usage is its sum.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBase64Url, HOUR } from '@polyplex/base';
import type { ChunkStore, FileStore } from '@polyplex/store-contract';
import { createFakeClock } from '@polyplex/testing';
import { expect } from 'vitest';
import { openDiskChunkStore, openEmbeddedFileStore } from '../src/index.ts';
import { runAndKill } from './killed-child.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { contents, listed, sha256, sweptUp } from './uploads.ts';

const CHILD = fileURLToPath(new URL('uploading-child.ts', import.meta.url));

/** By sender id. */
interface Reported {
  readonly uploaded: Set<string>;
  /** May be gone: a deletion was under way, at least. */
  readonly tried: Set<string>;
  readonly removed: Set<string>;
}

/** At least this part of the time passes before a kill, so that there is something to lose. */
const ALIVE_AT_LEAST = 0.3;

/** Rounds of at most `aliveMs`; the moment of the kill is random. */
export async function fileCrashRounds(rounds: number, aliveMs: number): Promise<void> {
  const folder = temporaryFolder();
  const reported: Reported = { uploaded: new Set(), tried: new Set(), removed: new Set() };
  try {
    for (let round = 0; round < rounds; round++) {
      const lines = await runAndKill(CHILD, folder.path, (ALIVE_AT_LEAST + (1 - ALIVE_AT_LEAST) * Math.random()) * aliveMs);
      for (const [kind, senderId] of lines.map((line) => line.split(' '))) {
        ({ '+': reported.uploaded, '?': reported.tried, '-': reported.removed })[kind!]!.add(senderId!);
      }
      await verify(folder.path, reported);
    }
    expect(reported.uploaded.size).toBeGreaterThan(0);
  } finally {
    folder.remove();
  }
}

async function verify(path: string, reported: Reported): Promise<void> {
  // Later than every lease of the process that was killed.
  const files = await openEmbeddedFileStore({ path: join(path, 'files'), clock: createFakeClock(Date.now() + HOUR) });
  const chunks = await openDiskChunkStore({ path: join(path, 'bodies') });
  try {
    await verifyReported(files, chunks, reported);
    await sweptUp(files, chunks);
    await verifyReported(files, chunks, reported);
    const bodies = await listed(chunks);
    const sizes = await Promise.all(bodies.map(async (bodyId) => (await contents(chunks, bodyId))!.length));
    expect(await files.usage()).toMatchObject({ uploaded: bodies.length, bytes: sizes.reduce((sum, size) => sum + size, 0) });
    const entries = readdirSync(join(path, 'bodies'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(entries.map(({ name }) => name).sort()).toEqual([...bodies, 'polyplex-bodies'].sort());
  } finally {
    await chunks.close();
    await files.close();
  }
}

async function verifyReported(files: FileStore, chunks: ChunkStore, { uploaded, tried, removed }: Reported): Promise<void> {
  for (const senderId of uploaded) {
    const bodyId = (await files.find('sender', fromBase64Url(senderId)!))?.file.bodyId ?? null;
    if (!tried.has(senderId)) expect(bodyId, 'a reported upload is there').not.toBeNull();
    if (removed.has(senderId)) expect(bodyId, 'a reported deletion has happened').toBeNull();
    if (bodyId === null) continue;
    const { file } = (await files.find('sender', fromBase64Url(senderId)!))!;
    expect(sha256((await contents(chunks, bodyId))!), 'the body is the one that was uploaded').toEqual(file.digest);
  }
}
