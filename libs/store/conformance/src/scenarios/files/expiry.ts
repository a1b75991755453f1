/** Expiry by the time of creation (XFTP §5.4). */
import { describe, expect, test } from 'vitest';
import type { FileBench } from '../../files/bench.ts';
import { begun, CREATED, created, expectUsage, HOUR_SECONDS, present, record, SIZE, uploaded } from '../../files/builders.ts';

export function expiryScenarios(bench: FileBench): void {
  describe('expiry', () => {
    test('removes what was created before, and nothing that was created then or later', async () => {
      const at = (hours: number) => created(bench.store, { createdAt: CREATED + hours * HOUR_SECONDS });
      const [old, then, later] = [await at(-1), await at(0), await at(1)];
      expect(await bench.store.expire(CREATED, 10)).toEqual({ files: 1, bodies: [] });
      expect(await present(bench.store, old)).toBeNull();
      expect(await bench.store.find('recipient', old.recipients[0]!.recipientId)).toBeNull();
      for (const made of [then, later]) expect(await present(bench.store, made)).toEqual(record(made));
      expect(await bench.store.expire(CREATED, 10)).toEqual({ files: 0, bodies: [] });
      await expectUsage(bench.store, { files: 2 });
    });

    test('takes files of every kind, and answers with the bodies of those that have one', async () => {
      const files = [await created(bench.store), await created(bench.store), await created(bench.store), await created(bench.store)];
      const bodies = [await uploaded(bench.store, files[0]!), await uploaded(bench.store, files[1]!)];
      const gone = await uploaded(bench.store, files[2]!);
      await bench.store.block(files[2]!.senderId, { reason: 'spam', notice: null });
      await bench.store.discard(gone);
      const underWay = await begun(bench.store, files[3]!);
      const expired = await bench.store.expire(CREATED + 1, 10);
      expect({ ...expired, bodies: [...expired.bodies].sort() }).toEqual({ files: 4, bodies: bodies.sort() });
      expect(await bench.store.commitUpload(files[3]!.senderId, underWay)).toBe('gone');
      await expectUsage(bench.store, { bytes: 3 * SIZE });
      for (const bodyId of [...bodies, underWay]) await bench.store.discard(bodyId);
      await expectUsage(bench.store, {});
    });

    test('goes in steps of at most the limit, the last of which is smaller', async () => {
      const made = await Promise.all(Array.from({ length: 5 }, (_, i) => created(bench.store, { createdAt: CREATED + i * HOUR_SECONDS })));
      const bodies = await Promise.all(made.map((file) => uploaded(bench.store, file)));
      const expired: string[] = [];
      for (const files of [2, 2, 1]) {
        const step = await bench.store.expire(CREATED + 10 * HOUR_SECONDS, 2);
        expect(step.files).toBe(files);
        expired.push(...step.bodies);
      }
      expect(expired.sort()).toEqual(bodies.sort());
      await expectUsage(bench.store, { bytes: 5 * SIZE });
    });

    test('of many files at once leaves none', async () => {
      const files = 300;
      await Promise.all(Array.from({ length: files }, () => created(bench.store)));
      expect(await bench.store.expire(CREATED + 1, 1000)).toEqual({ files, bodies: [] });
      await expectUsage(bench.store, {});
    });
  });
}
