/** `polyplex upgrade check` on stores of this and other formats, with and without servers that run. */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '@polyplex/local-cluster';
import { open } from 'lmdb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rollingOf, storeReport } from '../src/upgrading/store-report.ts';
import { contentOf, newFolder, polyplex, startReady } from './support.ts';

interface Report {
  readonly verdict: string;
  readonly settings: readonly { readonly setting: string; readonly message: string }[];
  readonly files: string | null;
  readonly stores: readonly { readonly server: string; readonly state: string; readonly format: number | null }[] | null;
  readonly nodes: readonly { readonly service: string; readonly version: string }[];
  readonly rolling: { readonly possible: boolean } | null;
  readonly backups: readonly { readonly server: string; readonly newest: { readonly program: string } | null; readonly enough: boolean }[];
}

async function check(folder: string, flags: readonly string[] = [], variables: Readonly<Record<string, string>> = {}): Promise<{ readonly code: number | null; readonly report: Report }> {
  const { code, stdout } = await polyplex(folder, ['upgrade', 'check', '--json', ...flags], variables);
  return { code, report: JSON.parse(stdout) as Report };
}

/** Both servers, with data. */
async function withData(): Promise<string> {
  const folder = newFolder();
  const { child, finished } = await startReady(folder);
  child.kill('SIGTERM');
  await finished;
  return folder;
}

/** What the store's own mark says from now on. */
async function markedAs(folder: string, version: number): Promise<void> {
  const root = open({ path: join(folder, 'data/smp/data.mdb'), noSubdir: true, encoding: 'binary', keyEncoding: 'binary' });
  const meta = root.openDB<Buffer, Uint8Array>({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' });
  await meta.put(Buffer.from('format'), Buffer.concat([Buffer.from('polyplex queue store '), Buffer.from([version])]));
  await root.close();
}

describe('upgrade check', () => {
  it('finds a machine on which nothing is, and says what is missing', async () => {
    const folder = newFolder();
    const { code, report } = await check(folder);
    expect(code).toBe(4);
    expect(report).toMatchObject({ verdict: 'files', stores: [{ server: 'smp', state: 'new' }, { server: 'xftp', state: 'new' }] });
    expect(report.files).toContain('server.crt');
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('changes nothing, wants a backup before, and is content with one, while the servers run', { timeout: 90_000 }, async () => {
    const folder = await withData();
    const running = await startReady(folder);
    const before = Object.keys(contentOf(join(folder, 'data')));
    expect(await check(folder)).toMatchObject({
      code: 1,
      report: { verdict: 'heed', files: null, stores: [{ server: 'smp', state: 'current', format: 1 }, { server: 'xftp', state: 'current', format: 1 }], rolling: { possible: false }, backups: [{ newest: null, enough: true }, { newest: null }] },
    });
    expect(Object.keys(contentOf(join(folder, 'data')))).toEqual(before);
    const urls = [...running.output.stdout.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url);
    for (const [i, server] of ['smp', 'xftp'].entries()) await polyplex(folder, ['admin', 'backup', 'start', '--wait', '--only', server, '--url', urls[i]!]);
    const { code, report } = await check(folder);
    expect([code, report.verdict, report.backups.map(({ newest }) => newest?.program)]).toEqual([0, 'ready', ['0.1.0', '0.1.0']]);
  });

  it('sees data of a newer release, and does not open them', async () => {
    const folder = await withData();
    await markedAs(folder, 9);
    expect(await check(folder)).toMatchObject({ code: 6, report: { verdict: 'stores', stores: [{ state: 'newer', format: 9 }, { state: 'current' }] } });
    const { stdout } = await polyplex(folder, ['upgrade', 'check']);
    expect(stdout).toMatch(/format 9, of a newer release; this program reads up to format 1[^]*Not ready[^]*Nothing was changed/);
  });

  it('sees damage, and a folder that it may not look into is no empty one', async () => {
    const folder = await withData();
    const { truncate } = await import('node:fs/promises');
    await truncate(join(folder, 'data/smp/data.mdb'), 100);
    expect(await check(folder)).toMatchObject({ code: 6, report: { stores: [{ state: 'unreadable' }, { state: 'current' }] } });
  });

  it('names settings that this program does not know, wherever they are', async () => {
    const folder = await withData();
    appendFileSync(join(folder, 'config/polyplex.yaml'), '\nlimits:\n  connectoins: 5\n');
    const { code, report } = await check(folder, [], { POLYPLEX_ADMIN_PROT: '1' });
    expect([code, report.verdict, report.stores]).toEqual([3, 'settings', null]);
    expect(report.settings.map(({ message }) => message)).toEqual(expect.arrayContaining([expect.stringContaining('did you mean limits.connections?'), expect.stringContaining('did you mean')]));
  });

  it('of nodes on Redis tells which run, and that they can be replaced one by one; not where the format differs, or Redis is away', { timeout: 90_000 }, async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const folder = await withData();
    const flags = ['--set', 'servers.run=smp', '--set', 'storage.engine=redis', '--set', `redis.urls=redis://127.0.0.1:${String(redis.port)}`, '--set', 'redis.timeout=1s'];
    expect(await check(folder, flags)).toMatchObject({ code: 0, report: { stores: [{ state: 'new' }], nodes: [], rolling: { possible: true } } });
    await startReady(folder, flags);
    expect(await check(folder, flags)).toMatchObject({ code: 0, report: { verdict: 'ready', stores: [{ state: 'current', format: 1 }], nodes: [{ service: 'smp', version: '0.1.0' }], rolling: { possible: true } } });
    await redis.cli('SET', 'smp:format', '2');
    expect(await check(folder, flags)).toMatchObject({ code: 6, report: { stores: [{ state: 'newer', format: 2 }], rolling: { possible: false } } });
    await redis.kill('SIGKILL');
    expect(await check(folder, flags)).toMatchObject({ code: 6, report: { stores: [{ state: 'unreadable' }] } });
  });
});

describe('a store of another format than the program\'s', () => {
  const found = { server: 'smp', place: '', bytes: null, failure: null } as const;
  const state = (engine: 'embedded' | 'redis', format: number | null, newest: number): unknown => {
    const { state: name, opens, says } = storeReport({ ...found, engine, format }, newest);
    return [name, opens, says.includes(String(newest)) || format === newest || format === null];
  };
  it('is converted, refused, or as it should be', () => {
    expect([state('embedded', 2, 3), state('embedded', 3, 3), state('embedded', 4, 3), state('embedded', null, 3)]).toEqual([['older', true, true], ['current', true, true], ['newer', false, true], ['new', true, true]]);
    expect([state('redis', 2, 3), state('redis', 3, 3), state('redis', 4, 3)]).toEqual([['older, shared', false, true], ['current', true, true], ['newer', false, true]]);
  });
  it('that nodes share is not for nodes of two releases', () => {
    const rolling = (format: number): boolean => rollingOf([storeReport({ ...found, engine: 'redis', format }, 3)]).possible;
    expect([rolling(2), rolling(3), rolling(4)]).toEqual([false, true, false]);
  });
});
