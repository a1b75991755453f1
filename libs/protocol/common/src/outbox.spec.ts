/** Blocks of one turn leave in order, and as runs where the connection takes these. */
import { randomBytes } from '@polyplex/crypto';
import { expect, it } from 'vitest';
import { BLOCK_SIZE_BYTES, readBatch } from './block.ts';
import { encryptedBlocks, plainBlocks } from './block-cipher.ts';
import type { BlockConnection } from './connection.ts';
import { Outbox } from './outbox.ts';

const [sessionId, secret] = [randomBytes(32), randomBytes(32)];

/** What was written, one array for each write; nobody gives the memory back, so that it stays. */
function connection(takesRuns: boolean | undefined, writable = true): { readonly written: Uint8Array[]; readonly connection: BlockConnection } {
  const written: Uint8Array[] = [];
  return { written, connection: { ...(takesRuns === undefined ? {} : { takesRuns }), write: (block: Uint8Array) => written.push(block) > 0 && writable } as BlockConnection };
}

const items = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => new Uint8Array(16_000).fill(i + 1));

function blocksOf(written: readonly Uint8Array[]): Uint8Array[] {
  return written.flatMap((run) => Array.from({ length: run.length / BLOCK_SIZE_BYTES }, (_, i) => run.slice(i * BLOCK_SIZE_BYTES, (i + 1) * BLOCK_SIZE_BYTES)));
}

it.each([
  [true, 1, [1]], [true, 3, [3]], [true, 4, [4]], [true, 9, [4, 4, 1]], [false, 3, [1, 1, 1]], [undefined, 3, [1, 1, 1]],
])('takes runs: %s; %i blocks are written as %j', (takesRuns, count, expected) => {
  const { written, connection: to } = connection(takesRuns);
  const outbox = new Outbox(to, encryptedBlocks('server', sessionId, secret), () => undefined);
  for (const item of items(count)) outbox.add(item);
  outbox.flush();
  expect(written.map(({ length }) => length / BLOCK_SIZE_BYTES)).toEqual(expected);
  const client = encryptedBlocks('client', sessionId, secret);
  expect(blocksOf(written).map((block) => readBatch(client.open(block)!)![0])).toEqual(items(count));
});

it('runs of blocks without encryption are the same', () => {
  const { written, connection: to } = connection(true);
  const outbox = new Outbox(to, plainBlocks, () => undefined);
  for (const item of items(2)) outbox.add(item);
  outbox.flush();
  expect(written).toHaveLength(1);
  expect(blocksOf(written).map((block) => readBatch(plainBlocks.open(block)!)![0])).toEqual(items(2));
});

it('a run that the connection has no room for holds back whoever can wait', () => {
  const outbox = new Outbox(connection(true, false).connection, plainBlocks, () => undefined);
  for (const item of items(2)) outbox.add(item);
  outbox.flush();
  expect(outbox.writable).toBe(false);
});
