/** What a new user does: start, check with the printed address, stop, start again. And what goes wrong at the start. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '@polyplex/protocol-common';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { polyplex, type RelayProcess, startRelay } from '../src/index.ts';

let folder: string;
let relay: RelayProcess | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-first-'));
});
afterEach(async () => {
  await relay?.end('SIGKILL');
  relay = null;
  await rm(folder, { recursive: true, force: true });
});

test('start, check with the printed address, and start again as the same server', async () => {
  relay = await startRelay(folder);
  const { address } = relay;
  const checked = await polyplex('check', address);
  expect(checked.stdout).toContain('The server works (SMP version 18).');
  expect(checked.code).toBe(0);
  const json = await polyplex('check', '--json', '--legacy', address);
  expect(JSON.parse(json.stdout)).toMatchObject({ version: 6, ok: true });
  expect(await relay.end('SIGTERM')).toBe(0);

  relay = await startRelay(folder);
  const [before, after] = [parseAddress(address)!, parseAddress(relay.address)!];
  expect([after.keyHash, after.password]).toEqual([before.keyHash, before.password]);
  expect((await polyplex('check', relay.address)).code).toBe(0);
  expect(await relay.end('SIGINT')).toBe(0);
});

test('the admin port answers health, readiness and metrics, and logs hold no secrets', async () => {
  relay = await startRelay(folder, 'log.level=debug');
  expect((await polyplex('check', relay.address)).code).toBe(0);
  for (const path of ['healthz', 'readyz', 'metrics', '']) expect((await fetch(relay.adminUrl + path)).status, path).toBe(200);
  const metrics = await (await fetch(`${relay.adminUrl}metrics`)).text();
  expect(metrics).toMatch(/^simplex_smp_messages_sent(\{[^}]*\})? 1$/m);
  const { password } = parseAddress(relay.address)!;
  expect(relay.output().replace(relay.address, '')).not.toContain(password);
});

describe('check says what is wrong, by its exit code too', () => {
  test('no server there', async () => {
    const { code, stdout } = await polyplex('check', '--timeout', '2', 'smp://AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=@127.0.0.1:1');
    expect([code, stdout.includes('cannot be reached')]).toEqual([3, true]);
  });

  test('another server', async () => {
    relay = await startRelay(folder);
    const other = relay.address.replace(/\/\/[^:@]+/, '//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=');
    expect((await polyplex('check', other)).code).toBe(4);
  });

  test('a missing password', async () => {
    relay = await startRelay(folder);
    const bare = relay.address.replace(/:[^:@/]+@/, '@');
    const { code, stdout } = await polyplex('check', bare);
    expect([code, stdout.includes('may need a password')]).toEqual([1, true]);
  });

  test('no address at all', async () => {
    expect((await polyplex('check', 'example.org')).code).toBe(2);
  });
});

describe('a start that cannot be', () => {
  const digest = async (path: string): Promise<string> => createHash('sha256').update(await readFile(path)).digest('hex');

  test('a wrong setting is named with what is allowed', async () => {
    await expect(startRelay(folder, 'messages.quota=none')).rejects.toThrow(/messages\.quota.*none/s);
    await expect(startRelay(folder, 'mesages.quota=5')).rejects.toThrow(/messages/);
  });

  test('a port in use', async () => {
    relay = await startRelay(folder);
    const { port } = parseAddress(relay.address)!;
    const second = await mkdtemp(join(tmpdir(), 'polyplex-second-'));
    await expect(startRelay(second, `listen.ports=${port}`)).rejects.toThrow(new RegExp(port));
    await rm(second, { recursive: true, force: true });
  });

  test('data in use by another process', async () => {
    relay = await startRelay(folder);
    await expect(startRelay(folder)).rejects.toThrow(/another process is using it.*: is it running already\? End that process/);
    expect((await polyplex('check', relay.address)).code).toBe(0);
  });

  test('damaged data is named and stays as it is', async () => {
    relay = await startRelay(folder);
    await relay.end('SIGTERM');
    const file = join(folder, 'data', 'smp', 'data.mdb');
    await writeFile(file, Buffer.alloc(8192, 0x5a));
    const before = await digest(file);
    await expect(startRelay(folder)).rejects.toThrow(/is not a store/);
    expect(await digest(file)).toBe(before);
  });
});

test('a new online certificate keeps the address', async () => {
  relay = await startRelay(folder);
  const before = parseAddress(relay.address)!;
  await relay.end('SIGTERM');
  const rotated = await polyplex('cert', 'rotate', '--config-dir', join(folder, 'config'));
  expect(rotated.code, rotated.stderr).toBe(0);
  relay = await startRelay(folder);
  expect(parseAddress(relay.address)!.keyHash).toEqual(before.keyHash);
  expect((await polyplex('check', relay.address)).code).toBe(0);
});

test('help helps', async () => {
  const { code, stdout } = await polyplex('--help');
  expect(code).toBe(0);
  for (const command of ['init', 'start', 'address', 'check', 'cert', 'config']) expect(stdout).toContain(`  ${command}`);
});
