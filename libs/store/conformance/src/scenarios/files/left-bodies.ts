/** Bodies that nobody removed in time, and which bodies are known at all. */
import { describe, expect, test } from 'vitest';
import type { FileBench } from '../../files/bench.ts';
import {
  anyBodyId, begun, CREATED, created, expectUsage, present, SHORT_LEASE_MS, SIZE, untilLeft, uploaded,
} from '../../files/builders.ts';

const SECOND = 1000;

export function leftBodyScenarios(bench: FileBench): void {
  const left = async (): Promise<string[]> => [...(await bench.store.leftBodies(100))].sort();

  describe('left bodies', () => {
    test('are none where all uploads are under way or done', async () => {
      const made = await created(bench.store);
      await begun(bench.store, made);
      await uploaded(bench.store, made);
      const discarded = await begun(bench.store, await created(bench.store), { leaseMs: SHORT_LEASE_MS });
      await bench.store.discard(discarded);
      await bench.advance(untilLeft(bench));
      expect(await left()).toEqual([]);
    });

    test('are those of uploads whose lease ran out, and then they are never committed', async () => {
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made, { leaseMs: SHORT_LEASE_MS });
      await bench.advance(SHORT_LEASE_MS);
      expect(await left()).toEqual([bodyId]);
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('gone');
      expect(await present(bench.store, made)).toMatchObject({ bodyId: null });
      await expectUsage(bench.store, { files: 1, bytes: SIZE });
    });

    test('are those of files removed, blocked or expired, some time later', async () => {
      const files = [await created(bench.store), await created(bench.store), await created(bench.store, { createdAt: CREATED - 1 })];
      const bodies = [await uploaded(bench.store, files[0]!), await uploaded(bench.store, files[1]!), await uploaded(bench.store, files[2]!)];
      await bench.store.remove(files[0]!.senderId);
      await bench.store.block(files[1]!.senderId, { reason: 'spam', notice: null });
      await bench.store.expire(CREATED, 10);
      // Where time cannot be stopped, a slow machine may have let it pass.
      if (bench.graceMs > SECOND) expect(await left()).toEqual([]);
      await bench.advance(untilLeft(bench));
      expect(await left()).toEqual(bodies.sort());
    });

    test('are given again until they are discarded', async () => {
      const made = await created(bench.store);
      const bodies = [await begun(bench.store, made, { leaseMs: SHORT_LEASE_MS }), await uploaded(bench.store, made)].sort();
      await bench.store.remove(made.senderId);
      for (let i = 0; i < 3; i++) {
        await bench.advance(untilLeft(bench));
        expect(await left()).toEqual(bodies);
      }
      for (const bodyId of bodies) await bench.store.discard(bodyId);
      await bench.advance(untilLeft(bench));
      expect(await left()).toEqual([]);
      await expectUsage(bench.store, {});
    });

    test('come in steps of at most the limit', async () => {
      const made = await created(bench.store);
      const bodies = await Promise.all(Array.from({ length: 5 }, () => begun(bench.store, made, { leaseMs: SHORT_LEASE_MS })));
      await bench.advance(untilLeft(bench));
      const found: string[] = [];
      for (const count of [2, 2, 1, 0]) {
        const step = await bench.store.leftBodies(2);
        expect(step).toHaveLength(count);
        for (const bodyId of step) await bench.store.discard(bodyId);
        found.push(...step);
      }
      expect(found.sort()).toEqual(bodies.sort());
    });
  });

  describe('known bodies', () => {
    test('are those of files, of uploads under way, and left ones, until they are discarded', async () => {
      const files = [await created(bench.store), await created(bench.store), await created(bench.store)];
      const held = await uploaded(bench.store, files[0]!);
      const removed = await uploaded(bench.store, files[1]!);
      await bench.store.remove(files[1]!.senderId);
      const underWay = await begun(bench.store, files[2]!);
      const lost = await begun(bench.store, files[2]!, { leaseMs: SHORT_LEASE_MS });
      await bench.advance(untilLeft(bench));
      const all = [held, anyBodyId(), removed, underWay, lost];
      expect(await bench.store.knows(all)).toEqual([true, false, true, true, true]);
      await bench.store.leftBodies(10);
      expect(await bench.store.knows(all)).toEqual([true, false, true, true, true]);
      for (const bodyId of [held, removed, underWay, lost]) await bench.store.discard(bodyId);
      expect(await bench.store.knows(all)).toEqual([true, false, false, false, false]);
      expect(await bench.store.knows([])).toEqual([]);
    });

    test('of files are not touched by discarding', async () => {
      const made = await created(bench.store);
      const bodyId = await uploaded(bench.store, made);
      await bench.store.discard(bodyId);
      expect(await present(bench.store, made)).toMatchObject({ bodyId });
      expect(await bench.store.remove(made.senderId)).toEqual({ bodyId });
      await expectUsage(bench.store, { bytes: SIZE });
    });

    test('have ids of every length', async () => {
      const made = await created(bench.store);
      for (const bodyId of ['a', '-', '_'.repeat(64), 'A'.repeat(64)]) {
        expect(await bench.store.beginUpload(made.senderId, bodyId, { quota: null, leaseMs: SHORT_LEASE_MS })).toBe('begun');
      }
      await bench.advance(untilLeft(bench));
      expect(await left()).toEqual(['-', 'A'.repeat(64), '_'.repeat(64), 'a']);
    });

    test('that nobody knows may be discarded', async () => {
      await bench.store.discard(anyBodyId());
      await expectUsage(bench.store, {});
    });
  });
}
