/** One Redis: what survives, what a stopped one does, and what is left afterwards. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { findValkey, freePort, type RedisServer, startRedis } from '../src/index.ts';
import { isAlive } from './processes.ts';

const started: RedisServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((redis) => redis.stop()));
});

async function start(...args: Parameters<typeof startRedis>): Promise<RedisServer> {
  const redis = await startRedis(...args);
  started.push(redis);
  return redis;
}

test('what was written survives a kill; the port stays, the process is another', async () => {
  const redis = await start();
  const { pid, port } = redis;
  await redis.command('SET', 'kept', 'value');
  await redis.kill();
  expect([redis.isRunning, isAlive(pid)]).toEqual([false, false]);
  await expect(redis.command('PING')).rejects.toThrow();
  await redis.restart();
  expect(await redis.command('GET', 'kept')).toBe('value');
  expect([redis.pid === pid, redis.port]).toEqual([false, port]);
});

test('it is configured for a relay, and lines given override that', async () => {
  const redis = await start({ config: ['maxmemory 64mb', 'hash-max-listpack-value 128'] });
  const values = await redis.command('CONFIG', 'GET', 'appendonly', 'maxmemory-policy', 'save', 'maxmemory', 'hash-max-listpack-value');
  const pairs = values as string[];
  const setting = (name: string) => pairs[pairs.indexOf(name) + 1];
  expect(['appendonly', 'maxmemory-policy', 'save', 'maxmemory', 'hash-max-listpack-value'].map(setting)).toEqual(['yes', 'noeviction', '', '67108864', '128']);
  await redis.configSet('appendfsync', 'always');
  expect(await redis.cli('CONFIG', 'GET', 'appendfsync')).toBe('appendfsync\nalways');
});

test('paused it accepts and answers nothing, resumed it answers', async () => {
  const redis = await start();
  await redis.command('PING');
  redis.pause();
  const asked = redis.command('INCR', 'times');
  const early = await Promise.race([asked.then(() => 'answer'), new Promise((resolve) => setTimeout(resolve, 200, 'silence'))]);
  expect(early).toBe('silence');
  redis.resume();
  expect(await asked).toBe(1);
});

test('a password is asked for and used', async () => {
  const redis = await start({ password: 'open sesame' });
  expect(await redis.command('PING')).toBe('PONG');
  expect(await redis.cli('PING')).toBe('PONG');
  await expect(start({ config: ['requirepass other'] })).rejects.toMatchObject({ code: 'STATE' });
});

describe('nothing is left', () => {
  test('after stop', async () => {
    const redis = await startRedis();
    expect([isAlive(redis.pid), existsSync(redis.folder)]).toEqual([true, true]);
    await redis.stop();
    await redis.stop();
    expect([isAlive(redis.pid), existsSync(redis.folder)]).toEqual([false, false]);
    await expect(redis.restart()).rejects.toMatchObject({ code: 'STATE' });
  });

  test('after a start that failed, which says why', async () => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('polyplex-redis-'));
    await expect(startRedis({ config: ['no-such-setting yes'] })).rejects.toMatchObject({ code: 'START', message: expect.stringContaining('no-such-setting') });
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith('polyplex-redis-'));
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });

  test('but a folder that was given, for the next start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'polyplex-kept-'));
    const first = await start({ folder });
    await first.command('SET', 'kept', 'value');
    await first.stop();
    const second = await start({ folder, port: first.port });
    expect(await second.command('GET', 'kept')).toBe('value');
    await second.stop();
    await rm(folder, { recursive: true });
  });
});

test('what is not installed, or taken, is said', async () => {
  await expect(startRedis({ binary: 'no-such-server' })).rejects.toMatchObject({ code: 'PROGRAM', message: expect.stringContaining('apt-get install') });
  const port = await freePort();
  const taken = createServer().listen(port, '127.0.0.1');
  await expect(startRedis({ port })).rejects.toMatchObject({ code: 'PORT' });
  taken.close();
});

test.runIf(findValkey())('Valkey does the same', async () => {
  const valkey = await start({ binary: findValkey()! });
  await valkey.command('SET', 'kept', 'value');
  await valkey.kill();
  await valkey.restart();
  expect(await valkey.command('GET', 'kept')).toBe('value');
  expect(await valkey.command('INFO', 'server')).toMatch(/server_name:valkey/);
});
