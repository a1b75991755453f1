/** What operators ask a running relay for (SMP §9.5 `stats`, `clients`, `save`), over its admin port. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createQueue, sendMessage } from '@polyplex/client';
import { expect, test } from 'vitest';
import type { SmpNode } from '../src/index.ts';
import { connect, relayFolder, startNode } from './support.ts';

const asked = async (node: SmpNode, what: string): Promise<unknown> => (await fetch(`${node.adminUrl}admin/${what}`)).json();
const save = (node: SmpNode): Promise<Response> =>
  fetch(`${node.adminUrl}admin/save`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });

async function traffic(node: SmpNode): Promise<void> {
  const client = await connect(node);
  const queue = await createQueue(client, { subscribe: false });
  for (let i = 0; i < 2; i++) await sendMessage(client, { senderId: queue.senderId, key: null }, new Uint8Array(10));
}

test('statistics by the reference\'s names, and how clients are spread', async () => {
  const node = await startNode(relayFolder());
  await traffic(node);
  const stats = await asked(node, 'stats');
  expect(stats).toMatchObject({ qCreated: 1, msgSent: 2, msgRecv: 0, qCount: 1, msgCount: 2, sessions: 1, 'activeQueues.day': 1, 'pRelaysOwn.requests': 0 });
  expect(await asked(node, 'clients')).toEqual({
    connections: 1, byVersion: { v18: 1 }, bySubscriptions: { '0': 1, '1-9': 0, '10-99': 0, '100-999': 0, '1000+': 0 },
  });
});

test('saving writes what is only in memory, where something is kept', async () => {
  const folder = relayFolder();
  const state = join(folder, 'data', 'statistics', 'smp-statistics.txt');
  const without = await startNode(folder);
  expect((await save(without)).status).toBe(200);
  expect(existsSync(state)).toBe(false);
  await without.stop();
  const node = await startNode(folder, 'statistics.daily=on');
  await traffic(node);
  expect((await save(node)).status).toBe(200);
  expect(readFileSync(state, 'utf8')).toContain('msgSent=2\n');
});
