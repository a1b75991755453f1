/** `kill -9` of the relay under load, twenty times in a row: nothing that was promised is lost (design: what must hold). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '@polyplex/protocol-common';
import { afterAll, expect, test } from 'vitest';
import { polyplex, startRelay } from '../src/index.ts';
import { createChannels, drain, traffic } from './traffic.ts';

const KILLS = 20;
const CHANNELS = 40;
const folder = await mkdtemp(join(tmpdir(), 'polyplex-kill-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fullAddress(printed: string): Promise<NonNullable<ReturnType<typeof parseAddress>>> {
  const { stdout } = await polyplex('address', '--config-dir', join(folder, 'config'));
  const password = parseAddress(stdout.trim())?.password ?? null;
  return { ...parseAddress(printed)!, hosts: ['127.0.0.1'], password };
}

test('every SEND that was answered OK is delivered, in order, and nothing twice after its ACK', { timeout: 300_000 }, async () => {
  let relay = await startRelay(folder);
  const channels = await createChannels(await fullAddress(relay.address), CHANNELS);
  for (let kill = 0; kill < KILLS; kill++) {
    const address = await fullAddress(relay.address);
    const running = relay;
    const killed = new Promise((resolve) => setTimeout(resolve, 200 + ((kill * 137) % 600))).then(() => running.end('SIGKILL'));
    await traffic(address, channels, killed);
    relay = await startRelay(folder);
  }
  await drain(await fullAddress(relay.address), channels);
  expect(await relay.end('SIGTERM')).toBe(0);

  const accepted = channels.flatMap((channel) => channel.accepted.length).reduce((sum, count) => sum + count, 0);
  const lost = channels.flatMap((channel) => channel.accepted.filter((number) => !channel.delivered.includes(number)));
  expect(lost).toEqual([]);
  for (const { delivered, repeated } of channels) {
    expect(delivered).toEqual(delivered.toSorted((a, b) => a - b));
    expect(repeated).toBe(0);
  }
  expect(accepted).toBeGreaterThan(KILLS * CHANNELS); // the kills came under load
});
