/** Writing whole bodies. */
import { describe, expect, test } from 'vitest';
import { anyBodyId } from '../../files/builders.ts';
import type { ChunkBench } from '../../files/chunk-bench.ts';
import { contents, never, randomBody, sourceOf } from '../../files/chunk-builders.ts';
import { stepsOf } from '../../steps-of.ts';

const KIB = 1024;

export function writeScenarios(bench: ChunkBench): void {
  describe('a body', () => {
    test.each([
      [1, 1], [64 * KIB, 16 * KIB], [64 * KIB, 1000], [256 * KIB, 64 * KIB], [1024 * KIB, 300 * KIB], [4096 * KIB, 16 * KIB],
      [4096 * KIB, 4096 * KIB], [70_001, 9_999], [64 * KIB, 8],
    ])('of %i bytes, given in pieces of %i, is read as it was written', async (size, pieceBytes) => {
      const [bodyId, body] = [anyBodyId(), randomBody(size)];
      await bench.store.write(bodyId, sourceOf(body, pieceBytes), never());
      expect((await bench.store.read(bodyId))?.size).toBe(size);
      expect(Buffer.compare((await contents(bench.store, bodyId))!, body)).toBe(0);
    });

    test('survives a restart', async () => {
      const [bodyId, body] = [anyBodyId(), randomBody(100_000)];
      await bench.store.write(bodyId, sourceOf(body), never());
      await bench.reopen();
      expect(Buffer.compare((await contents(bench.store, bodyId))!, body)).toBe(0);
    });

    test('may have an id of any length', async () => {
      const ids = ['a', '-', '--', '_'.repeat(64), 'Zz09-_', 'zZ09-_x'];
      const bodies = ids.map(() => randomBody(100));
      await Promise.all(ids.map((bodyId, i) => bench.store.write(bodyId, sourceOf(bodies[i]!), never())));
      for (const [i, bodyId] of ids.entries()) expect(Buffer.compare((await contents(bench.store, bodyId))!, bodies[i]!)).toBe(0);
    });

    test('is written beside many others', async () => {
      const bodies = Array.from({ length: 40 }, (_, i) => ({ bodyId: anyBodyId(), body: randomBody(1 + i * 5000) }));
      await Promise.all(bodies.map(({ bodyId, body }) => bench.store.write(bodyId, sourceOf(body, 7000), never())));
      await Promise.all(bodies.map(async ({ bodyId, body }) => {
        expect(Buffer.compare((await contents(bench.store, bodyId))!, body)).toBe(0);
      }));
    });

    test('is gone when it is removed, and removing it again is fine', async () => {
      const [bodyId, other] = [anyBodyId(), anyBodyId()];
      await bench.store.write(bodyId, sourceOf(randomBody(1000)), never());
      await bench.store.write(other, sourceOf(randomBody(1000)), never());
      for (let i = 0; i < 2; i++) {
        await bench.store.remove(bodyId);
        expect(await bench.store.read(bodyId)).toBeNull();
      }
      await bench.store.remove(anyBodyId());
      expect(await contents(bench.store, other)).toHaveLength(1000);
    });
  });

  test('the store can serve, and tells its room or that it does not know', async () => {
    await bench.store.check();
    const room = await bench.store.room();
    if (room !== null) expect(room).toBeGreaterThan(0);
  });

  test('the store tells how long its steps take', async () => {
    const bodyId = anyBodyId();
    const counts = [stepsOf(bench.store)];
    await bench.store.write(bodyId, sourceOf(randomBody(1000)), never());
    counts.push(stepsOf(bench.store));
    await contents(bench.store, bodyId);
    counts.push(stepsOf(bench.store));
    await bench.store.remove(bodyId);
    counts.push(stepsOf(bench.store));
    expect(counts).toEqual([0, 1, 2, 3].map((steps) => counts[0]! + steps));
    expect(bench.store.facts().shards).toMatchObject([{ connected: true }]);
  });

  test('a closed store refuses', async () => {
    const bodyId = anyBodyId();
    await bench.store.close();
    await bench.store.close();
    const refused = { name: 'StoreError', code: 'UNAVAILABLE' };
    await expect(bench.store.write(bodyId, sourceOf(randomBody(10)), never())).rejects.toMatchObject(refused);
    await expect(bench.store.read(bodyId)).rejects.toMatchObject(refused);
    await expect(bench.store.check()).rejects.toMatchObject(refused);
    expect(bench.store.facts().shards).toMatchObject([{ connected: false }]);
  });
}
