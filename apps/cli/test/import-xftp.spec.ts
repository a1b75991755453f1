/** Taking over the file server of the reference, as an operator does: output, files, exit codes, interruption. */
import { existsSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDiskChunkStore, openEmbeddedFileStore } from '@polyplex/store-embedded';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { type OldFile, oldFile, thisHour, writeOldServer } from './old-file-server.ts';
import { contentOf, type Finished, launch, newFolder, polyplex, startReady } from './support.ts';

const VECTORS = fileURLToPath(new URL('vectors/xftp-server', import.meta.url));
const FROM_VECTORS = ['--log', `${VECTORS}/file-server-store.txt`, '--files', `${VECTORS}/files`];
/** The vectors grow older than any usual time to live. */
const FOR_EVER = ['--set', 'xftpFiles.expireAfter=3650d'];

const imported = (folder: string, args: readonly string[]): Promise<Finished> => polyplex(folder, ['import', 'xftp', ...args]);

async function usageOf(folder: string) {
  const store = await openEmbeddedFileStore({ path: join(folder, 'data', 'xftp', 'records') });
  try {
    return await store.usage();
  } finally {
    await store.close();
  }
}

async function bodiesIn(folder: string): Promise<number> {
  const chunks = await openDiskChunkStore({ path: join(folder, 'data', 'xftp', 'files') });
  let count = 0;
  for await (const _ of chunks.list(0)) count++;
  await chunks.close();
  return count;
}

const files = (count: number, size = 20_000): OldFile[] => Array.from({ length: count }, () => oldFile(size));

/** Each test starts several processes. */
const LONG = { timeout: 120_000 };

describe('import xftp', LONG, () => {
  it('takes over what the reference left, and says how much that is', async () => {
    const folder = newFolder();
    expect(await imported(folder, [...FROM_VECTORS, ...FOR_EVER, '--check'])).toMatchObject({
      code: EXIT_CODES.ok, stdout: expect.stringMatching(/nothing was changed[^]*Files +3 can be imported, 3 of them with a body\n +Recipients +2\n +Bodies +196\.6 kB\n/),
    });
    expect(existsSync(join(folder, 'data'))).toBe(false);
    expect(await imported(folder, [...FROM_VECTORS, ...FOR_EVER, '--verify'])).toMatchObject({
      code: EXIT_CODES.ok, stdout: expect.stringMatching(/Files +3 written, 0 there already\n +Recipients +2 written[^]*Bodies +3 written \(196\.6 kB\)[^]*Verified: 3 files with 2 recipients and 196\.6 kB[^]*Next: "polyplex start"/),
    });
    expect(await usageOf(folder)).toEqual({ files: 3, uploaded: 3, bytes: 196_608 });
    expect((await imported(folder, [...FROM_VECTORS, ...FOR_EVER])).stdout).toMatch(/Files +0 written, 3 there already\n/);
  });

  it('takes over the statistics beside the log, without what is hashed of ids', async () => {
    const folder = newFolder();
    const args = writeOldServer(folder, files(1));
    writeFileSync(join(folder, 'file-server-stats.log'), 'fromTime=2026-11-24T02:44:11.4Z\nfilesCreated=3\nfilesDownloaded:\ndayHashes=-1,2\nday=AAAA\nfileDownloads=4\n');
    expect(await imported(folder, args)).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringContaining('xftp-statistics.txt; the file server goes on with them') });
    expect(readFileSync(join(folder, 'data', 'statistics', 'xftp-statistics.txt'), 'utf8')).toBe('fromTime=2026-11-24T02:44:11.4Z\nfilesCreated=3\nfilesDownloaded:\nfileDownloads=4\n');
  });

  it('passes over files that have expired, by the time to live that is set', async () => {
    const folder = newFolder();
    const old = oldFile(1000, thisHour() - 50 * 3600);
    const args = writeOldServer(folder, [old, ...files(2)]);
    expect(await imported(folder, [...args, '--verify'])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/Files +2 written[^]*Expired +1 files, 1\.0 kB; passed over/) });
    expect((await imported(folder, [...args, '--set', 'xftpFiles.expireAfter=51h'])).stdout).toMatch(/Files +1 written, 2 there already/);
  });

  it('tells bodies and lines that are wrong by their line, imports the rest, and fails unless it is told not to', async () => {
    const folder = newFolder();
    const old = files(4);
    const args = writeOldServer(folder, old, ['nonsense', `FDEL ${oldFile(1).senderId}`]);
    rmSync(join(folder, 'bodies', old[0]!.senderId));
    truncateSync(join(folder, 'bodies', old[1]!.senderId), 19_999);
    writeFileSync(join(folder, 'bodies', old[2]!.senderId), Buffer.alloc(20_000));
    const wrong = /1: body is missing \(line 1\)\n +1: body has another size \(line 4\)\n +1: body has another content \(line 7\)/;
    const badly = { code: EXIT_CODES.failed, stderr: expect.stringMatching(/line 13 begins with no word of this log\n.*line 14 names a file that is not there\n.*3 files and 1 wrong lines of the log/s) };
    expect(await imported(folder, [...args, '--check'])).toMatchObject({ ...badly, stdout: expect.stringMatching(/NOT right +3 files/) });
    const first = await imported(folder, args);
    expect(first).toMatchObject({ ...badly, stdout: expect.stringMatching(/Log +14 lines, 2 of them wrong\n +Files +1 written[^]*NOT imported +3 files/) });
    expect(first.stdout).toMatch(wrong);
    for (const { senderId } of old) expect(first.stdout + first.stderr).not.toContain(senderId.replaceAll('=', ''));
    expect(await imported(folder, [...args, '--skip-bad', '--verify'])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/0 written, 1 there already[^]*Verified: 1 files/) });
    expect(await bodiesIn(folder)).toBe(1);
    for (const { senderId, body } of old) writeFileSync(join(folder, 'bodies', senderId), body);
    expect((await imported(folder, [...args, '--skip-bad'])).stdout).toMatch(/Files +3 written, 1 there already/);
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('that was ended by %s is run again', async (signal) => {
    const folder = newFolder();
    const args = writeOldServer(folder, files(600));
    let first: Finished;
    do {
      rmSync(join(folder, 'data'), { recursive: true, force: true });
      const running = launch(folder, ['import', 'xftp', ...args]);
      while (!existsSync(join(folder, 'data', 'xftp', 'files', 'polyplex-bodies'))) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, 100));
      running.child.kill(signal);
      first = await running.finished;
    } while (first.code === EXIT_CODES.ok); // it may be through before the signal comes
    expect([first.code, first.stderr]).toEqual(signal === 'SIGKILL' ? [null, ''] : [EXIT_CODES.failed, expect.stringMatching(/interrupted: [\d,]+ files are in the store; run the same command again/)]);
    const { code, stdout } = await imported(folder, [...args, '--verify']);
    const [, written, there] = /Files +(\d+) written, (\d+) there already/.exec(stdout)!.map(Number) as [number, number, number];
    expect([code, written + there]).toEqual([EXIT_CODES.ok, 600]);
    if (signal === 'SIGINT') expect(first.stderr).toContain(`${there} files are`);
    expect(await usageOf(folder)).toEqual({ files: 600, uploaded: 600, bytes: 600 * 20_000 });
    expect(await bodiesIn(folder)).toBe(600);
  });

  it('refuses a store in use, and one without room', async () => {
    const folder = newFolder();
    const args = writeOldServer(folder, files(2));
    await imported(folder, args);
    const store = await openEmbeddedFileStore({ path: join(folder, 'data', 'xftp', 'records') });
    expect(await imported(folder, args)).toMatchObject({ code: EXIT_CODES.storage, stderr: expect.stringContaining('another process is using it (storage.dataDir): stop the file server first') });
    await store.close();
    const fresh = newFolder();
    expect(await imported(fresh, [...args, '--set', 'xftpStorage.reserve=1000TiB'])).toMatchObject({ code: EXIT_CODES.storage, stderr: expect.stringMatching(/the bodies need 40\.0 kB, and there is room for 0 B: .*xftpStorage\.dataDir/) });
  });

  it('says where the whole log is when this is not it', async () => {
    const folder = newFolder();
    const args = writeOldServer(folder, files(1));
    const log = args[1]!;
    writeFileSync(`${log}.start`, '');
    expect(await imported(folder, args)).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining(`import with --log ${log}.start`) });
    rmSync(`${log}.start`);
    writeFileSync(`${log}.bak`, '');
    expect(await imported(folder, [...args, '--check'])).toMatchObject({ code: EXIT_CODES.ok, stderr: expect.stringContaining(`${log}.bak is not read`) });
    rmSync(`${log}.bak`);
    rmSync(log);
    expect(await imported(folder, args)).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('it is file-server-store.log in the data folder') });
    writeFileSync(`${log}.bak`, '');
    expect(await imported(folder, args)).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('"xftp-server database export"') });
    expect(await imported(folder, ['--log', log, '--files', log])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('is no folder') });
    expect(existsSync(join(folder, 'data'))).toBe(false);
    const wrong = await Promise.all([[], ['--log', log], ['--files', folder]].map((each) => imported(folder, each)));
    expect(wrong.map(({ code }) => code)).toEqual([EXIT_CODES.usage, EXIT_CODES.usage, EXIT_CODES.usage]);
  });

  it('refuses a log that the old server still writes to', async () => {
    const folder = newFolder();
    const args = writeOldServer(folder, files(1), Array.from({ length: 20_000 }, () => 'FACK AAAA'));
    const running = launch(folder, ['import', 'xftp', ...args]);
    let at = 1;
    const touching = setInterval(() => utimesSync(args[1]!, at, at++), 1);
    const { code, stderr } = await running.finished;
    clearInterval(touching);
    expect([code, stderr]).toEqual([EXIT_CODES.failed, expect.stringContaining('stop the old server first')]);
  });
});

describe('a file that was sent to the old server', LONG, () => {
  it('is received from the new one, by the descriptions that people have, and deleted by its sender', async () => {
    const folder = newFolder();
    await imported(folder, [...FROM_VECTORS, ...FOR_EVER, '--ini', `${VECTORS}/cfg/file-server.ini`, '--identity', `${VECTORS}/cfg`]);
    const node = await startReady(folder, ['--only', 'xftp', ...FOR_EVER]);
    const port = /xftp:\/\/\S+:(\d+)$/m.exec(node.output.stdout)![1]!;
    const description = (name: string): string => {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(`${VECTORS}/descriptions/${name}.xftp`, 'utf8').replace(':16003', `:${port}`));
      return path;
    };
    const received = (name: string): Promise<Finished> => polyplex(folder, ['file', 'receive', description(name), '--out', `${name}.got`]);
    expect(await received('small.txt.rcv1')).toMatchObject({ code: EXIT_CODES.ok });
    const expected = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7 + 3) % 256));
    expect(readFileSync(join(folder, 'small.txt.rcv1.got', 'small.txt')).equals(expected)).toBe(true);
    expect(await received('medium.bin.rcv1')).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('AUTH') });
    expect(await polyplex(folder, ['file', 'delete', description('small.txt.snd'), '--yes'])).toMatchObject({ code: EXIT_CODES.ok });
    expect(await received('small.txt.rcv2')).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('AUTH') });
  });
});

describe('import xftp of settings and identity', LONG, () => {
  const OLD = ['--ini', `${VECTORS}/cfg/file-server.ini`, '--identity', `${VECTORS}/cfg`];
  const { address } = JSON.parse(readFileSync(`${VECTORS}/expected.json`, 'utf8')) as { readonly address: string };

  it('keeps the address', async () => {
    const folder = newFolder();
    const { code, stdout } = await imported(folder, OLD);
    expect([code, stdout]).toEqual([EXIT_CODES.ok, expect.stringContaining(address)]);
    expect((await polyplex(folder, ['address', '--only', 'xftp'])).stdout).toContain(address);
    expect(await polyplex(folder, ['config', 'check'])).toMatchObject({ code: EXIT_CODES.ok });
    const before = contentOf(join(folder, 'config'));
    expect(await imported(folder, OLD)).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/are in .* already[^]*Identity: is in .* already/) });
    expect(contentOf(join(folder, 'config'))).toEqual(before);
    expect(await polyplex(folder, ['config', 'print'])).toMatchObject({ stdout: expect.stringMatching(/quota: 10GiB/) });
  });

  it('only says what would be when it checks', async () => {
    const folder = newFolder();
    expect(await imported(folder, [...OLD, '--check'])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/would be written[^]*quota: 10GiB[^]*server\.crt would be in/) });
    expect(existsSync(join(folder, 'config'))).toBe(false);
  });

  it('adds to settings that are there, and leaves alone what they say', async () => {
    const folder = newFolder();
    await polyplex(folder, ['init', '--host', 'relay.example.org', '--only', 'smp']);
    const config = join(folder, 'config', 'polyplex.yaml');
    writeFileSync(config, `${readFileSync(config, 'utf8')}# mine\nlimits:\n  connections: 77 # few\n`);
    const before = readFileSync(config, 'utf8');
    const ini = join(folder, 'old.ini');
    writeFileSync(ini, '[FILES]\npath: /srv/x\nstorage_quota: 5gb\n[AUTH]\nnew_files: off\ncreate_password: secret-word\n[TRANSPORT]\nhost: files.example.org\nport: 5443\n[STORE_LOG]\nexpire_files_hours: 100\nlog_stats: on\nprometheus_interval: 60\n[INACTIVE_CLIENTS]\ndisconnect: on\nttl: 600\ncheck_interval: 60\n');
    const { code, stdout, stderr } = await imported(folder, ['--ini', ini]);
    expect([code, stderr]).toEqual([EXIT_CODES.ok, '']);
    expect(stdout).toContain('by hand: STORE_LOG.prometheus_interval');
    expect(stdout).not.toContain('secret-word');
    const after = readFileSync(config, 'utf8');
    expect(after).toContain('# mine\nlimits:\n  connections: 77 # few\n');
    expect((await polyplex(folder, ['config', 'print'])).stdout).toMatch(/hosts: +\[?"?files\.example\.org|files\.example\.org/);
    for (const line of ['quota: 5GiB', 'newFiles: false', 'passwordFile: xftp/password', 'expireAfter: 100h', 'disconnect: true', 'expireAfter: 600s', 'checkInterval: 60s']) expect(after).toContain(line);
    expect(readFileSync(join(folder, 'config', 'xftp', 'password'), 'utf8')).toBe('secret-word\n');
    writeFileSync(config, `${before}xftpStorage:\n  quota: 1GiB\n`);
    expect(await imported(folder, ['--ini', ini])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/says otherwise, and STAYS AS IT IS[^]*quota: 5GiB/) });
    expect(readFileSync(config, 'utf8')).toBe(`${before}xftpStorage:\n  quota: 1GiB\n`);
    writeFileSync(join(folder, 'config', 'xftp', 'password'), 'another');
    expect(await imported(folder, ['--ini', ini])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('holds another password') });
  });

  it('prints settings that would be wrong beside the others', async () => {
    const folder = newFolder();
    await polyplex(folder, ['init', '--host', 'relay.example.org', '--only', 'smp']);
    const config = join(folder, 'config', 'polyplex.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace('run: smp', 'run: all'));
    const before = readFileSync(config, 'utf8');
    const ini = join(folder, 'old.ini');
    writeFileSync(ini, '[TRANSPORT]\nport = 5223\n');
    expect(await imported(folder, ['--ini', ini])).toMatchObject({ code: EXIT_CODES.config, stdout: expect.stringMatching(/would be wrong[^]*5223/), stderr: expect.stringContaining('xftpListen.ports') });
    expect(readFileSync(config, 'utf8')).toBe(before);
  });

  it('refuses settings that the reference would not take, and the place of another identity', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'old.ini'), '[AUTH]\nnew_files = yes\n');
    expect(await imported(folder, ['--ini', 'old.ini', '--identity', `${VECTORS}/cfg`])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('AUTH.new_files is not on or off') });
    expect(existsSync(join(folder, 'config'))).toBe(false);
    await polyplex(folder, ['init', '--host', 'files.example.org', '--only', 'xftp']);
    const before = contentOf(join(folder, 'config'));
    expect(await imported(folder, ['--identity', `${VECTORS}/cfg`])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('holds another identity') });
    expect(contentOf(join(folder, 'config'))).toEqual(before);
  });
});
