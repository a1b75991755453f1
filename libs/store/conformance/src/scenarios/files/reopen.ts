/** What a restart keeps: everything. */
import { describe, expect, test } from 'vitest';
import type { FileBench } from '../../files/bench.ts';
import {
  begun, CREATED, created, expectUsage, present, record, SHORT_LEASE_MS, SIZE, untilLeft, uploaded, wholeFile,
} from '../../files/builders.ts';

export function fileReopenScenarios(bench: FileBench): void {
  describe('reopening', () => {
    test('keeps files, recipients, bodies, statuses and the usage', async () => {
      const [made, blocked, gone] = [await created(bench.store, {}, 2), await created(bench.store), await created(bench.store)];
      const bodyId = await uploaded(bench.store, made);
      const info = { reason: 'content', notice: { ttl: null } } as const;
      await bench.store.block(blocked.senderId, info);
      await bench.store.acknowledge(made.recipients[0]!.recipientId);
      await bench.store.remove(gone.senderId);
      const whole = wholeFile();
      await bench.store.putFile(whole);
      const usage = { files: 3, uploaded: 2, bytes: 2 * SIZE };
      await expectUsage(bench.store, usage);

      await bench.reopen();

      await expectUsage(bench.store, usage);
      expect(await present(bench.store, made)).toEqual(record(made, { bodyId }));
      expect(await bench.store.find('recipient', made.recipients[0]!.recipientId)).toBeNull();
      expect((await bench.store.find('recipient', made.recipients[1]!.recipientId))?.file).toEqual(record(made, { bodyId }));
      expect(await present(bench.store, blocked)).toEqual(record(blocked, { status: { state: 'blocked', info } }));
      expect(await present(bench.store, gone)).toBeNull();
      expect(await bench.store.putFile(whole)).toBe('exists');
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('committed');
      expect(await bench.store.expire(CREATED + 1, 10)).toMatchObject({ files: 3 });
    });

    test('keeps what uploads count, and what is left of them', async () => {
      const made = await created(bench.store);
      const underWay = await begun(bench.store, made);
      const lost = await begun(bench.store, made, { leaseMs: SHORT_LEASE_MS });
      const other = await created(bench.store);
      const removed = await uploaded(bench.store, other);
      await bench.store.remove(other.senderId);
      await bench.reopen();
      await expectUsage(bench.store, { files: 1, bytes: 3 * SIZE });
      expect(await bench.store.knows([underWay, lost, removed])).toEqual([true, true, true]);
      await bench.advance(untilLeft(bench));
      const left = await bench.store.leftBodies(10);
      expect(left).toEqual(expect.arrayContaining([lost, removed]));
      // The end of its process may be the end of an upload, too.
      expect(['committed', 'gone']).toContain(await bench.store.commitUpload(made.senderId, underWay));
      for (const bodyId of [lost, removed]) await bench.store.discard(bodyId);
      await expectUsage(bench.store, { files: 1, bytes: SIZE, uploaded: (await present(bench.store, made))!.bodyId === null ? 0 : 1 });
    });
  });
}
