/** Reading bodies: by many, partly, and while they are removed. */
import { describe, expect, test } from 'vitest';
import { anyBodyId } from '../../files/builders.ts';
import type { ChunkBench } from '../../files/chunk-bench.ts';
import { contents, drained, never, randomBody, sourceOf } from '../../files/chunk-builders.ts';

const SIZE = 1024 * 1024;

export function readScenarios(bench: ChunkBench): void {
  async function stored(size = SIZE): Promise<{ bodyId: string; body: Uint8Array }> {
    const [bodyId, body] = [anyBodyId(), randomBody(size)];
    await bench.store.write(bodyId, sourceOf(body), never());
    return { bodyId, body };
  }

  describe('reading', () => {
    test('finds nothing where nothing was written', async () => {
      expect(await bench.store.read(anyBodyId())).toBeNull();
    });

    test('is done by many at once', async () => {
      const { bodyId, body } = await stored();
      const all = await Promise.all(Array.from({ length: 10 }, () => contents(bench.store, bodyId)));
      for (const read of all) expect(Buffer.compare(read!, body)).toBe(0);
    });

    test('goes on to the end though the body is removed', async () => {
      const { bodyId, body } = await stored(4 * SIZE);
      const [opened, begun] = [(await bench.store.read(bodyId))!, (await bench.store.read(bodyId))!];
      const iterator = begun.pieces[Symbol.asyncIterator]();
      const first = await iterator.next();
      await bench.store.remove(bodyId);
      expect(await bench.store.read(bodyId)).toBeNull();
      const rest = await drained({ size: 0, pieces: { [Symbol.asyncIterator]: () => iterator } });
      expect(Buffer.compare(Buffer.concat([first.value as Uint8Array, rest]), body)).toBe(0);
      expect(Buffer.compare(await drained(opened), body)).toBe(0);
    });

    test('may end early, or not begin; the next one is not disturbed', async () => {
      const { bodyId, body } = await stored();
      for (let i = 0; i < 20; i++) {
        for await (const piece of (await bench.store.read(bodyId))!.pieces) {
          expect(piece.length).toBeGreaterThan(0);
          break;
        }
        await (await bench.store.read(bodyId))!.pieces[Symbol.asyncIterator]().return?.();
      }
      expect(Buffer.compare((await contents(bench.store, bodyId))!, body)).toBe(0);
    });

    test('gives pieces that are the caller’s own', async () => {
      const { bodyId, body } = await stored();
      const all: Uint8Array[] = [];
      for await (const piece of (await bench.store.read(bodyId))!.pieces) {
        all.push(Uint8Array.from(piece));
        piece.fill(0);
      }
      expect(Buffer.compare(Buffer.concat(all), body)).toBe(0);
      expect(Buffer.compare((await contents(bench.store, bodyId))!, body)).toBe(0);
    });

    test('a slow reader gets everything', async () => {
      const { bodyId, body } = await stored();
      const all: Uint8Array[] = [];
      for await (const piece of (await bench.store.read(bodyId))!.pieces) {
        all.push(piece);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(Buffer.compare(Buffer.concat(all), body)).toBe(0);
    });
  });
}
