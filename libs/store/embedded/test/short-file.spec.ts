/**
 * A data file that ends before the last page that LMDB counts: fine where a step took pages from its end and gave them back
 * unwritten, and refused where a page in use is missing.
 */
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewToken } from '@polyplex/store-contract';
import { openEmbeddedStore, openTokenStore } from '../src/index.ts';
import { newQueue } from './damage.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { newToken } from './tokens.ts';

const PAGE_BYTES = 4096;
const META = { lastPage: 144, txn: 152 } as const;
const NOW = 1_700_000_000_000;
const DAMAGED = { name: 'StoreError', code: 'DAMAGED', message: expect.stringMatching(/cut short/) as string };

let folder: ReturnType<typeof temporaryFolder>;
let data: string;
beforeEach(() => {
  folder = temporaryFolder();
  data = join(folder.path, 'data.mdb');
});
afterEach(() => folder.remove());

/** How many pages LMDB counts that the file does not have. */
function missingPages(): number {
  const file = readFileSync(data);
  const [newest] = [0, PAGE_BYTES].sort((a, b) => Number(file.readBigUInt64LE(b + META.txn) - file.readBigUInt64LE(a + META.txn))) as [number];
  return Number(file.readBigUInt64LE(newest + META.lastPage)) + 1 - file.length / PAGE_BYTES;
}

/**
 * Rounds until the file has ended early twice; each opens what the one before left. How many steps share a transaction is for
 * the machine to say, so they differ.
 */
async function untilShort(round: (count: number) => Promise<void>, times = 2): Promise<void> {
  let short = 0;
  for (let i = 0; i < 60 && short < times; i++) {
    await round(20 + 15 * i);
    if (missingPages() > 0) short++;
  }
  expect(short, 'this makes files that end early').toBe(times);
}

/** Opens the store, which must have all of `kept`; one more stays, many come and go in one group of steps. */
async function comeAndGo(kept: NewToken[], count: number): Promise<void> {
  const store = await openTokenStore({ path: folder.path });
  for (const { tokenId } of kept) expect(await store.findToken(tokenId)).toMatchObject({ tokenId });
  expect(await store.counts()).toMatchObject({ tokens: kept.length });
  const [stays, ...tokens] = Array.from({ length: count }, () => newToken()) as [NewToken, ...NewToken[]];
  await store.createToken(stays, NOW);
  kept.push(stays);
  await Promise.all([...tokens.map((token) => store.createToken(token, NOW)), ...tokens.map(({ tokenId }) => store.removeToken(tokenId))]);
  await store.close();
}

describe('a data file that ends early', () => {
  test('because tokens came and went is whole', async () => {
    const kept: NewToken[] = [];
    await untilShort((count) => comeAndGo(kept, count));
    // A list of free pages that takes pages of its own.
    await comeAndGo(kept, 500);
    await comeAndGo(kept, 1);
  });

  test('because queues came and went is whole', async () => {
    const kept: Uint8Array[] = [];
    await untilShort(async (count) => {
      const store = await openEmbeddedStore({ path: folder.path });
      for (const recipientId of kept) expect(await store.find('recipient', [recipientId])).toMatchObject([{ recipientId }]);
      const made = await store.create(newQueue(), null);
      const { queue: stays } = made as Extract<typeof made, { status: 'ok' }>;
      kept.push(stays.recipientId);
      const queues = Array.from({ length: count }, () => newQueue());
      await Promise.all([
        ...queues.map((queue) => store.create(queue, null)),
        ...queues.map(({ recipientId }) => store.delete({ recipientId, revision: stays.revision }, null)),
      ]);
      await store.close();
    });
  });

  test('and is cut further, into pages in use, is refused', async () => {
    const kept: NewToken[] = [];
    await untilShort((count) => comeAndGo(kept, count), 1);
    for (let pages = statSync(data).size / PAGE_BYTES - 1, refused = 0; pages > 2 && refused < 5; pages--) {
      truncateSync(data, pages * PAGE_BYTES);
      // The pages at the end may be free ones that were written once.
      const opened = await openTokenStore({ path: folder.path }).catch((error: unknown) => error);
      if (opened instanceof Error) {
        expect(opened).toMatchObject(DAMAGED);
        refused++;
      } else {
        await (opened as Awaited<ReturnType<typeof openTokenStore>>).close();
      }
    }
    await expect(openTokenStore({ path: folder.path })).rejects.toMatchObject(DAMAGED);
  });
});
