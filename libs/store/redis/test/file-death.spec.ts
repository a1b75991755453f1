/**
 * A node is killed (SIGKILL) between any two steps of an upload or a removal. What another node then sees is whole, its
 * sweep removes the body that nobody else would, and the quota is exact: one upload fits, and not a byte more.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { type RedisServer, startRedis } from '@polyplex/local-cluster';
import { anyId } from '@polyplex/store-conformance/builders';
import type { ChunkStore, FileStore } from '@polyplex/store-contract';
import { openDiskChunkStore } from '@polyplex/store-embedded';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRedisFileStore } from '../src/index.ts';
import { bodyOf, fileOf, GRACE_MS, type Life, SIZE } from './file-life.ts';

const CHILD = fileURLToPath(new URL('file-death-child.ts', import.meta.url));
const SHORT_LEASE_MS = 400;
const LONG_LEASE_MS = 3_600_000;
const SWEPT = { timeout: 15_000, interval: 100 };

const anyBodyId = (): string => toBase64Url(anyId());

let redis: RedisServer;
let prefix: string;
let folder: string;
let files: FileStore;
let chunks: ChunkStore;
let made = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  prefix = `death${String(made++)}`;
  folder = mkdtempSync(join(tmpdir(), 'polyplex-death-'));
  files = await openRedisFileStore({ servers: [{ host: '127.0.0.1', port: redis.port }], prefix, graceMs: GRACE_MS });
});
afterEach(async () => {
  await chunks.close();
  await files.close();
  rmSync(folder, { recursive: true });
});

/** A node lives up to this step, and is killed. */
async function lived(sender: string, bodyId: string, last: Life): Promise<void> {
  const upload = ['begun', 'half written', 'written'].includes(last);
  const args = [String(redis.port), prefix, join(folder, 'bodies'), sender, bodyId, String(upload ? SHORT_LEASE_MS : LONG_LEASE_MS), last];
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', () => child.kill('SIGKILL'));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  // Only now: a folder of bodies has one owner.
  chunks = await openDiskChunkStore({ path: join(folder, 'bodies') });
}

/** What every node does now and then; the bodies that it removed. */
async function sweep(): Promise<readonly string[]> {
  const left = await files.leftBodies(10);
  for (const bodyId of left) {
    await chunks.remove(bodyId);
    await files.discard(bodyId);
  }
  return left;
}

async function bodies(): Promise<string[]> {
  const found: string[] = [];
  for await (const bodyId of chunks.list(0)) found.push(bodyId);
  return found;
}

/** With a quota of this many bodies there is room for one more upload, and for no other. */
async function expectRoomForOne(others: number): Promise<void> {
  const quota = (others + 1) * SIZE;
  const next = fileOf(anyId());
  expect(await files.create(next, [])).toBe('created');
  const bodyId = anyBodyId();
  expect(await files.beginUpload(next.senderId, bodyId, { quota: quota - 1, leaseMs: LONG_LEASE_MS })).toBe('quota');
  expect(await files.beginUpload(next.senderId, bodyId, { quota, leaseMs: LONG_LEASE_MS })).toBe('begun');
  await chunks.write(bodyId, bodyOf(), new AbortController().signal);
  expect(await files.commitUpload(next.senderId, bodyId)).toBe('committed');
}

describe('a node that is killed when', () => {
  // Bytes that count before the sweep, whether the sweep finds a body, and what there is after it.
  test.each([
    ['created', 0, false, { files: 1, uploaded: 0, bytes: 0 }],
    ['begun', SIZE, true, { files: 1, uploaded: 0, bytes: 0 }],
    ['half written', SIZE, true, { files: 1, uploaded: 0, bytes: 0 }],
    ['written', SIZE, true, { files: 1, uploaded: 0, bytes: 0 }],
    ['committed', SIZE, false, { files: 1, uploaded: 1, bytes: SIZE }],
    ['removed', SIZE, true, { files: 0, uploaded: 0, bytes: 0 }],
    ['body removed', SIZE, true, { files: 0, uploaded: 0, bytes: 0 }],
    ['discarded', 0, false, { files: 0, uploaded: 0, bytes: 0 }],
  ] as const)('it had %s leaves nothing that another does not mend', async (last, bytes, isLeft, usage) => {
    const [sender, bodyId] = [toBase64Url(anyId()), anyBodyId()];
    await lived(sender, bodyId, last);
    expect((await files.usage()).bytes).toBe(bytes);
    expect(await files.knows([bodyId])).toEqual([bytes > 0]);
    if (isLeft) await expect.poll(sweep, SWEPT).toEqual([bodyId]);
    expect(await sweep()).toEqual([]);
    expect(await files.usage()).toEqual(usage);
    expect(await files.knows([bodyId])).toEqual([usage.bytes > 0]);
    expect(await bodies()).toEqual(usage.uploaded === 1 ? [bodyId] : []);
    const found = await files.find('sender', fromBase64Url(sender)!);
    expect(found?.file.bodyId ?? null).toBe(usage.uploaded === 1 ? bodyId : null);
    expect(await files.commitUpload(fromBase64Url(sender)!, bodyId)).toBe(usage.uploaded === 1 ? 'committed' : 'gone');
    await expectRoomForOne(usage.uploaded);
  });
});
