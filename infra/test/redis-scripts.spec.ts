/** The scripts by which Redis forms a cluster on Kubernetes and stays one where all addresses change, with real servers on loopback. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FORM, MEET } from '../src/kubernetes/redis-scripts.ts';
import { ROOT } from './support.ts';

const run = promisify(execFile);
const PASSWORD = 'a-password';

let folder: string;
let port: number;
const servers: ChildProcess[] = [];

/** One that is free, and its bus port too. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: found } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return found < 50_000 ? found : freePort();
}

/** `getent` of the pods: names of servers, at the addresses that they have now. */
async function nameService(network: number): Promise<void> {
  await writeFile(join(folder, 'bin/getent'), `#!/bin/sh\ncase "$2" in s[0-9]c[0-9]) n=\${2#s}; echo "127.${network}.\${n%c*}.1\${n#*c} $2" ;; *) exit 2 ;; esac\n`);
  await chmod(join(folder, 'bin/getent'), 0o755);
}

const address = (network: number, shard: number, copy: number): string => `127.${network}.${shard}.1${copy}`;

async function script(text: string, shards: string, self?: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', text], {
    env: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, SHARDS: shards, REDIS_PORT: String(port), PASSWORD_FILE: join(folder, 'password'), ...(self === undefined ? {} : { SELF: self }) },
  });
  return stdout;
}

async function ask(host: string, ...words: string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-h', host, '-p', String(port), '-a', PASSWORD, '--no-auth-warning', ...words]);
  return stdout;
}

/** As its pod starts it, and then the script beside it. */
async function start(network: number, shard: number, copy: number, shards: string): Promise<void> {
  const data = join(folder, `s${shard}c${copy}`);
  const here = address(network, shard, copy);
  await mkdir(data, { recursive: true });
  const server = spawn('redis-server', [
    join(ROOT, 'deploy/redis/redis.conf'), '--dir', data, '--port', String(port), '--maxmemory', '64mb', '--bind', here, '--bind-source-addr', here, '--cluster-announce-ip', here,
    '--requirepass', PASSWORD, '--masterauth', PASSWORD,
  ], { stdio: 'ignore' });
  servers.push(server);
  await script(MEET, shards, here);
}

async function stopAll(): Promise<void> {
  for (const server of servers.splice(0)) {
    const ended = server.exitCode === null ? once(server, 'exit') : undefined;
    server.kill('SIGKILL');
    await ended;
  }
}

const copies = (shards: string): readonly (readonly [shard: number, copy: number])[] => [...shards.matchAll(/s(\d)c(\d)/g)].map(([, shard, copy]) => [Number(shard), Number(copy)] as const);
const startAll = (network: number, shards: string) => Promise.all(copies(shards).map(([shard, copy]) => start(network, shard, copy, shards)));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-redis-scripts-'));
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'password'), PASSWORD);
  port = await freePort();
});
afterEach(async () => {
  await stopAll();
  await rm(folder, { recursive: true, force: true });
});

const SIX = 's0c0,s0c1 s1c0,s1c1 s2c0,s2c1';

/** Of each server, seen by one: `shard.copy role of-shard`. */
async function roles(network: number): Promise<readonly string[]> {
  const lines = (await ask(address(network, 0, 0), 'cluster', 'nodes')).trim().split('\n').map((line) => line.split(' '));
  const place = (id: string): string => /127\.\d+\.(\d)\.1(\d)/.exec(lines.find(([own]) => own === id)?.[1] ?? '')?.slice(1).join('.') ?? id;
  return lines.map(([id = '', , flags = '', primary = '']) => `${place(id)} ${flags.replace('myself,', '')} ${primary === '-' ? '' : place(primary)}`.trim()).sort();
}

test('six servers become three shards with a copy each; run again, nothing changes', async () => {
  await nameService(31);
  await startAll(31, SIX);
  expect(await script(FORM, SIX)).toContain('cluster_state:ok');
  const wanted = ['0.0 master', '0.1 slave 0.0', '1.0 master', '1.1 slave 1.0', '2.0 master', '2.1 slave 2.0'];
  await expect.poll(() => roles(31), { timeout: 20_000 }).toEqual(wanted);
  await script(FORM, SIX);
  expect(await roles(31)).toEqual(wanted);
}, 90_000);

test('after all servers ended and came back at other addresses, they are the same cluster with the same data', async () => {
  await nameService(32);
  await startAll(32, SIX);
  await script(FORM, SIX);
  await expect.poll(async () => (await roles(32)).filter((line) => line.includes('slave')).length, { timeout: 20_000 }).toBe(3);
  await ask(address(32, 0, 0), '-c', 'set', 'key', 'kept');
  await expect.poll(async () => /aof_pending_bio_fsync:0/.test(await ask(address(32, 0, 0), 'info', 'persistence')), { timeout: 20_000 }).toBe(true);
  for (const [shard, copy] of copies(SIX)) await ask(address(32, shard, copy), 'shutdown').catch(() => undefined);
  await stopAll();
  await nameService(33);
  await startAll(33, SIX);
  await expect.poll(() => ask(address(33, 2, 0), 'cluster', 'info'), { timeout: 40_000, interval: 500 }).toMatch(/cluster_state:ok[^]*cluster_known_nodes:6/);
  await expect.poll(() => ask(address(33, 1, 0), '-c', 'get', 'key').then((value) => value.trim(), () => ''), { timeout: 40_000, interval: 500 }).toBe('kept');
  expect((await ask(address(33, 0, 0), 'cluster', 'nodes')).match(/127\.32\./)).toBeNull();
}, 150_000);

test('a shard that is new is taken in, without slots, and the others keep theirs', async () => {
  await nameService(34);
  await startAll(34, SIX);
  await script(FORM, SIX);
  const more = `${SIX} s3c0,s3c1`;
  await Promise.all([0, 1].map((copy) => start(34, 3, copy, more)));
  await script(FORM, more);
  await expect.poll(() => roles(34), { timeout: 20_000 }).toEqual(expect.arrayContaining(['0.0 master', '3.0 master', '3.1 slave 3.0']));
  expect(await ask(address(34, 0, 0), 'cluster', 'info')).toMatch(/cluster_state:ok[^]*cluster_slots_assigned:16384[^]*cluster_known_nodes:8\s+cluster_size:3/);
}, 120_000);
