/** A relay is backed up while it works, dies, and is restored on another machine: what was answered before is there. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '@polyplex/protocol-common';
import { afterAll, expect, test } from 'vitest';
import { polyplex, type RelayProcess, startRelay } from '../src/index.ts';
import { type Channel, createChannels, drain, sendAll, traffic } from './traffic.ts';

const CHANNELS = 20;
const folders = await Promise.all(['old', 'new'].map((name) => mkdtemp(join(tmpdir(), `polyplex-backup-${name}-`))));
const [oldFolder, newFolder] = folders as [string, string];
let relay: RelayProcess | null = null;
afterAll(async () => {
  await relay?.end('SIGKILL');
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function fullAddress(folder: string, { address }: RelayProcess): Promise<NonNullable<ReturnType<typeof parseAddress>>> {
  const password = (await readFile(join(folder, 'config', 'password'), 'utf8')).trim();
  return { ...parseAddress(address)!, hosts: ['127.0.0.1'], password };
}

async function backedUp(adminUrl: string): Promise<string> {
  const begun = await fetch(new URL('admin/backup', adminUrl), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  expect(begun.status, await begun.clone().text()).toBe(200);
  for (;;) {
    const state = (await (await fetch(new URL('admin/backup', adminUrl))).json()) as { name: string; state: string; error: string | null };
    expect(state.error).toBeNull();
    if (state.state === 'done') return state.name;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What was promised by now, and to whom it is owed. */
const promised = (channels: readonly Channel[]) => channels.map(({ accepted }) => [...accepted]);

test('a backup under load, restored elsewhere, has all that was answered before it', { timeout: 120_000 }, async () => {
  relay = await startRelay(oldFolder, 'backup.config=true');
  const before = await fullAddress(oldFolder, relay);
  const channels = await createChannels(before, CHANNELS);
  // Nobody receives on these before the relay is restored.
  const waiting = await createChannels(before, CHANNELS);
  await sendAll(before, waiting, 3);
  const running = relay;
  const { promise: killed, resolve: kill } = Promise.withResolvers<unknown>();
  const working = traffic(before, channels, killed);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const owed = promised(channels);
  const name = await backedUp(running.adminUrl);
  const arrived = channels.map(({ delivered }) => new Set(delivered));
  const atEnd = promised(channels);
  kill(running.end('SIGKILL'));
  await working;
  // The load did not wait for the backup.
  expect(atEnd.flat().length).toBeGreaterThan(owed.flat().length);

  // It is carried to another machine, and the old one is gone.
  await cp(join(oldFolder, 'data', 'backups', name), join(newFolder, name), { recursive: true });
  await rm(oldFolder, { recursive: true });
  const restored = await polyplex('restore', join(newFolder, name), '--config-dir', join(newFolder, 'config'));
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  expect(restored.stdout).toMatch(new RegExp(`Queues +${2 * CHANNELS}\n`));

  relay = await startRelay(newFolder);
  const after = await fullAddress(newFolder, relay);
  expect([after.keyHash, after.password]).toEqual([before.keyHash, before.password]);
  // What arrived while the backup was made may be acknowledged in it, or come once more.
  const loaded: Channel[] = channels.map((channel, i) => ({ ...channel, accepted: owed[i]!.filter((number) => !arrived[i]!.has(number)), delivered: [], acknowledged: new Set() }));
  const again = [...loaded, ...waiting];
  await drain(after, again);
  for (const { accepted, delivered } of again) {
    expect(accepted.filter((number) => !delivered.includes(number))).toEqual([]);
    expect(delivered).toEqual(delivered.toSorted((a, b) => a - b));
  }
  await sendAll(after, again, 2);
  await drain(after, again);
  for (const { accepted, delivered } of again) expect(accepted.filter((number) => !delivered.includes(number))).toEqual([]);
  for (const { repeated } of waiting) expect(repeated).toBe(0);
  expect(await relay.end('SIGTERM')).toBe(0);

  const twice = await polyplex('restore', join(newFolder, name), '--config-dir', join(newFolder, 'config'));
  expect([twice.code, twice.stderr]).toEqual([4, expect.stringContaining('nothing is overwritten')]);
});
