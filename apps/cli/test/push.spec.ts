/** The push proxy on the command line: made where it is asked for, run where it is there, checked, looked at, restored. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { contentOf, newFolder, polyplex, type Running, startReady } from './support.ts';

const addressIn = (text: string): string => /ntf:\/\/\S+/.exec(text)![0];

async function stopped(running: Running): Promise<void> {
  running.child.kill('SIGTERM');
  expect((await running.finished).code).toBe(EXIT_CODES.ok);
}

/** Of a push proxy alone. */
function adminOf({ output }: Running): string[] {
  return ['--set', `ntfAdmin.port=${/Admin +http:\/\/127\.0\.0\.1:(\d+)/.exec(output.stdout)![1]!}`];
}

describe('a push proxy', { timeout: 120_000 }, () => {
  it('is not made unless it is asked for; init --push makes it beside what is there, and starts run it from then on', async () => {
    const folder = newFolder();
    expect((await polyplex(folder, ['init', '--yes'])).stdout).not.toContain('push proxy');
    const before = contentOf(join(folder, 'config'));
    const { code, stdout } = await polyplex(folder, ['init', '--push']);
    expect([code, stdout]).toEqual([EXIT_CODES.ok, expect.stringMatching(/A new push proxy in[^]*ntf:\/\/\S+:5643[^]*Web Push key +[\w-]{87}\n/)]);
    expect(contentOf(join(folder, 'config'))).toMatchObject(before);
    const running = await startReady(folder);
    expect(running.output.stdout).toMatch(/SMP relay, XFTP file server and NTF push proxy/);
    const checked = await polyplex(folder, ['check', addressIn(running.output.stdout)]);
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('The server works (NTF version 3).')]);
    const legacy = await polyplex(folder, ['check', '--json', '--legacy', addressIn(running.output.stdout)]);
    expect(JSON.parse(legacy.stdout)).toMatchObject({ protocol: 'ntf', version: 1, ok: true });
    await stopped(running);
    expect(existsSync(join(folder, 'data/ntf/data.mdb'))).toBe(true);
    const addresses = await polyplex(folder, ['address']);
    expect(addresses.stdout.split('\n').map((line) => line.slice(0, 4))).toEqual(['smp:', 'xftp', 'ntf:', '']);
    await stopped(await startReady(folder, ['--set', 'servers.push=off']));
  });

  it('runs alone with --only ntf, which makes it', async () => {
    const folder = newFolder();
    const running = await startReady(folder, ['--only', 'ntf']);
    expect(running.output.stdout).toMatch(/Polyplex \S+: NTF push proxy\n/);
    expect(existsSync(join(folder, 'data/smp'))).toBe(false);
    const shown = await polyplex(folder, ['ntf', 'relays', ...adminOf(running)]);
    expect([shown.code, shown.stdout]).toEqual([0, 'No relay is watched.\n']);
    await polyplex(folder, ['check', addressIn(running.output.stdout)]);
    const places = await polyplex(folder, ['ntf', 'places', '--json', ...adminOf(running)]);
    expect(JSON.parse(places.stdout)).toMatchObject({ total: 1, places: [{ place: 'apns_null' }] });
    const status = await polyplex(folder, ['status', '--only', 'ntf', ...adminOf(running)]);
    expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/NTF push proxy[^]*0 devices, 0 verified, 0 queues watched/)]);
    const vapid = await polyplex(folder, ['ntf', 'vapid']);
    expect(running.output.stdout).toContain(`Web Push key  ${vapid.stdout.trim()}`);
    await stopped(running);
  });

  it('with a bad key does not start, and config check says what is wrong', async () => {
    const folder = newFolder();
    await polyplex(folder, ['init', '--yes', '--only', 'ntf']);
    writeFileSync(join(folder, 'config/ntf/vapid.key'), 'nonsense');
    for (const command of [['config', 'check'], ['start']]) {
      const { code, stderr } = await polyplex(folder, [...command, '--set', 'ntfApns.keyFile=nowhere.p8', '--set', 'ntfApns.keyId=ABCDE12345', '--set', 'ntfApns.teamId=ABCDE12345', '--set', 'ntfApns.topic=a.b']);
      expect(code).toBe(EXIT_CODES.config);
      for (const name of ['ntfApns.keyFile', 'nowhere.p8', 'ntfWebPush.keyFile', 'vapid.key']) expect(stderr).toContain(name);
    }
    expect((await polyplex(folder, ['config', 'check', '--set', 'ntfApns.keyFile=x'])).stderr).toContain('ntfApns.topic');
  });

  it('gets a new certificate, and keeps its address; another identity is not made where its data is', async () => {
    const folder = newFolder();
    await polyplex(folder, ['init', '--yes', '--only', 'ntf']);
    const before = (await polyplex(folder, ['address'])).stdout;
    const certificate = readFileSync(join(folder, 'config/ntf/server.crt'), 'utf8');
    expect((await polyplex(folder, ['cert', 'rotate', '--only', 'ntf'])).code).toBe(EXIT_CODES.ok);
    expect(readFileSync(join(folder, 'config/ntf/server.crt'), 'utf8')).not.toBe(certificate);
    expect((await polyplex(folder, ['address'])).stdout).toBe(before);
    await stopped(await startReady(folder));
    rmSync(join(folder, 'config/ntf'), { recursive: true });
    const { code, stderr } = await polyplex(folder, ['start']);
    expect([code, stderr]).toEqual([EXIT_CODES.identity, expect.stringMatching(/data\/ntf holds the data of a push proxy/)]);
  });

  it('is restored from a backup', async () => {
    const folder = newFolder();
    await polyplex(folder, ['init', '--yes', '--only', 'ntf']);
    const running = await startReady(folder, ['--set', 'backup.config=on']);
    const backup = await polyplex(folder, ['admin', 'backup', 'start', '--wait', ...adminOf(running)]);
    expect(backup.code).toBe(EXIT_CODES.ok);
    await stopped(running);
    const [name] = readdirSync(join(folder, 'data/backups'));
    const elsewhere = newFolder();
    const restored = await polyplex(elsewhere, ['restore', join(folder, 'data/backups', name!)]);
    expect([restored.code, restored.stdout]).toEqual([EXIT_CODES.ok, expect.stringMatching(/Devices +0\n[^]*ntf:\/\//)]);
    await stopped(await startReady(elsewhere, ['--only', 'ntf']));
  });
});
