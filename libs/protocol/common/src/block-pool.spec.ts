import { expect, it } from 'vitest';
import { giveBlock, giveReceived, takeBlock, takeReceived, takeRun } from './block-pool.ts';

it('gives out again what it was given, once', () => {
  const block = takeReceived();
  giveReceived(block);
  giveReceived(block);
  const [first, second] = [takeReceived(), takeReceived()];
  expect(first).toBe(block);
  expect(second).not.toBe(block);
  expect(first.constructor).toBe(Uint8Array);
  expect(first).toHaveLength(16_384);
});

it('takes back nothing that is not its own: neither a view, nor what another end made', () => {
  const [sent, received] = [takeBlock(), takeReceived()];
  giveReceived(sent);
  giveBlock(received);
  giveReceived(new Uint8Array(16_384));
  giveReceived(received.subarray(0));
  expect([takeReceived(), takeBlock()].some((block) => block === sent || block === received)).toBe(false);
});

it('never has one block under way twice, whatever order they come back in', () => {
  const blocks = Array.from({ length: 600 }, takeReceived);
  for (const block of [...blocks].reverse()) giveReceived(block);
  const again = Array.from({ length: 600 }, takeReceived);
  expect(new Set(again.map((block) => block.buffer)).size).toBe(600);
});

it('keeps runs of blocks by their length, and takes back none for another', () => {
  const [two, three] = [takeRun(2), takeRun(3)];
  expect([two.length, three.length]).toEqual([2 * 16_384, 3 * 16_384]);
  giveBlock(two.subarray(0, 16_384));
  giveBlock(three);
  giveBlock(two);
  expect([takeRun(3), takeRun(2)]).toEqual([three, two]);
  expect(takeRun(3)).not.toBe(three);
});
