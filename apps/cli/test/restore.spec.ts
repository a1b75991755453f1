/** `polyplex admin backup` and `polyplex restore`, relay and file server, and what stands in the way of a restore. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, releasePort } from '@polyplex/local-cluster';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentOf, newFolder, polyplex, type Running, startReady } from './support.ts';

const PORTS = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
const [port, adminPort, filePort, fileAdminPort] = PORTS;
const SETTINGS = [`listen.ports=${port}`, `admin.port=${adminPort}`, `xftpListen.ports=${filePort}`, `xftpAdmin.port=${fileAdminPort}`, 'address.hosts=127.0.0.1'].flatMap((setting) => ['--set', setting]);
afterAll(() => PORTS.forEach(releasePort));

const start = (folder: string, ...args: string[]): Promise<Running> => startReady(folder, ['--password', ...SETTINGS, ...args]);
const addressesOf = ({ output }: Running): string[] => output.stdout.match(/(smp|xftp):\/\/\S+/g) ?? [];

async function killed({ child, finished }: Running): Promise<void> {
  child.kill('SIGKILL');
  await finished;
}

/** Makes a backup of both servers; answers their names. */
async function backedUp(folder: string): Promise<{ readonly smp: string; readonly xftp: string }> {
  const made = await polyplex(folder, ['admin', 'backup', 'start', '--wait', ...SETTINGS]);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const names = readdirSync(join(folder, 'data', 'backups')).sort();
  return { smp: names.findLast((name) => name.startsWith('smp-'))!, xftp: names.findLast((name) => name.startsWith('xftp-'))! };
}

/** A file of so many bytes, sent; answers the description by which it is received. */
async function sent(folder: string, name: string, address: string, size: number): Promise<string> {
  writeFileSync(join(folder, name), Buffer.alloc(size, name));
  const done = await polyplex(folder, ['file', 'send', name, '--server', address, '--no-links']);
  expect(done, done.stderr).toMatchObject({ code: 0 });
  return join(folder, `${name}.xftp`, 'rcv1.xftp');
}

let home: string;
let backups: string;
let names: { readonly smp: string; readonly xftp: string };
let addresses: string[];
let descriptions: string[];
/** Of the five files: the large one has two chunks. */
const BODIES = 6;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'polyplex-restore-'));
  backups = join(home, 'carried');
  const running = await start(home, '--set', 'backup.config=true');
  addresses = addressesOf(running);
  descriptions = [await sent(home, 'large', addresses[1]!, 300_000)];
  for (const name of ['one', 'two', 'three', 'four']) descriptions.push(await sent(home, name, addresses[1]!, 1000));
  names = await backedUp(home);
  const bodies = bodiesOf(join(home, 'data', 'backups', names.xftp));
  expect(bodies).toHaveLength(BODIES);
  expect(bodies.every((body) => statSync(body).nlink === 2)).toBe(true);
  await killed(running);
  cpSync(join(home, 'data', 'backups'), backups, { recursive: true });
  rmSync(join(home, 'data'), { recursive: true });
}, 120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('restores both servers on a machine that has nothing, under their addresses and with their files', async () => {
  const folder = newFolder();
  expect((await polyplex(folder, ['restore', join(backups, names.smp)])).stdout).toContain('Settings       restored to');
  const restored = await polyplex(folder, ['restore', join(backups, names.xftp)]);
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  expect(restored.stdout).toMatch(/Restored +6 files, \d+\.\d kB; 0 had been removed while the backup was made\n/);
  expect(restored.stdout).toContain('was there, and stays as it is');
  expect(readdirSync(join(folder, 'data')).sort()).toEqual(['smp', 'xftp']);
  expect(readdirSync(join(folder, 'data', 'smp'))).toEqual(['data.mdb']);
  expect(existsSync(join(folder, 'config', 'ca', 'ca.key'))).toBe(false);

  const running = await start(folder);
  expect(addressesOf(running)).toEqual(addresses);
  const out = newFolder();
  for (const description of descriptions) {
    const received = await polyplex(out, ['file', 'receive', description, '--keep', '--out', 'in']);
    expect(received, received.stderr).toMatchObject({ code: 0 });
  }
  for (const name of ['large', 'one', 'four']) expect(readFileSync(join(out, 'in', name)).equals(readFileSync(join(home, name)))).toBe(true);
  const status = await polyplex(folder, ['admin', 'backup', 'status', '--json', ...SETTINGS]);
  expect(JSON.parse(status.stdout)).toEqual({ smp: null, xftp: null });
  await killed(running);
});

/** A copy of a backup with something done to it. */
function changed(name: string, change: (folder: string) => void): string {
  const folder = join(newFolder(), name);
  cpSync(join(backups, name), folder, { recursive: true });
  change(folder);
  return folder;
}

function bodiesOf(folder: string): string[] {
  return readdirSync(join(folder, 'files'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'polyplex-bodies').map((entry) => join(entry.parentPath, entry.name));
}

it('leaves out files whose bodies are not there or not right, and says so', async () => {
  const backup = changed(names.xftp, (folder) => {
    const [first, second, third] = bodiesOf(folder);
    rmSync(first!);
    const content = readFileSync(second!);
    content[7]! ^= 1;
    writeFileSync(second!, content);
    writeFileSync(third!, readFileSync(third!).subarray(1));
    writeFileSync(join(folder, 'files', 'stray'), '');
  });
  const folder = newFolder();
  const { code, stdout, stderr } = await polyplex(folder, ['restore', backup]);
  expect([code, stderr]).toEqual([1, 'polyplex: 2 files were damaged in the backup and are NOT restored; all others are\n']);
  expect(stdout).toMatch(/Restored +3 files, .*; 1 had been removed/);
  expect(bodiesOf(join(folder, 'data', 'xftp'))).toHaveLength(3);
  const running = await start(folder, '--only', 'xftp');
  const counts = await polyplex(folder, ['admin', 'stats', '--only', 'xftp', '--json', ...SETTINGS]);
  expect(JSON.parse(counts.stdout)).toMatchObject({ xftp: { filesCount: 3 } });
  await killed(running);
});

it('checks a backup without restoring it', async () => {
  const folder = newFolder();
  const whole = await polyplex(folder, ['restore', '--check', join(backups, names.smp)]);
  expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining('The backup is whole.')]);
  const damaged = changed(names.smp, (backup) => {
    const file = join(backup, 'queues', 'data.mdb');
    const data = readFileSync(file);
    data[9000]! ^= 1;
    writeFileSync(file, data);
  });
  for (const args of [['restore', '--check', damaged], ['restore', damaged]]) {
    expect(await polyplex(folder, args)).toMatchObject({ code: 6, stderr: expect.stringContaining('queues/data.mdb of the backup is damaged') as unknown });
  }
  expect(await polyplex(folder, ['restore', newFolder()])).toMatchObject({ code: 6, stderr: expect.stringContaining('is no backup') as unknown });
  expect(contentOf(folder)).toEqual({});
});

it('overwrites nothing', async () => {
  const folder = newFolder();
  // What an interrupted one has left is in nobody's way.
  mkdirSync(join(folder, 'data', 'smp.restoring', 'anything'), { recursive: true });
  mkdirSync(join(folder, 'config.restoring'));
  expect((await polyplex(folder, ['restore', join(backups, names.smp)])).code).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['config', 'data']);
  const before = contentOf(folder);
  const again = await polyplex(folder, ['restore', join(backups, names.smp)]);
  expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining('nothing is overwritten') as unknown });
  const redis = await polyplex(folder, ['restore', join(backups, names.smp), '--set', 'storage.engine=redis', '--set', 'redis.urls=redis://127.0.0.1:1']);
  expect(redis).toMatchObject({ code: 2, stderr: expect.stringContaining('embedded engine') as unknown });
  expect(contentOf(folder)).toEqual(before);
});

it('keeps an identity from taking another\'s data, unless that is wanted', async () => {
  const other = newFolder();
  expect((await polyplex(other, ['init', '--host', 'other.example.org'])).code).toBe(0);
  const refused = await polyplex(other, ['restore', join(backups, names.smp)]);
  expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('has another address than the one that was backed up') as unknown });
  expect(existsSync(join(other, 'data', 'smp'))).toBe(false);
  const wanted = await polyplex(other, ['restore', '--other-identity', join(backups, names.smp)]);
  expect(wanted, wanted.stderr).toMatchObject({ code: 0 });

  const bare = changed(names.smp, (backup) => {
    const manifest = JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8')) as { files: { path: string }[] };
    writeFileSync(join(backup, 'manifest.json'), JSON.stringify({ ...manifest, files: manifest.files.filter(({ path }) => !path.startsWith('config/')) }));
    rmSync(join(backup, 'config'), { recursive: true });
  });
  const folder = newFolder();
  const lacking = await polyplex(folder, ['restore', bare]);
  expect(lacking).toMatchObject({ code: 4, stderr: expect.stringContaining('are not in the backup, and not where they belong') as unknown });
  expect(contentOf(folder)).toEqual({});
  cpSync(join(home, 'config'), join(folder, 'config'), { recursive: true });
  const found = await polyplex(folder, ['restore', bare]);
  expect([found.code, found.stdout]).toEqual([0, expect.stringContaining('not in the backup; that of')]);
});
