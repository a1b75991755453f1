/** Copies of the data of a store that is used meanwhile. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NewQueue, QueueRecord } from '@polyplex/store-contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedStore, openEmbeddedStore } from '../src/index.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { bytes } from './uploads.ts';

const QUEUES = 5;
const PAGE_BYTES = 4096;
/** Behind the two meta pages, which a copy is given anew. */
const FIRST_PAGE = 2 * PAGE_BYTES;

let folder: ReturnType<typeof temporaryFolder>;
const path = (...names: string[]): string => join(folder.path, ...names);
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(path('copy'));
});
afterEach(() => folder.remove());

function newQueue(): NewQueue {
  return {
    recipientId: bytes(24), recipientKeys: [{ kind: 'ed25519', raw: bytes(32) }], dhSecret: bytes(32), senderId: bytes(24),
    senderKey: null, mode: 'M', notifier: null, status: { state: 'active' }, serviceId: null, usedDay: 86_400, link: null,
  };
}

/** A store with queues, and what counts the messages of each upwards. */
async function used() {
  const store = await openEmbeddedStore({ path: path('store') });
  const lines: { readonly queue: QueueRecord; accepted: number }[] = [];
  for (let i = 0; i < QUEUES; i++) {
    const made = await store.create(newQueue(), null);
    if (made.status === 'ok') lines.push({ queue: made.queue, accepted: 0 });
  }
  const append = async (line: (typeof lines)[number]): Promise<void> => {
    const message = { kind: 'message', msgId: bytes(24), ts: line.accepted, notify: false, body: bytes(8000) } as const;
    expect(await store.append(line.queue, message, { quota: 1_000_000, notification: null, expireBefore: null })).toMatchObject({ status: 'stored' });
    line.accepted++;
  };
  const fill = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await Promise.all(lines.map(append));
  };
  return { store, lines, append, fill };
}

/** The numbers of all messages, by queue. */
async function numbersIn(store: EmbeddedStore): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  let cursor: string | null = null;
  do {
    const page = await store.readQueues(cursor, 100);
    for (const item of page.queues) {
      if (item instanceof Error) throw item;
      found.set(Buffer.from(item.record.recipientId).toString('hex'), item.messages.map(({ ts }) => ts));
    }
    cursor = page.cursor;
  } while (cursor !== null);
  return found;
}

test('all that was answered before is in it, as one moment of a store that goes on', async () => {
  const { store, lines, append, fill } = await used();
  await fill(200);
  let goOn = true;
  const writing = lines.map(async (line) => {
    while (goOn) await append(line);
  });
  const before = lines.map(({ accepted }) => accepted);
  let seen = 0;
  await store.copyTo(path('copy', 'data.mdb'), (size) => (seen = size));
  goOn = false;
  await Promise.all(writing);
  await store.close();

  const { size, mode } = statSync(path('copy', 'data.mdb'));
  expect([size, mode & 0o777]).toEqual([seen, 0o600]);
  const copy = await openEmbeddedStore({ path: path('copy') });
  const numbers = await numbersIn(copy);
  for (const [i, { queue, accepted }] of lines.entries()) {
    const found = numbers.get(Buffer.from(queue.recipientId).toString('hex'))!;
    expect(found).toEqual(found.map((_, n) => n));
    expect(found.length).toBeGreaterThanOrEqual(before[i]!);
    expect(found.length).toBeLessThanOrEqual(accepted);
  }
  expect((await copy.counts()).messages).toBe([...numbers.values()].flat().length);
  await copy.close();
});

test('a file that is there is not written over, a folder that is not there is told, and the store goes on', async () => {
  const { store, fill } = await used();
  writeFileSync(path('other'), 'mine');
  await expect(store.copyTo(path('other'))).rejects.toMatchObject({ name: 'StoreError' });
  expect(readFileSync(path('other'), 'utf8')).toBe('mine');
  await expect(store.copyTo(path('other', 'inside'))).rejects.toMatchObject({ name: 'StoreError' });
  await fill(1);
  await store.close();
});

test('a store that closes waits for it', async () => {
  const { store, fill } = await used();
  await fill(100);
  const copying = store.copyTo(path('copy', 'data.mdb'));
  await store.close();
  await copying;
  const copy = await openEmbeddedStore({ path: path('copy') });
  expect((await copy.counts()).messages).toBe(100 * QUEUES);
  await copy.close();
});

test('damaged pages are copied with the rest', async () => {
  const { store, fill } = await used();
  await fill(40);
  const data = readFileSync(path('store', 'data.mdb'));
  for (let at = 10 * PAGE_BYTES; at < data.length; at += 7 * PAGE_BYTES) data.fill(0xa5, at, at + PAGE_BYTES);
  // What LMDB has mapped changes with the file.
  writeFileSync(path('store', 'data.mdb'), data, { flag: 'r+' });
  await store.copyTo(path('copy', 'data.mdb'));
  await store.close();
  const copy = readFileSync(path('copy', 'data.mdb'));
  expect(copy.subarray(FIRST_PAGE).equals(data.subarray(FIRST_PAGE, copy.length))).toBe(true);
});
