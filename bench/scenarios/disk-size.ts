/** What does the embedded store hold on its disk for a queue, and for a message of 16 KiB that waits in it? */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from '@polyplex/crypto';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import { type Figure, spread } from '../lib/measure.ts';
import { fillWithQueues } from '../lib/prepared-queues.ts';

const QUEUES = 20_000;
const MESSAGES = 5000;
const BODY_BYTES = 16_100;
const KIB = 1024;

/** What its files take, holes left out. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const blocks = await Promise.all(entries.map(async (name) => (await stat(join(folder, name))).blocks));
  return blocks.reduce((sum, each) => sum + each * 512, 0);
}

export async function diskSize(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-bench-'));
  const store = await openEmbeddedStore({ path: folder });
  const before = await sizeOf(folder);
  const { recipientIds } = await fillWithQueues(store, QUEUES);
  const withQueues = await sizeOf(folder);
  await spread(MESSAGES, 100, async (i) => {
    const message = { kind: 'message', msgId: randomBytes(24), ts: 1_800_000_000, notify: false, body: randomBytes(BODY_BYTES) } as const;
    await store.append({ recipientId: recipientIds[i]!, revision: 1 }, message, { quota: 128, notification: null, expireBefore: null });
  });
  const withMessages = await sizeOf(folder);
  await store.close();
  await rm(folder, { recursive: true, force: true });
  return [
    { name: 'embedded store, on disk: a secured queue', value: (withQueues - before) / QUEUES, unit: 'B' },
    { name: 'embedded store, on disk: a waiting message of 16 KiB', value: (withMessages - withQueues) / MESSAGES / KIB, unit: 'KiB' },
  ];
}
