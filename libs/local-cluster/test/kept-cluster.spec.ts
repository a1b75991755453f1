/** A cluster whose data stays for the next start. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RedisCluster, startRedisCluster } from '../src/index.ts';

let folder: string;
let cluster: RedisCluster | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-kept-'));
});
afterEach(async () => {
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('it comes back with its nodes and its data; another shape is refused', async () => {
  const options = { primaries: 3, replicas: 0, folder, password: 'secret' };
  cluster = await startRedisCluster(options);
  const urls = [...cluster.urls];
  await (await cluster.primaryOf('kept')).command('SET', 'kept', 'value');
  await expect(cluster.addShard()).rejects.toMatchObject({ code: 'STATE' });
  await cluster.stop();
  await expect(startRedisCluster({ ...options, replicas: 1 })).rejects.toMatchObject({ code: 'STATE' });

  cluster = await startRedisCluster(options);
  expect(cluster.urls).toEqual(urls);
  expect(await (await cluster.primaryOf('kept')).command('GET', 'kept')).toBe('value');
});
