/** Backups of relays on Redis while they run: an export, and the snapshot of Redis itself; both restored into another Redis. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, type ServerNode, startRedis, startRelayNode, waitUntil } from '@polyplex/local-cluster';
import { parseAddress } from '@polyplex/protocol-common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { polyplex } from '../src/index.ts';
import { type Channel, createChannels, drain, sendAll, traffic } from './traffic.ts';

const CHANNELS = 10;
const MESSAGES = 4;
const onRedis = ({ url }: RedisServer): string[] => ['storage.engine=redis', `redis.urls=${url}`];
const flagsOf = (folder: string, settings: readonly string[]): string[] => ['--config-dir', join(folder, 'config'), ...settings.flatMap((setting) => ['--set', setting])];

let folder: string;
let redis: RedisServer;
let node: ServerNode;
/** Nobody receives on these before they are restored. */
let waiting: readonly Channel[];
let loaded: readonly Channel[];
const parts = new AsyncDisposableStack();

async function addressOf({ address }: ServerNode): Promise<NonNullable<ReturnType<typeof parseAddress>>> {
  const password = (await readFile(join(folder, 'node', 'config', 'password'), 'utf8')).trim();
  return { ...parseAddress(address)!, hosts: ['127.0.0.1'], password };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-redis-backup-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  redis = await startRedis();
  parts.defer(() => redis.stop());
  node = await startRelayNode({ folder: join(folder, 'node'), settings: onRedis(redis) });
  parts.defer(async () => void (await node.stop()));
  const address = await addressOf(node);
  waiting = await createChannels(address, CHANNELS);
  await sendAll(address, waiting, MESSAGES);
  loaded = await createChannels(address, CHANNELS);
}, 120_000);
afterAll(() => parts.disposeAsync());

/** Does something while messages go through the relay. */
async function underLoad<T>(task: () => Promise<T>): Promise<T> {
  const { promise: enough, resolve: end } = Promise.withResolvers<void>();
  const working = traffic(await addressOf(node), loaded, enough);
  try {
    return await task();
  } finally {
    end();
    await working;
  }
}

/** Everything that waited is delivered by a relay on this Redis, and it goes on there. */
async function expectRestored(other: RedisServer, name: string): Promise<void> {
  await cp(join(folder, 'node', 'config'), join(folder, name, 'config'), { recursive: true });
  const restored = await startRelayNode({ folder: join(folder, name), settings: onRedis(other) });
  try {
    const address = { ...(await addressOf(restored)) };
    const again = [...waiting, ...loaded].map((channel, i): Channel => ({ ...channel, accepted: i < CHANNELS ? [...channel.accepted] : [], delivered: [], acknowledged: new Set() }));
    await drain(address, again);
    for (const { accepted, delivered } of again.slice(0, CHANNELS)) expect(delivered).toEqual(accepted);
    for (const { delivered } of again) expect(delivered).toEqual(delivered.toSorted((a, b) => a - b));
    await sendAll(address, again, 1);
    await drain(address, again);
    for (const { accepted, delivered } of again) expect(accepted.filter((number) => !delivered.includes(number))).toEqual([]);
  } finally {
    await restored.stop();
  }
}

test('an export while the relay runs is restored into an empty Redis', { timeout: 120_000 }, async () => {
  const file = join(folder, 'backup.store');
  const refused = await polyplex('store', 'export', file, ...flagsOf(join(folder, 'node'), onRedis(redis)));
  expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining('stop them first') as unknown });
  const exported = await underLoad(() => polyplex('store', 'export', '--online', file, ...flagsOf(join(folder, 'node'), onRedis(redis))));
  expect(exported, exported.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`Queues +${2 * CHANNELS}\n`)) as unknown });
  const other = await startRedis();
  parts.defer(() => other.stop());
  const imported = await polyplex('store', 'import', file, ...flagsOf(join(folder, 'node'), onRedis(other)));
  expect(imported, imported.stderr).toMatchObject({ code: 0 });
  await expectRestored(other, 'from-export');
});

test('a snapshot of Redis is restored, read before the append-only file is turned on', { timeout: 120_000 }, async () => {
  const before = Number(await redis.command('LASTSAVE'));
  await underLoad(async () => {
    // LASTSAVE counts seconds.
    await waitUntil('another second', async () => (Math.floor(Date.now() / 1000) > before ? true : undefined));
    await redis.command('BGSAVE');
    await waitUntil('the snapshot', async () => (Number(await redis.command('LASTSAVE')) > before ? true : undefined));
  });
  const [wrong, right] = [join(folder, 'wrong'), join(folder, 'right')];
  for (const each of [wrong, right]) {
    mkdirSync(each);
    copyFileSync(join(redis.folder, 'dump.rdb'), join(each, 'dump.rdb'));
  }
  // With the append-only file on from the start, Redis begins with nothing.
  const empty = await startRedis({ folder: wrong, config: ['appendonly yes'] });
  expect(Number(await empty.command('DBSIZE'))).toBe(0);
  await empty.stop();

  const other = await startRedis({ folder: right, config: ['appendonly no'] });
  parts.defer(() => other.stop());
  expect(Number(await other.command('DBSIZE'))).toBeGreaterThan(2 * CHANNELS);
  await other.configSet('appendonly', 'yes');
  await expectRestored(other, 'from-snapshot');
});

test('--online is for Redis, and does not go on with what is older', async () => {
  const file = join(folder, 'other.store');
  expect(await polyplex('store', 'export', '--online', file, ...flagsOf(folder, []))).toMatchObject({ code: 2, stderr: expect.stringContaining('polyplex admin backup start') as unknown });
  expect(await polyplex('store', 'export', '--online', '--resume', file, ...flagsOf(folder, onRedis(redis)))).toMatchObject({ code: 2, stderr: expect.stringContaining('--resume does not go with --online') as unknown });
});
