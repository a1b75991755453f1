/**
 * A server that lacks something starts without it, or ends with words that say what to do, and an exit code for who
 * watches it. Each on the program as it is shipped; `start.spec.ts`, `folders.spec.ts` and `e2e/first-use.spec.ts` have more.
 */
import { execFile } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, startRedis } from '@polyplex/local-cluster';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { FREE_PORTS, launch, newFolder, polyplex, type Running, startReady } from './support.ts';

const INIT = ['init', '--yes', '--host', 'smp.example.org'];
const NOBODY = 65_534;
const execute = promisify(execFile);

async function initialised(): Promise<string> {
  const folder = newFolder();
  await polyplex(folder, INIT);
  return folder;
}

/** What `/readyz` of the relay answers: status and text. */
async function readiness({ output }: Running): Promise<readonly [number, string]> {
  const answer = await fetch(`${/http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)![0]}/readyz`);
  return [answer.status, await answer.text()];
}

describe('starts without', () => {
  it('a web certificate, and says that the shared port has no page', async () => {
    const folder = await initialised();
    const port = String(await freePort());
    const running = await startReady(folder, ['--only', 'smp', '--set', `listen.sharedPort=${port}`]);
    expect(running.output.stdout + running.output.stderr).toMatch(/web certificate|webCertificateFile/);
    expect((await readiness(running))[0]).toBe(200);
  });

  it('the CA keys, which are to be elsewhere', async () => {
    const folder = await initialised();
    for (const ca of ['ca', 'xftp/ca']) rmSync(join(folder, 'config', ca), { recursive: true });
    const running = await startReady(folder);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(EXIT_CODES.ok);
    const rotate = await polyplex(folder, ['cert', 'rotate']);
    expect(rotate.code).toBe(EXIT_CODES.identity);
    expect(rotate.stderr).toMatch(/ca\.key/);
  });

  it('a Redis that goes away: it is not ready, says so, and is ready when Redis is back', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const folder = await initialised();
    const running = await startReady(folder, ['--only', 'smp', '--set', 'storage.engine=redis', '--set', `redis.urls=redis://127.0.0.1:${String(redis.port)}`, '--set', 'redis.timeout=1s']);
    await expect.poll(() => readiness(running), { timeout: 20_000 }).toEqual([200, expect.any(String) as string]);
    await redis.kill('SIGKILL');
    await expect.poll(() => readiness(running), { timeout: 20_000 }).toEqual([503, expect.stringMatching(/store|Redis/) as string]);
    expect(running.child.exitCode).toBeNull();
    await redis.restart();
    await expect.poll(() => readiness(running), { timeout: 40_000 }).toEqual([200, expect.any(String) as string]);
  });
});

describe('ends with what to do for', () => {
  it('a Redis that is away', async () => {
    const folder = await initialised();
    const { code, stderr } = await polyplex(folder, ['start', ...FREE_PORTS, '--only', 'smp', '--set', 'storage.engine=redis', '--set', 'redis.urls=redis://127.0.0.1:1', '--set', 'redis.timeout=1s']);
    expect([code, stderr]).toEqual([EXIT_CODES.storage, expect.stringMatching(/Redis does not answer.*redis\.urls/)]);
  });

  it('a Redis that wants a password', async () => {
    const redis = await startRedis({ password: 'right' });
    onTestFinished(() => redis.stop());
    const folder = await initialised();
    const { code, stderr } = await polyplex(folder, ['start', ...FREE_PORTS, '--only', 'smp', '--set', 'storage.engine=redis', '--set', `redis.urls=redis://127.0.0.1:${String(redis.port)}`, '--set', 'redis.timeout=1s']);
    expect([code, stderr]).toEqual([EXIT_CODES.storage, expect.stringMatching(/Redis wants another password, or another user: NOAUTH.*redis\.passwordFile/)]);
  });

  it('folders that are another user\'s, as volumes of containers may be', async () => {
    const isRoot = process.getuid?.() === 0;
    const asNobody = (folder: string, args: readonly string[]) => launch(folder, ['start', ...FREE_PORTS, ...args], {}, isRoot ? NOBODY : undefined).finished;
    const whose = isRoot ? String(NOBODY) : String(process.getuid?.());
    const bare = newFolder();
    chmodSync(bare, 0o555);
    expect(await asNobody(bare, ['--config-dir', join(bare, 'config')])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringMatching(new RegExp(`config\\S* may not be written by this user, number ${whose}: give it the folder`)) as unknown });
    const folder = await initialised();
    chmodSync(folder, 0o755);
    await execute('chmod', ['-R', 'a+rX', join(folder, 'config')]);
    const data = join(bare, 'data');
    expect(await asNobody(folder, ['--set', `storage.dataDir=${data}`])).toMatchObject({ code: EXIT_CODES.storage, stderr: expect.stringMatching(new RegExp(`number ${whose}.*storage\\.dataDir`)) as unknown });
    chmodSync(bare, 0o755);
  });

  it('a port that is taken', async () => {
    const folder = await initialised();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { readonly port: number };
    const { code, stderr } = await polyplex(folder, ['start', ...FREE_PORTS, '--set', `listen.ports=${String(port)}`]);
    expect([code, stderr]).toEqual([EXIT_CODES.listen, expect.stringMatching(new RegExp(`port ${String(port)} is in use by another process.*listen\\.ports`))]);
  });

  it('a web certificate that is not where settings say', async () => {
    const folder = await initialised();
    const { code, stderr } = await polyplex(folder, ['start', ...FREE_PORTS, '--set', 'listen.sharedPort=0', '--set', 'listen.webCertificateFile=web.crt', '--set', 'listen.webKeyFile=web.key']);
    expect([code, stderr]).toEqual([EXIT_CODES.identity, expect.stringMatching(/web\.crt cannot be read \(ENOENT.*webCertificateFile/)]);
  });

  it('a key that it may not read', async () => {
    const folder = await initialised();
    chmodSync(folder, 0o755);
    for (const place of ['config', 'config/xftp']) chmodSync(join(folder, place), 0o755);
    chmodSync(join(folder, 'config/polyplex.yaml'), 0o644);
    const asNobody = launch(folder, ['start', ...FREE_PORTS, '--set', 'storage.dataDir=/nonexistent'], {}, process.getuid?.() === 0 ? NOBODY : undefined);
    if (process.getuid?.() !== 0) chmodSync(join(folder, 'config/server.key'), 0);
    const { code, stderr } = await asNobody.finished;
    expect([code, stderr]).toEqual([EXIT_CODES.identity, expect.stringMatching(/server\.key cannot be read \(EACCES.*keyFile/)]);
  });

  it('a password file that is empty', async () => {
    const folder = await initialised();
    writeFileSync(join(folder, 'config/password'), '');
    const { code, stderr } = await polyplex(folder, ['start', ...FREE_PORTS]);
    expect([code, stderr]).toEqual([EXIT_CODES.config, expect.stringMatching(/access\.passwordFile/)]);
  });
});

describe('all servers of one host', () => {
  it('have ports that do not meet by default', async () => {
    const folder = newFolder();
    await polyplex(folder, [...INIT, '--push']);
    expect(await polyplex(folder, ['config', 'check', '--set', 'servers.push=on'])).toMatchObject({ code: EXIT_CODES.ok });
  });

  it.each([
    [['listen.ports=443', 'xftpListen.ports=443'], /xftpListen\.ports: port 443 is that of listen\.ports too: give relay and file server ports, or addresses, of their own/],
    [['listen.sharedPort=443', 'xftpListen.ports=443'], /port 443 is that of listen\.sharedPort too/],
    [['xftpAdmin.port=8080'], /xftpAdmin\.port: port 8080 is that of admin\.port too/],
  ])('are told before a start that %j meet', async (settings, words) => {
    const folder = await initialised();
    const flags = settings.flatMap((setting) => ['--set', setting]);
    for (const command of [['config', 'check'], ['start']]) {
      expect(await polyplex(folder, [...command, ...flags])).toMatchObject({ code: EXIT_CODES.config, stderr: expect.stringMatching(words) as unknown });
    }
  });

  it('may have port 443 at addresses of their own', async () => {
    const folder = await initialised();
    const flags = ['listen.host=127.0.0.1', 'listen.sharedPort=443', 'xftpListen.host=127.0.0.2', 'xftpListen.ports=443'].flatMap((setting) => ['--set', setting]);
    expect(await polyplex(folder, ['config', 'check', ...flags])).toMatchObject({ code: EXIT_CODES.ok });
  });
});
