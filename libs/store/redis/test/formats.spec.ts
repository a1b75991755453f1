/** Data of every format that was ever released are read as they were written; those of another format than a program's are refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type RedisServer, startRedis } from '@polyplex/local-cluster';
import { FORMAT_VERSION } from '@polyplex/store-common';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectRedis, openRedisFileStore, openRedisStore, openRedisTokenStore } from '../src/index.ts';
import { type FormatSample, SAMPLES } from './formats/samples.ts';

const RELEASED = Array.from({ length: FORMAT_VERSION }, (_, i) => i + 1);
const PREFIXES = { queue: 'smp', file: 'xftp', token: 'ntf', fleet: 'smp' } as const;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const options = () => ({ servers: [{ host: '127.0.0.1', port: redis.port }] });

async function restore(format: number): Promise<FormatSample> {
  const sample = JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, `formats/${String(format)}.json.gz`))).toString()) as FormatSample;
  const client = createClient({ url: redis.url });
  await client.connect();
  await client.flushAll();
  for (const { key, dump } of sample.keys) await client.sendCommand([Buffer.from('RESTORE'), Buffer.from(key), Buffer.from('0'), Buffer.from(dump, 'base64')]);
  await client.close();
  return sample;
}

describe.each(RELEASED)('format %d', (format) => {
  test('is told by a look that changes nothing, and read as it was written', async () => {
    const { told, keys } = await restore(format);
    expect(await inspectRedis(options(), PREFIXES)).toEqual({ formats: { queue: format, file: format, token: format }, nodes: [] });
    expect((await redis.cli('DBSIZE')).trim()).toBe(String(keys.length));
    for (const { kind, tell } of SAMPLES) expect([kind, await tell(redis.port)]).toEqual([kind, told[kind]]);
  });
});

test.each([[FORMAT_VERSION + 1, /of a newer release: run that one/], [0, /format 0, this release keeps format \d+: .*upgrade\.md/]])('format %d is refused by every store', async (format, words) => {
  await restore(FORMAT_VERSION);
  for (const key of ['smp:format', '{xftp:files}:format', '{ntf:relays}:format']) await redis.cli('SET', key, String(format));
  for (const open of [() => openRedisStore({ ...options(), prefix: 'smp' }), () => openRedisFileStore({ ...options(), prefix: 'xftp' }), () => openRedisTokenStore({ ...options(), prefix: 'ntf' })]) {
    await expect(open()).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringMatching(words) as unknown });
  }
});

test('a look finds nothing where nothing is, and leaves nothing', async () => {
  await redis.cli('FLUSHALL');
  expect(await inspectRedis(options(), { ...PREFIXES, token: null })).toEqual({ formats: { queue: null, file: null, token: null }, nodes: [] });
  expect((await redis.cli('DBSIZE')).trim()).toBe('0');
});
