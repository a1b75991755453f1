/** From store to file to store: everything, once, also when it was interrupted. */
import { storeError } from '@polyplex/store-common';
import type { QueueStore, StoredQueue } from '@polyplex/store-contract';
import { describe, expect, test } from 'vitest';
import { expectedTotals, exportStore, resumePoint, TransferWriter } from '../src/index.ts';
import { allQueues, bytes, chunksOf, exported, furnish, imported, newQueue, newStore, partsOf, START } from './support.ts';

const NONE = { services: 0, queues: 0 };

/** Some 2500 records and 5 MiB: several blocks by count and by size, and one queue that is larger than a block. */
function manyQueues(): StoredQueue[] {
  const small = Array.from({ length: 700 }, (_, i) => newQueue(i % 3));
  return [...small, ...Array.from({ length: 20 }, () => newQueue(10, 16_000)), newQueue(100, 16_000)];
}

async function furnished(queues: readonly StoredQueue[] = manyQueues()): Promise<QueueStore> {
  const store = await newStore();
  await furnish(store, queues);
  return store;
}

const messagesOf = (queues: readonly StoredQueue[]): number => queues.reduce((sum, { messages }) => sum + messages.length, 0);

describe('moving a store', () => {
  test('brings everything, and the file says how much that is', async () => {
    const queues = manyQueues();
    const source = await furnished(queues);
    const { file, interrupted, damaged } = await exported(source);
    expect([interrupted, damaged]).toEqual([false, 0]);
    const target = await newStore();
    const report = await imported(target, file);
    const written = { services: 3, queues: queues.length, messages: messagesOf(queues), notifications: (await source.counts()).notifications };
    expect(report).toMatchObject({ end: { totals: written }, written, present: NONE, collisions: NONE });
    expect(await allQueues(target)).toEqual(await allQueues(source));
    expect(await target.counts()).toEqual(await source.counts());
    expect(await target.readServices(null, 10)).toEqual(await source.readServices(null, 10));
  });

  test('an empty store is a file, too', async () => {
    const { file } = await exported(await newStore());
    const totals = { services: 0, queues: 0, messages: 0, notifications: 0 };
    expect(await partsOf(chunksOf(file, 1))).toMatchObject([{ type: 'header', header: { engine: 'embedded', expected: totals } }, { type: 'end', totals }]);
    expect(await imported(await newStore(), file)).toMatchObject({ end: { totals } });
  });

  test('blocks are bounded, also within a queue', async () => {
    const { file } = await exported(await furnished());
    const parts = await partsOf(chunksOf(file));
    const blocks = parts.flatMap((part) => (part.type === 'block' ? [part] : []));
    expect(blocks.length).toBeGreaterThan(4);
    for (const { records } of blocks) {
      expect(records.length).toBeLessThanOrEqual(1000);
      expect(records.reduce((sum, record) => sum + (record.type === 'M' && record.message.kind === 'message' ? record.message.body.length : 0), 0)).toBeLessThan(1_100_000);
    }
    expect(blocks.some(({ position }) => position === null)).toBe(true);
  });

  test('waits for whoever takes the bytes', async () => {
    let most = 0;
    const store = await furnished();
    let underWay = 0;
    const writer = new TransferWriter(async (chunk) => {
      expect(++underWay).toBe(1);
      most = Math.max(most, chunk.length);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
    });
    await exportStore(store, writer, { from: START, skipDamaged: false, signal: new AbortController().signal, progress: () => undefined });
    expect(most).toBeLessThan(1_200_000);
    expect(writer.bytes).toBeGreaterThan(4_000_000);
  });
});

describe('an interrupted export', () => {
  test('goes on from its last checkpoint, wherever it was cut, and makes the same file', async () => {
    const store = await furnished();
    const { file } = await exported(store);
    for (const part of [0.999, 0.7, 0.31, 0.02]) {
      const cut = file.subarray(0, Math.floor(file.length * part));
      const from = (await resumePoint(chunksOf(cut)))!;
      const before = cut.slice(0, from.sum.bytes);
      expect(before.length).toBeGreaterThan(cut.length - 4_200_000);
      expect(Buffer.compare((await exported(store, { from, before })).file, file)).toBe(0);
    }
  });

  test('goes on also where its end is garbage', async () => {
    const store = await furnished();
    const { file } = await exported(store);
    const damaged = Uint8Array.from(file).fill(0x5a, Math.floor(file.length * 0.9));
    const from = (await resumePoint(chunksOf(damaged)))!;
    expect(from.sum.bytes).toBeGreaterThan(1000);
    expect(Buffer.compare((await exported(store, { from, before: damaged.slice(0, from.sum.bytes) })).file, file)).toBe(0);
  });

  test('ends with a checkpoint behind the last page when it is told to end', async () => {
    const store = await furnished();
    const first = await exported(store, { pages: 3 });
    expect(first.interrupted).toBe(true);
    await expect(partsOf(chunksOf(first.file))).rejects.toMatchObject({ name: 'TransferError', code: 'CUT' });
    const from = (await resumePoint(chunksOf(first.file)))!;
    expect(from.sum.bytes).toBe(first.file.length);
    const { file } = await exported(store, { from, before: first.file });
    const target = await newStore();
    expect(await imported(target, file)).toMatchObject({ present: NONE });
    expect(await target.counts()).toEqual(await store.counts());
  });

  test('without a checkpoint has nowhere to go on from', async () => {
    const { file } = await exported(await newStore());
    expect(await resumePoint(chunksOf(file.subarray(0, 40)))).toBeNull();
    await expect(resumePoint(chunksOf(bytes(1000)))).rejects.toMatchObject({ code: 'FOREIGN' });
  });

  test('by a store that fails can go on from the page before', async () => {
    const store = await furnished();
    let pages = 0;
    const written: Uint8Array[] = [];
    const failing = { ...store, readQueues: (...args: Parameters<QueueStore['readQueues']>) => (++pages > 3 ? Promise.reject(storeError('UNAVAILABLE')) : store.readQueues(...args)) };
    const writer = new TransferWriter(async (chunk) => void written.push(chunk));
    await writer.begin({ createdAt: 1, engine: 'e', program: 'p', expected: expectedTotals(await store.counts()) }, START);
    const options = { from: START, skipDamaged: true, signal: new AbortController().signal, progress: () => undefined };
    await expect(exportStore(failing, writer, options)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const before = Buffer.concat(written);
    const from = (await resumePoint(chunksOf(before)))!;
    expect(from.sum.bytes).toBe(before.length);
    const target = await newStore();
    await imported(target, (await exported(store, { from, before })).file);
    expect(await target.counts()).toEqual(await store.counts());
  });
});

describe('what cannot be read', () => {
  /** Answers the queue at this place of the walk otherwise. */
  function withItem(store: QueueStore, at: number, change: (queue: StoredQueue) => StoredQueue | ReturnType<typeof storeError>): QueueStore {
    return {
      ...store,
      readQueues: async (cursor, limit) => {
        const page = await store.readQueues(cursor, limit);
        return cursor === null ? { ...page, queues: page.queues.map((item, i) => (i === at ? change(item as StoredQueue) : item)) } : page;
      },
    };
  }

  test.each([
    ['is damaged', () => storeError('DAMAGED')],
    ['is no whole queue', (queue: StoredQueue): StoredQueue => ({ ...queue, link: null })],
  ])('because it %s ends the export, or is left out where that is wanted', async (_, change) => {
    const store = await furnished(Array.from({ length: 10 }, () => newQueue(1)));
    const damaged = withItem(store, 4, change);
    await expect(exported(damaged)).rejects.toMatchObject({ name: 'StoreError', code: 'DAMAGED' });
    const answer = await exported(damaged, { skipDamaged: true });
    expect(answer).toMatchObject({ interrupted: false, damaged: 1 });
    expect(await imported(await newStore(), answer.file)).toMatchObject({ written: { queues: 9 } });
  });

  test('for another reason ends it in any case', async () => {
    const store = withItem(await furnished([newQueue(0)]), 0, () => storeError('UNAVAILABLE'));
    await expect(exported(store, { skipDamaged: true })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('an import', () => {
  test('that was interrupted is run again, and passes over what is there', async () => {
    const source = await furnished();
    const { file } = await exported(source);
    const target = await newStore();
    const first = await imported(target, file, 2);
    expect(first.end).toBeNull();
    expect(first.written.queues).toBeGreaterThan(0);
    const second = await imported(target, file);
    expect(second.present).toEqual({ services: 3, queues: first.written.queues });
    expect(await allQueues(target)).toEqual(await allQueues(source));
    expect(await target.counts()).toEqual(await source.counts());
    const third = await imported(target, file);
    expect([third.written.queues, third.present.queues]).toEqual([0, (await source.counts()).queues]);
  });

  test('of a queue that comes twice writes it once', async () => {
    const queues = Array.from({ length: 5 }, () => newQueue(2));
    const store = await furnished(queues);
    const twice: QueueStore = {
      ...store,
      readQueues: async (cursor, limit) => {
        const page = await store.readQueues(null, limit);
        return { queues: page.queues, cursor: cursor === null ? 'again' : null };
      },
    };
    const target = await newStore();
    expect(await imported(target, (await exported(twice)).file)).toMatchObject({
      end: { totals: { queues: 10 } }, written: { queues: 5, messages: 10 }, present: { queues: 5 },
    });
    expect(await target.counts()).toEqual(await store.counts());
  });

  test('tells what the store has otherwise', async () => {
    const queues = [newQueue(1), newQueue(1), newQueue(1)] as const;
    const { file } = await exported(await furnished(queues));
    const target = await newStore();
    await target.writeQueue(newQueue(0, 0, { senderId: queues[1].record.senderId }));
    expect(await imported(target, file)).toMatchObject({ written: { queues: 2, messages: 2 }, collisions: { services: 0, queues: 1 } });
  });

  test('ends with what the store fails with, when all that was under way has ended', async () => {
    const { file } = await exported(await furnished());
    let [underWay, written] = [0, 0];
    const failing: Pick<QueueStore, 'writeQueue' | 'writeService'> = {
      writeService: () => Promise.resolve({ status: 'written' }),
      writeQueue: async () => {
        underWay++;
        await new Promise((resolve) => setTimeout(resolve, 1));
        underWay--;
        if (++written > 300) throw storeError('FULL');
        return { status: 'written' };
      },
    };
    await expect(imported(failing, file)).rejects.toMatchObject({ code: 'FULL' });
    expect(underWay).toBe(0);
    expect(written).toBeLessThan(700);
  });

  test('has a bounded number of steps under way, by count and by size', async () => {
    const { file } = await exported(await furnished());
    let [underWay, held, mostSteps, mostBytes] = [0, 0, 0, 0];
    await imported({
      writeService: () => Promise.resolve({ status: 'written' }),
      writeQueue: async ({ messages }) => {
        const size = messages.reduce((sum, message) => sum + (message.kind === 'message' ? message.body.length : 0), 0);
        mostSteps = Math.max(mostSteps, ++underWay);
        mostBytes = Math.max(mostBytes, (held += size));
        await new Promise((resolve) => setTimeout(resolve, 5));
        underWay--;
        held -= size;
        return { status: 'written' };
      },
    }, file);
    expect(mostSteps).toBeGreaterThan(50);
    expect(mostSteps).toBeLessThanOrEqual(256);
    expect(mostBytes).toBeLessThanOrEqual(8 * 1024 * 1024);
  });
});
