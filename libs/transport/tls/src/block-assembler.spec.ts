import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BlockAssembler } from './block-assembler.ts';

const BLOCK = 16_384;

function assemble(stream: Uint8Array, cuts: readonly number[]): { blocks: Uint8Array[]; partial: boolean } {
  const assembler = new BlockAssembler();
  const blocks: Uint8Array[] = [];
  let at = 0;
  for (const cut of [...cuts, stream.length]) {
    const end = Math.min(stream.length, at + cut);
    assembler.push(Buffer.from(stream.subarray(at, end)), (block) => blocks.push(block));
    at = end;
  }
  return { blocks, partial: assembler.partial };
}

it('gives the same blocks however the stream is cut', () => {
  const stream = Uint8Array.from({ length: 5 * BLOCK + 100 }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
  const cut = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 40_000 }), fc.constant(BLOCK));
  fc.assert(
    fc.property(fc.array(cut), (cuts) => {
      const { blocks, partial } = assemble(stream, cuts);
      expect(partial).toBe(true);
      expect(blocks).toHaveLength(5);
      blocks.forEach((block, i) => expect(Buffer.compare(block, stream.subarray(i * BLOCK, (i + 1) * BLOCK))).toBe(0));
    }),
    { numRuns: 200 },
  );
});

it('copies a chunk that is a block, since the socket reads into it again, as a plain Uint8Array', () => {
  const chunk = Buffer.alloc(BLOCK, 1);
  const blocks: Uint8Array[] = [];
  new BlockAssembler().push(chunk, (block) => blocks.push(block));
  chunk.fill(2);
  expect(blocks[0]).toEqual(new Uint8Array(BLOCK).fill(1));
  expect(blocks[0]!.constructor).toBe(Uint8Array);
});

it('holds nothing between blocks', () => {
  expect(assemble(new Uint8Array(2 * BLOCK), [1]).partial).toBe(false);
});
