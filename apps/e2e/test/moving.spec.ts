/** A relay moves to another machine: its clients come back, and receive what waited for them. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '@polyplex/protocol-common';
import { afterAll, expect, test } from 'vitest';
import { polyplex, type RelayProcess, startRelay } from '../src/index.ts';
import { createChannels, drain, sendAll, traffic } from './traffic.ts';

const CHANNELS = 20;
const folders = await Promise.all(['old', 'new', 'third'].map((name) => mkdtemp(join(tmpdir(), `polyplex-moving-${name}-`))));
const [oldFolder, newFolder, thirdFolder] = folders as [string, string, string];
let relay: RelayProcess | null = null;
afterAll(async () => {
  await relay?.end('SIGKILL');
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const inFolder = (folder: string): string[] => ['--config-dir', join(folder, 'config'), '--set', `storage.dataDir=${folder}/data`];

async function fullAddress(folder: string, { address }: RelayProcess): Promise<NonNullable<ReturnType<typeof parseAddress>>> {
  const password = (await readFile(join(folder, 'config', 'password'), 'utf8')).trim();
  return { ...parseAddress(address)!, hosts: ['127.0.0.1'], password };
}

/** What an operator does; answers the new relay's output of `import`. */
async function moved(from: string, to: string): Promise<string> {
  const file = join(from, 'moved');
  expect(await polyplex('store', 'export', file, ...inFolder(from))).toMatchObject({ code: 0 });
  await cp(join(from, 'config'), join(to, 'config'), { recursive: true });
  const imported = await polyplex('store', 'import', file, ...inFolder(to));
  expect(imported, imported.stderr).toMatchObject({ code: 0 });
  return imported.stdout;
}

test('what was accepted before the move is delivered after it, in order and once, and all goes on there', { timeout: 120_000 }, async () => {
  relay = await startRelay(oldFolder);
  const before = await fullAddress(oldFolder, relay);
  const channels = await createChannels(before, CHANNELS);
  const running = relay;
  await traffic(before, channels, new Promise((resolve) => setTimeout(resolve, 500)).then(() => running.end('SIGKILL')));
  relay = await startRelay(oldFolder);
  await sendAll(await fullAddress(oldFolder, relay), channels, 5);
  expect(await relay.end('SIGTERM')).toBe(0);
  const waiting = channels.flatMap(({ accepted, acknowledged }) => accepted.filter((number) => !acknowledged.has(number)));
  expect(waiting.length).toBeGreaterThanOrEqual(5 * CHANNELS);

  expect(await moved(oldFolder, newFolder)).toMatch(new RegExp(`Queues +${CHANNELS} written`));
  relay = await startRelay(newFolder);
  const after = await fullAddress(newFolder, relay);
  expect(after.keyHash).toEqual(before.keyHash);
  await sendAll(after, channels, 2);
  await drain(after, channels);
  for (const { accepted, delivered, repeated } of channels) {
    expect(accepted.filter((number) => !delivered.includes(number))).toEqual([]);
    expect(delivered).toEqual(delivered.toSorted((a, b) => a - b));
    expect(repeated).toBe(0);
  }
  expect(await relay.end('SIGTERM')).toBe(0);

  expect(await moved(newFolder, thirdFolder)).toMatch(/Messages +0 written/);
  relay = await startRelay(thirdFolder);
  const third = await fullAddress(thirdFolder, relay);
  await sendAll(third, channels, 1);
  await drain(third, channels);
  for (const { accepted, delivered } of channels) expect(accepted.filter((number) => !delivered.includes(number))).toEqual([]);
});
