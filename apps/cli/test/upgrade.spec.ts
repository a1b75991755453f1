/** `polyplex upgrade check` on stores of this and other formats, with and without servers that run. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationWriter } from '@polyplex/agent';
import { fromBase64Url } from '@polyplex/base';
import { startRedis } from '@polyplex/local-cluster';
import { openRecordStore } from '@polyplex/store-embedded';
import { newBotKey } from 'directory-bot';
import { open } from 'lmdb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reportText } from '../src/upgrading/report-text.ts';
import { rollingOf, storeReport } from '../src/upgrading/store-report.ts';
import { upgradeReport } from '../src/upgrading/upgrade-report.ts';
import { contentOf, FREE_PORTS, newFolder, polyplex, startReady } from './support.ts';

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
async function markedAs(folder: string, version: number, { place, mark } = { place: 'smp', mark: 'queue' }): Promise<void> {
  const root = open({ path: join(folder, 'data', place, 'data.mdb'), noSubdir: true, encoding: 'binary', keyEncoding: 'binary' });
  const meta = root.openDB<Buffer, Uint8Array>({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' });
  await meta.put(Buffer.from('format'), Buffer.concat([Buffer.from(`polyplex ${mark} store `), Buffer.from([version])]));
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

  it('changes nothing, wants a backup before, and is content with one, while the servers run', async () => {
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

  it('of nodes on Redis tells which run, and that they can be replaced one by one; not where the format differs, or Redis is away', async () => {
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

describe('upgrade check of the directory bot\'s data', () => {
  const RELAY = `smp://${'A'.repeat(43)}=@relay.example.org`;
  const BOT = { place: 'bot/records', mark: 'record' };
  const keyFile = (folder: string): string => join(folder, 'config/bot/store.key');
  const settings = (folder: string): string[] => ['servers.run=bot', `bot.relays=${RELAY}`, `storage.dataDir=${join(folder, 'data')}`];

  /** As a release has written them that keeps the directory's records in this format; null: by a bot that never ran to its end. */
  async function botsData(directory: number | null): Promise<string> {
    const folder = newFolder();
    mkdirSync(join(folder, 'config/bot'), { recursive: true });
    writeFileSync(keyFile(folder), newBotKey());
    const store = await openRecordStore({ path: join(folder, 'data/bot/records'), key: fromBase64Url(readFileSync(keyFile(folder), 'utf8').trim())! });
    if (directory !== null) await store.change((records) => new ApplicationWriter(new ApplicationWriter(records)).put('directory-meta', 'format', directory));
    await store.close();
    return folder;
  }
  async function look(folder: string): Promise<{ readonly found: unknown; readonly text: string }> {
    const report = await upgradeReport({ configDir: join(folder, 'config'), set: settings(folder) });
    const [store] = report.stores ?? [];
    return { found: [report.verdict, store?.state, store?.format, store?.records ?? null, report.backups], text: reportText(report) };
  }

  it('is content with those of this release, and asks for no backup that nobody can make', async () => {
    expect(await look(await botsData(2))).toMatchObject({ found: ['ready', 'current', 1, { format: 2, newest: 2 }, []], text: expect.stringMatching(/format 1, the directory's records 2, as this program keeps it/) as unknown });
    expect(await look(await botsData(null))).toMatchObject({ found: ['ready', 'current', 1, null, []] });
  });

  it('looks at those of a bot that runs', async () => {
    const folder = await botsData(2);
    const store = await openRecordStore({ path: join(folder, 'data/bot/records'), key: fromBase64Url(readFileSync(keyFile(folder), 'utf8').trim())! });
    onTestFinished(() => store.close());
    expect(await look(folder)).toMatchObject({ found: ['ready', 'current', 1, { format: 2 }, []] });
  });

  it('says of older ones what the next start does, and what leads back', async () => {
    const { found, text } = await look(await botsData(1));
    expect(found).toEqual(['heed', 'older', 1, { format: 1, newest: 2 }, []]);
    expect(text).toMatch(/records 1: the first start converts it to format 1, of the directory's records 2, and then only a copy from before: stop the bot, [^]*This program can take over. Copy the data of the bot first/);
  });

  it.each([
    ['of records', () => botsData(3), [1, { format: 3, newest: 2 }], /3, of a newer release; this program reads up to format 1, of the directory's records 2/],
    ['of the store', async () => {
      const folder = await botsData(2);
      await markedAs(folder, 9, BOT);
      return folder;
    }, [9, null], /format 9, of a newer release; this program reads up to format 1 /],
  ] as const)('does not open newer ones (%s), and says what to do', async (_which, make, formats, words) => {
    const { found, text } = await look(await make());
    expect(found).toEqual(['stores', 'newer', ...formats, []]);
    expect(text).toMatch(words);
    expect(text).toMatch(/run that release, or bring back a copy from before it[^]*Not ready[^]*Nothing was changed/);
  });

  it('nor does a start', async () => {
    const folder = await botsData(3);
    const { code, stderr } = await polyplex(folder, ['start', ...FREE_PORTS, ...settings(folder).flatMap((setting) => ['--set', setting])]);
    expect([code, stderr]).toEqual([6, expect.stringMatching(/^polyplex: the data in \S+ cannot be opened: the records of the directory have format 3, this release reads up to 2: use a newer one/m)]);
  });

  it('knows that a key is not theirs, or is missing', async () => {
    const folder = await botsData(2);
    writeFileSync(keyFile(folder), newBotKey());
    expect(await look(folder)).toMatchObject({ found: ['stores', 'unreadable', 1, null, []], text: expect.stringContaining('bot.keyFile must be the key that they were made with') as unknown });
    writeFileSync(keyFile(folder), 'no key\n');
    expect(await look(folder)).toMatchObject({ found: ['settings', undefined, undefined, null, []], text: expect.stringContaining('bot.keyFile') as unknown });
  });
});

describe('a store of another format than the program\'s', () => {
  const found = { server: 'smp', place: '', records: null, bytes: null, failure: null } as const;
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
