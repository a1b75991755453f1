/** Finding all bodies, for strays. */
import { describe, expect, test } from 'vitest';
import { anyBodyId } from '../../files/builders.ts';
import type { ChunkBench } from '../../files/chunk-bench.ts';
import { listed, never, randomBody, sourceOf } from '../../files/chunk-builders.ts';

const HOUR = 3_600_000;

export function listScenarios(bench: ChunkBench): void {
  describe('the list', () => {
    test('of an empty store is empty', async () => {
      expect(await listed(bench.store, 0)).toEqual([]);
    });

    test('has every body once, and none that was removed', async () => {
      const ids = Array.from({ length: 30 }, anyBodyId);
      await Promise.all(ids.map((bodyId) => bench.store.write(bodyId, sourceOf(randomBody(100)), never())));
      expect(await listed(bench.store, 0)).toEqual([...ids].sort());
      await bench.reopen();
      await Promise.all(ids.slice(10).map((bodyId) => bench.store.remove(bodyId)));
      expect(await listed(bench.store, 0)).toEqual(ids.slice(0, 10).sort());
    });

    test('has no body that is too young', async () => {
      await bench.store.write(anyBodyId(), sourceOf(randomBody(100)), never());
      expect(await listed(bench.store, HOUR)).toEqual([]);
    });

    test('may be left, and bodies removed, on the way', async () => {
      const ids = Array.from({ length: 10 }, anyBodyId);
      await Promise.all(ids.map((bodyId) => bench.store.write(bodyId, sourceOf(randomBody(100)), never())));
      for await (const bodyId of bench.store.list(0)) {
        await bench.store.remove(bodyId);
        break;
      }
      expect(await listed(bench.store, 0)).toHaveLength(9);
      for await (const bodyId of bench.store.list(0)) await bench.store.remove(bodyId);
      expect(await listed(bench.store, 0)).toEqual([]);
    });
  });
}
