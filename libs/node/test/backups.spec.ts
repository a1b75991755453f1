/** Backups as folders: what is in one, which stay, and what a failure leaves. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyplex/telemetry';
import { createFakeClock } from '@polyplex/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BackupPlace, Backups, checkFiles, type Manifest, readManifest } from '../src/index.ts';

let root: string;
const path = (...names: string[]): string => join(root, ...names);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'polyplex-backups-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Options = ConstructorParameters<typeof Backups>[0];

function writeData({ folder, wrote }: { readonly folder: string; wrote(bytes: number): void }): void {
  mkdirSync(join(folder, 'queues'));
  writeFileSync(join(folder, 'queues', 'data.mdb'), 'all queues');
  wrote(10);
}

function backupsOf(parts: Partial<Options> = {}) {
  const clock = createFakeClock();
  const options: Options = {
    server: 'smp', folder: path('backups'), keep: 2, version: '1.2.3', fingerprint: new Uint8Array(32), configFolder: null, notConfig: [],
    statisticsFolder: path('statistics'), clock, log: silentLogger,
    write: async (place) => {
      await Promise.resolve();
      writeData({ folder: place.folder, wrote: (bytes) => place.wrote(bytes) });
      return { counts: { queues: 3 }, bodies: null };
    },
    ...parts,
  };
  return { backups: new Backups(options), clock };
}

/** Begins one, and waits for its end. */
async function made(backups: Backups): Promise<string> {
  const name = await backups.begin();
  await ended(backups);
  return name;
}

async function ended(backups: Backups): Promise<void> {
  while (backups.state()?.state === 'running') await new Promise((resolve) => setImmediate(resolve));
}

test('one has the data, and a manifest that tells what is in it and whose it is', async () => {
  const { backups } = backupsOf();
  expect(backups.state()).toBeNull();
  const name = await made(backups);
  expect(name).toBe('smp-20231114-221320');
  expect(backups.state()).toEqual({
    name, state: 'done', startedAt: '2023-11-14T22:13:20.000Z', endedAt: '2023-11-14T22:13:20.000Z', bytes: 10, error: null,
  });
  expect(readdirSync(path('backups'))).toEqual([name]);
  const manifest = await readManifest(path('backups', name));
  expect(manifest).toEqual({
    format: 1, server: 'smp', program: '1.2.3', startedAt: '2023-11-14T22:13:20.000Z', endedAt: '2023-11-14T22:13:20.000Z', fingerprint: `${'A'.repeat(43)}=`, counts: { queues: 3 }, bodies: null,
    files: [{ path: 'queues/data.mdb', bytes: 10, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown }],
  });
  await checkFiles(path('backups', name), manifest);
  for (const folder of ['.', name, join(name, 'manifest.json')]) expect(statSync(path('backups', folder)).mode & 0o077).toBe(0);
});

test('a file that has changed, is missing or lies elsewhere is told', async () => {
  const name = await made(backupsOf().backups);
  const manifest = await readManifest(path('backups', name));
  writeFileSync(path('backups', name, 'queues', 'data.mdb'), 'All queues');
  await expect(checkFiles(path('backups', name), manifest)).rejects.toThrow('queues/data.mdb of the backup is damaged');
  rmSync(path('backups', name, 'queues', 'data.mdb'));
  await expect(checkFiles(path('backups', name), manifest)).rejects.toThrow('queues/data.mdb of the backup cannot be read');
  const changed = async (change: Partial<Record<keyof Manifest, unknown>>): Promise<unknown> => {
    writeFileSync(path('backups', name, 'manifest.json'), JSON.stringify({ ...manifest, ...change }));
    return readManifest(path('backups', name)).catch((error: unknown) => (error as Error).message);
  };
  const sha256 = '0'.repeat(64);
  for (const wrong of ['../x', '/etc/passwd', 'a/../../x', 'a/..', './a', 'a//b', '', 'a\\b']) {
    expect(await changed({ files: [{ path: wrong, bytes: 1, sha256 }] }), wrong).toContain('is damaged');
  }
  expect(await changed({ files: [{ path: 'a/b..c/.d', bytes: 1, sha256 }] })).toMatchObject({ format: 1 });
  expect(await changed({ format: 2 })).toContain('has format 2, this release reads up to 1');
  writeFileSync(path('backups', name, 'manifest.json'), '{');
  await expect(readManifest(path('backups', name))).rejects.toThrow('manifest.json is damaged');
  await expect(readManifest(path('nothing'))).rejects.toThrow('is no backup, or not a whole one');
});

test('the newest stay, others\' folders too, and what an earlier process did not finish goes', async () => {
  const { backups, clock } = backupsOf();
  for (const other of ['xftp-20200101-000000', 'smp-notes', 'xftp-20200101-000000.part', 'smp-20200101-000000.part']) mkdirSync(path('backups', other), { recursive: true });
  const names = [];
  for (let i = 0; i < 4; i++) {
    names.push(await made(backups));
    if (i !== 1) clock.advance(61_000);
  }
  expect(names).toEqual(['smp-20231114-221320', 'smp-20231114-221421', 'smp-20231114-221421-2', 'smp-20231114-221522']);
  expect(readdirSync(path('backups')).sort()).toEqual(['smp-20231114-221421-2', 'smp-20231114-221522', 'smp-notes', 'xftp-20200101-000000', 'xftp-20200101-000000.part']);
});

test('the one before is known to the next, and there is one at a time', async () => {
  const places: BackupPlace[] = [];
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const { backups } = backupsOf({
    write: async (place) => {
      places.push(place);
      await held;
      return { counts: {}, bodies: null };
    },
  });
  const beginning = backups.begin();
  await expect(backups.begin()).rejects.toThrow('under way');
  const first = await beginning;
  await expect(backups.begin()).rejects.toThrow('under way');
  letGo();
  await ended(backups);
  await made(backups);
  expect(places.map(({ previous }) => previous)).toEqual([null, path('backups', first)]);
});

test('a failure is told in words, leaves nothing, and the next one goes well', async () => {
  let fails = true;
  const { backups } = backupsOf({
    write: async ({ folder, needRoom }) => {
      writeFileSync(join(folder, 'half'), '');
      if (fails) await needRoom(2 ** 60);
      return { counts: {}, bodies: null };
    },
  });
  await made(backups);
  expect(backups.state()).toMatchObject({ state: 'failed', error: expect.stringMatching(/^there is not enough room: it takes \d+ MB, .* \(backup\.folder\)$/) as unknown });
  expect(readdirSync(path('backups'))).toEqual([]);
  fails = false;
  await made(backups);
  expect(backups.state()?.state).toBe('done');
});

test('a folder that cannot be made is told at once', async () => {
  writeFileSync(path('file'), '');
  const { backups } = backupsOf({ folder: path('file', 'backups') });
  await expect(backups.begin()).rejects.toThrow('the folder for backups cannot be used');
  await expect(backups.begin()).rejects.toThrow('the folder for backups cannot be used');
});

test('a server that stops ends the one under way, and begins none', async () => {
  const { backups } = backupsOf({
    write: ({ signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    }),
  });
  await backups.begin();
  await backups.close();
  expect(backups.state()).toMatchObject({ state: 'failed', error: 'the server stopped' });
  expect(readdirSync(path('backups'))).toEqual([]);
  await expect(backups.begin()).rejects.toThrow('the server stops');
  await backups.close();
});

test('statistics of this server go with it', async () => {
  mkdirSync(path('statistics'));
  for (const name of ['smp-statistics.txt', 'smp-daily.csv', 'smp-statistics.txt.new', 'xftp-daily.csv', 'notes']) writeFileSync(path('statistics', name), name);
  const name = await made(backupsOf().backups);
  expect(readdirSync(path('backups', name, 'statistics')).sort()).toEqual(['smp-daily.csv', 'smp-statistics.txt']);
});

test('the configuration goes with it where that is wanted, without data, links and the CA key', async () => {
  for (const folder of ['config/ca', 'config/xftp/ca', 'config/data/smp']) mkdirSync(path(folder), { recursive: true });
  const files = ['polyplex.yaml', 'server.key', 'ca/ca.key', 'ca/ca.crt', 'ca/README.txt', 'ca.key', 'ca.key.old', 'xftp/ca/ca.key', 'xftp/server.key', 'data/smp/data.mdb'];
  for (const file of files) writeFileSync(path('config', file), file);
  symlinkSync('/etc/hostname', path('config', 'link'));
  const options = { configFolder: path('config'), notConfig: [path('config', 'data')] };
  const name = await made(backupsOf(options).backups);
  const manifest = await readManifest(path('backups', name));
  expect(manifest.files.map(({ path: each }) => each).filter((each) => each.startsWith('config/'))).toEqual([
    'config/ca/ca.crt', 'config/polyplex.yaml', 'config/server.key', 'config/xftp/server.key',
  ]);
  expect(readFileSync(path('backups', name, 'config', 'xftp', 'server.key'), 'utf8')).toBe('xftp/server.key');
  expect(statSync(path('backups', name, 'config', 'server.key')).mode & 0o777).toBe(0o600);
  expect(existsSync(path('backups', name, 'config', 'data'))).toBe(false);

  for (let i = 0; i < 500; i++) writeFileSync(path('config', `more-${i}`), '');
  const { backups } = backupsOf(options);
  await made(backups);
  expect(backups.state()).toMatchObject({ state: 'failed', error: expect.stringContaining('more than 500 files') as unknown });
});

