/** `polyplex start --workers`: several nodes on one port. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type RedisServer, startRedis, startS3, waitUntil } from '@polyplex/local-cluster';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { launch, newFolder, polyplex } from './support.ts';

describe('start --workers', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  async function started(folder: string, ...more: readonly string[]) {
    const [port, admin] = [await freePort(), await freePort()];
    const settings = [
      'storage.engine=redis', `redis.urls=redis://127.0.0.1:${String(redis.port)}`, 'listen.host=127.0.0.1', `listen.ports=${String(port)}`,
      `admin.port=${String(admin)}`, 'shutdown.drainTimeout=0', 'redis.prefix=workers', ...more,
    ];
    const running = launch(folder, ['start', '--no-qr', '--workers', '2', ...settings.flatMap((setting) => ['--set', setting])]);
    await expect.poll(() => running.output.stdout, { timeout: 30_000 }).toContain('Ready.');
    const nodes = async (number: number): Promise<number> => {
      const text = await fetch(`http://127.0.0.1:${String(admin + number)}/metrics`).then((answer) => answer.text()).catch(() => '');
      return Number(/^polyplex_nodes (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    return { ...running, port, nodes };
  }

  it('runs nodes that know each other, starts again one that died, and ends them all', async () => {
    const folder = newFolder();
    const { child, output, finished, nodes } = await started(folder);
    await waitUntil('both know each other', async () => (await nodes(0)) === 2 && (await nodes(1)) === 2, { timeoutMs: 15_000 });
    const address = /smp:\/\/\S+/.exec(output.stdout)![0];
    expect((await polyplex(folder, ['check', address])).code).toBe(0);
    const pids = await workersOf(child.pid!);
    expect(pids).toHaveLength(2);
    process.kill(pids[0]!, 'SIGKILL');
    await waitUntil('another one in its place', async () => {
      const now = await workersOf(child.pid!);
      return now.length === 2 && !now.includes(pids[0]!);
    }, { timeoutMs: 15_000 });
    await expect.poll(() => output.stderr).toContain('a worker ended and is started again');
    child.kill('SIGTERM');
    expect((await finished).code).toBe(EXIT_CODES.ok);
    expect(await workersOf(child.pid!)).toEqual([]);
  });

  it('runs a file server with files of its own once, beside them', async () => {
    const folder = newFolder();
    const [port, admin] = [await freePort(), await freePort()];
    const { child, output, finished } = await started(folder, 'servers.run=all', 'xftpListen.host=127.0.0.1', `xftpListen.ports=${port}`, `xftpAdmin.port=${admin}`);
    expect(await workersOf(child.pid!)).toHaveLength(3);
    const addresses = [/smp:\/\/\S+/, /xftp:\/\/\S+/].map((pattern) => pattern.exec(output.stdout)![0]);
    expect((await polyplex(folder, ['check', ...addresses])).code).toBe(0);
    expect(await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text()).toMatch(/^simplex_xftp_files_uploaded 1$/m);
    child.kill('SIGTERM');
    expect((await finished).code).toBe(EXIT_CODES.ok);
  });

  it('runs relay and file server in each where both are for many nodes', async () => {
    await using s3 = await startS3().then((server) => ({ ...server, [Symbol.asyncDispose]: () => server.stop() }));
    const folder = newFolder();
    await writeFile(join(folder, 's3-secret'), `${s3.secretAccessKey}\n`);
    const [port, admin] = [await freePort(), await freePort()];
    const { child, output, finished } = await started(
      folder, 'xftpStorage.engine=redis-s3', `s3.endpoint=${s3.endpoint}`, `s3.bucket=${s3.bucket}`, `s3.accessKeyId=${s3.accessKeyId}`, 's3.secretAccessKeyFile=s3-secret',
      'xftpStorage.redisPrefix=worker-files', 'xftpListen.host=127.0.0.1', `xftpListen.ports=${port}`, `xftpAdmin.port=${admin}`,
    );
    expect(await workersOf(child.pid!)).toHaveLength(2);
    const addresses = [/smp:\/\/\S+/, /xftp:\/\/\S+/].map((pattern) => pattern.exec(output.stdout)![0]);
    expect((await polyplex(folder, ['check', ...addresses])).code).toBe(0);
    const uploaded = await Promise.all([admin, admin + 1].map(async (each) => Number(/^simplex_xftp_files_uploaded (\d)$/m.exec(await (await fetch(`http://127.0.0.1:${each}/metrics`)).text())![1])));
    expect(uploaded[0]! + uploaded[1]!).toBe(1);
    child.kill('SIGTERM');
    expect((await finished).code).toBe(EXIT_CODES.ok);
  });

  it('keeps the statistics of each in a folder of its own', async () => {
    const folder = newFolder();
    const kept = join(folder, 'kept');
    const { child, finished } = await started(folder, 'statistics.daily=on', `statistics.folder=${kept}`);
    const files = ['worker-1', 'worker-2'].map((worker) => join(kept, worker, 'smp-statistics.txt'));
    for (const file of files) expect(await readFile(file, 'utf8')).toContain('qCreated=0\n');
    child.kill('SIGTERM');
    expect((await finished).code).toBe(EXIT_CODES.ok);
  });

  it('leaves no worker behind when it is killed itself', async () => {
    const { child, nodes } = await started(newFolder());
    child.kill('SIGKILL');
    await waitUntil('no worker serves', async () => (await nodes(0)) + (await nodes(1)) === 0, { timeoutMs: 15_000 });
  });

  it.each([
    [[], /storage\.engine=redis/],
    [['--set', 'storage.engine=redis', '--set', 'redis.urls=redis://127.0.0.1:1', '--set', 'listen.ports=0'], /give fixed ones/],
    [['--only', 'xftp'], /xftpStorage\.engine=redis-s3/],
    [['--set', 'storage.engine=redis', '--set', 'redis.urls=redis://127.0.0.1:1', '--set', 'servers.run=all', '--set', 'xftpAdmin.port=8081'], /counted up from admin\.port/],
  ])('says what it needs: %j', async (flags, problem) => {
    const { code, stderr } = await polyplex(newFolder(), ['start', '--no-qr', '--workers', '2', ...flags]);
    expect([code, stderr]).toEqual([EXIT_CODES.usage, expect.stringMatching(problem)]);
  });
});

/** Processes whose parent is this one. */
async function workersOf(parent: number): Promise<number[]> {
  const text = await readFile(join('/proc', String(parent), 'task', String(parent), 'children'), 'utf8').catch(() => '');
  return text.split(' ').filter((pid) => pid !== '').map(Number);
}
