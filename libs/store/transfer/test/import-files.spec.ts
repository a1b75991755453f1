/** Files of a log into real stores: all of them, none twice, and none whose body is not right. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '@polyplex/local-cluster';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { bodiesIn, imported, newFolder, newRedisStores, newStores, uploads, verified } from './file-stores.ts';
import { type ImportBench, importScenarios, referenceScenarios } from './import-scenarios.ts';

const bench = {} as ImportBench;

describe('into embedded stores', () => {
  beforeEach(async () => {
    bench.stores = await newStores();
  });
  referenceScenarios(bench);
  importScenarios(bench);
});

describe('into Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    bench.stores = await newRedisStores(redis.port);
  });
  referenceScenarios(bench);
  importScenarios(bench);
});

describe('a full disk', () => {
  test('ends the import, which goes on when there is room', async () => {
    const disk = newFolder();
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
    if (mount.status !== 0) throw new RangeError(`a small file system cannot be mounted: run the tests as root with the right to mount (${mount.stderr.toString()})`);
    onTestFinished(() => void spawnSync('umount', ['-l', disk]));
    mkdirSync(join(disk, 'stores'));
    const full = await newStores(join(disk, 'stores'));
    const { files, bodies } = await uploads(40, 1_048_576);
    await expect(imported(full, files, bodies)).rejects.toMatchObject({ name: 'StoreError', code: 'FULL' });
    const there = (await verified(full, files)).filter((outcome) => outcome === 'right').length;
    expect(there).toBeGreaterThan(5);
    expect(await bodiesIn(full)).toHaveLength(there);
    spawnSync('mount', ['-o', 'remount,size=64m', disk]);
    const again = await imported(full, files, bodies);
    expect([again.filter((outcome) => outcome === 'present').length, again.filter((outcome) => outcome === 'written').length]).toEqual([there, 40 - there]);
    expect(await verified(full, files)).toEqual(files.map(() => 'right'));
  });
});
