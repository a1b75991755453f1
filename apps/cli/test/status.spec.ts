/** `polyplex status` as people run it: against servers that run, are away, or are another's; once, and live in a terminal. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Fleet, fleetSchema } from '@polyplex/admin-api';
import { freePort, type RedisServer, type ServerNode, startFileServerNode, startRedis, startRelayNode, startS3, waitUntil } from '@polyplex/local-cluster';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { launch, newFolder, polyplex, startReady } from './support.ts';

/** Many processes start, on a machine that does other things too. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const PROGRAM = fileURLToPath(new URL('../../../dist/polyplex.mjs', import.meta.url));

/** Both servers in one process, and the settings by which they are found. */
async function servers(...more: readonly string[]) {
  const folder = newFolder();
  const running = await startReady(folder, more);
  const [admin, xftpAdmin] = [...running.output.stdout.matchAll(/Admin +http:\/\/127\.0\.0\.1:(\d+)\//g)].map((found) => found[1]!);
  return { ...running, folder, admin: admin!, at: ['--set', `admin.port=${admin!}`, '--set', `xftpAdmin.port=${xftpAdmin!}`, ...more] };
}

describe('status', () => {
  it('shows relay and file server of this machine', async () => {
    const { folder, at } = await servers('--set', 'admin.nodeName=here', '--set', 'xftpAdmin.nodeName=there');
    const { code, stdout, stderr } = await polyplex(folder, ['status', ...at]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Polyplex: 2 nodes, all ready/);
    expect(stdout).toMatch(/SMP relay {2}smp:\/\/\S+@localhost[\s\S]* here +ready [\s\S]*0 queues[\s\S]*XFTP file server[\s\S]* there +ready [\s\S]*0 files, 0 B/);
    expect(stdout).not.toContain('\u001b');
    const json = await polyplex(folder, ['status', '--json', ...at]);
    expect(fleetSchema.parse(JSON.parse(json.stdout))).toMatchObject({ complete: true, nodes: [{ service: 'smp' }, { service: 'xftp' }] });
    const one = await polyplex(folder, ['status', '--only', 'xftp', '--watch', ...at]);
    // Each knows the other; and a pipe is no terminal to watch.
    expect([one.code, one.stdout.includes('SMP relay'), one.stdout.includes('\u001b')]).toEqual([0, true, false]);
  });

  it('tells the password to nobody', async () => {
    const { folder, at, output } = await servers();
    const password = /:\/\/[^:]+:(\S+)@/.exec(output.stdout)![1]!;
    const { stdout } = await polyplex(folder, ['status', '--json', ...at]);
    expect(stdout).toContain('"address"');
    expect(stdout).not.toContain(password);
  });

  it('says that nothing runs, and ends with 1', async () => {
    const port = await freePort();
    const { code, stdout, stderr } = await polyplex(newFolder(), ['status', '--set', `admin.port=${port}`, '--set', `xftpAdmin.port=${port + 1}`]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`the relay's admin port does not answer at http://127.0.0.1:${port}: is the relay running?`);
    expect(stderr).toContain('is the file server running?');
  });

  it('shows one of two although the other does not run, and ends with 2', async () => {
    const { folder, at } = await servers('--set', 'servers.run=smp');
    const { code, stdout } = await polyplex(folder, ['status', ...at.slice(0, 2), '--set', `xftpAdmin.port=${await freePort()}`]);
    expect(code).toBe(2);
    expect(stdout).toContain('1 node, ready');
    expect(stdout).toMatch(/^! the file server's admin port does not answer/m);
  });

  it('asks a port by its URL, with a token where one is needed', async () => {
    const folder = newFolder();
    await writeFile(join(folder, 'token'), 'a-token-that-is-long-enough-to-be-one\n');
    await writeFile(join(folder, 'wrong'), 'another-token-that-is-long-enough\n');
    const { admin, at } = await servers('--set', `admin.tokenFile=${join(folder, 'token')}`);
    const url = `http://127.0.0.1:${admin}/`;
    const refused = await polyplex(folder, ['status', '--url', url]);
    expect([refused.code, refused.stderr.includes('wants a token')]).toEqual([1, true]);
    expect((await polyplex(folder, ['status', '--url', url, '--token-file', 'wrong'])).code).toBe(1);
    expect((await polyplex(folder, ['status', '--url', url, '--token-file', 'token'])).code).toBe(0);
    expect((await polyplex(folder, ['status', ...at])).code).toBe(0);
  });

  it('knows what is no admin port, and what is wrong use', async () => {
    const other = createServer((_request, answer) => answer.end('{"nodes": "no"}')).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { code, stderr } = await polyplex(newFolder(), ['status', '--url', url]);
    expect([code, stderr.includes('is not the server\'s admin port')]).toEqual([1, true]);
    for (const wrong of [['--url', 'ftp://x'], ['--watch', '0'], ['--watch', 'often'], ['--only', 'turn']]) {
      expect((await polyplex(newFolder(), ['status', ...wrong])).code).toBe(2);
    }
  });
});

/** A command in a terminal of its own. */
function inTerminal(folder: string, args: readonly string[]) {
  const command = `stty rows 40 cols 110; exec '${process.execPath}' '${PROGRAM}' ${args.map((arg) => `'${arg}'`).join(' ')}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: folder, env: { PATH: process.env['PATH'], TERM: 'xterm' } });
  const screen = { text: '' };
  child.stdout.on('data', (text: Buffer) => (screen.text += text.toString()));
  const finished = new Promise<number | null>((resolve, reject) => {
    child.once('error', () => reject(new Error('script is missing: it comes with the Debian package bsdutils')));
    child.once('close', resolve);
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { screen, finished, press: (keys: string) => child.stdin.write(keys) };
}

const FRAME = '\u001b[H';
const frames = (text: string): number => text.split(FRAME).length - 1;

describe('status --watch', () => {
  it('draws again and again, until q, and leaves the terminal as it was', async () => {
    const { folder, at, child, finished: ended } = await servers();
    const { screen, finished, press } = inTerminal(folder, ['status', '--watch', '1', ...at]);
    await expect.poll(() => frames(screen.text), { timeout: 30_000 }).toBeGreaterThan(2);
    expect(screen.text).toContain('\u001b[?1049h');
    expect(screen.text.split(FRAME).at(1)).toContain('2 nodes, all ready');
    expect(screen.text).toContain('\u001b[32mready\u001b[0m');
    // The servers go away: what was seen stays, and the reason is there.
    child.kill('SIGTERM');
    await ended;
    await expect.poll(() => screen.text.split(FRAME).at(-1), { timeout: 30_000 }).toMatch(/2 nodes[\s\S]*does not answer/);
    expect(screen.text).not.toContain('\u001b[?1049l');
    press('q');
    expect(await finished).toBe(2);
    expect(screen.text.trimEnd().endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
  });

  it('ends by Ctrl-C with 0 while all is well', async () => {
    const { folder, at } = await servers();
    const { screen, finished, press } = inTerminal(folder, ['status', '--watch', ...at]);
    await expect.poll(() => frames(screen.text), { timeout: 30_000 }).toBeGreaterThan(0);
    press('\u0003');
    expect(await finished).toBe(0);
    expect(screen.text).toContain('\u001b[?1049l');
  });
});

describe('the fleet of a Redis', () => {
  let redis: RedisServer;
  let folder: string;
  let nodes: ServerNode[];
  const NAMES = ['a', 'b', 'c'];

  beforeAll(async () => {
    [redis, folder] = await Promise.all([startRedis(), mkdtemp(join(tmpdir(), 'polyplex-fleet-'))]);
    nodes = [];
    const port = await freePort();
    for (const name of NAMES) {
      const settings = ['storage.engine=redis', `redis.urls=redis://127.0.0.1:${redis.port}`, 'redis.timeout=2s', `admin.nodeName=${name}`, `address.port=${port}`];
      nodes.push(await startRelayNode({ folder: join(folder, name), configDir: join(folder, 'config'), settings }));
    }
  });
  afterAll(async () => {
    redis.resume();
    await Promise.all(nodes.map((node) => node.stop()));
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  async function fleet({ adminUrl }: ServerNode): Promise<Fleet> {
    return fleetSchema.parse(await (await fetch(`${adminUrl}admin/fleet`)).json());
  }

  const names = async (node: ServerNode): Promise<string> => (await fleet(node)).nodes.map((each) => each.node).join(' ');

  it('is seen from each node within seconds, and a killed one goes away', async () => {
    await expect.poll(() => Promise.all(nodes.map(names)), { timeout: 20_000, interval: 250 }).toEqual(['a b c', 'b a c', 'c a b']);
    const { code, stdout } = await polyplex(folder, ['status', '--url', nodes[0]!.adminUrl]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/3 nodes, all ready[\s\S]* a +ready [\s\S]* b +ready [\s\S]* c +ready [\s\S]* together [\s\S]*queues \(redis\) +127\.0\.0\.1:\d+ +answers/);
    const [, , third] = nodes as [ServerNode, ServerNode, ServerNode];
    await third.kill();
    await expect.poll(() => names(nodes[0]!), { timeout: 60_000, interval: 250 }).toBe('a b');
    await third.restart();
    await expect.poll(() => names(nodes[0]!), { timeout: 20_000, interval: 250 }).toBe('a b c');
  });

  it('loses a node that stops in order at once', async () => {
    const third = nodes[2]!;
    await third.stop();
    expect(await names(nodes[0]!)).toBe('a b');
    await third.restart();
  });

  it('has the file servers of its prefix, and no others', async () => {
    const s3 = await startS3();
    onTestFinished(() => s3.stop());
    const secretFile = join(folder, 's3-secret');
    await writeFile(secretFile, `${s3.secretAccessKey}\n`);
    const start = async (name: string, prefix: string): Promise<ServerNode> => {
      const settings = [
        'xftpStorage.engine=redis-s3', `redis.urls=redis://127.0.0.1:${redis.port}`, `redis.prefix=${prefix}`, `xftpStorage.redisPrefix=${name}`, `s3.endpoint=${s3.endpoint}`,
        `s3.bucket=${s3.bucket}`, `s3.region=${s3.region}`, `s3.prefix=${name}`, `s3.accessKeyId=${s3.accessKeyId}`, `s3.secretAccessKeyFile=${secretFile}`, `xftpAdmin.nodeName=${name}`,
      ];
      const node = await startFileServerNode({ folder: join(folder, name), settings });
      onTestFinished(async () => void (await node.stop()));
      return node;
    };
    const [files, strangers] = [await start('files', 'smp'), await start('strangers', 'others')];
    await expect.poll(() => names(nodes[0]!), { timeout: 20_000, interval: 250 }).toBe('a b c files');
    expect([await names(files), await names(strangers)]).toEqual(['files a b c', 'strangers']);
    const { code, stdout } = await polyplex(folder, ['status', '--url', nodes[1]!.adminUrl]);
    expect([code, /XFTP file server[\s\S]* files +ready [\s\S]*bodies \(s3\) +s3 +answers/.test(stdout)]).toEqual([0, true]);
  });

  it('has workers, each with a name of its own', async () => {
    const [port, admin] = [await freePort(), await freePort()];
    const settings = [
      'storage.engine=redis', `redis.urls=redis://127.0.0.1:${redis.port}`, 'redis.prefix=workers', 'admin.nodeName=machine', 'servers.run=smp', 'shutdown.drainTimeout=0',
      'listen.host=127.0.0.1', `listen.ports=${port}`, `admin.port=${admin}`,
    ];
    const running = launch(newFolder(), ['start', '--no-qr', '--workers', '2', ...settings.flatMap((setting) => ['--set', setting])]);
    await expect.poll(() => running.output.stdout, { timeout: 60_000 }).toContain('Ready.');
    const seen = async (): Promise<string> => fleetSchema.parse(await (await fetch(`http://127.0.0.1:${admin}/admin/fleet`)).json()).nodes.map(({ node }) => node).join(' ');
    await expect.poll(seen, { timeout: 20_000, interval: 250 }).toBe('machine-1 machine-2');
    running.child.kill('SIGTERM');
    await running.finished;
  });

  it('is not whole, and not ready, while Redis stands still', async () => {
    redis.pause();
    const { adminUrl } = nodes[0]!;
    await waitUntil('one node knows itself alone', async () => ((await fleet(nodes[0]!)).complete ? undefined : true), { timeoutMs: 30_000 });
    const { code, stdout } = await polyplex(folder, ['status', '--url', adminUrl]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^! the other nodes could not be asked/m);
    expect(stdout).toMatch(/a +not ready/);
    expect(stdout).toContain('does not answer');
    redis.resume();
    await expect.poll(async () => (await polyplex(folder, ['status', '--url', adminUrl])).code, { timeout: 60_000, interval: 500 }).toBe(0);
  });
});
