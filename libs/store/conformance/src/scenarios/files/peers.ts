/** Several nodes on the same data: each sees at once what the other was answered. */
import { describe, expect, test } from 'vitest';
import type { FileBench } from '../../files/bench.ts';
import {
  anyBodyId, begun, CREATED, created, expectUsage, present, record, recipients, SHORT_LEASE_MS, SIZE, untilLeft, upload, uploaded,
} from '../../files/builders.ts';

export function filePeerScenarios(bench: FileBench): void {
  describe('several nodes', () => {
    test('share files and recipients', async () => {
      const peer = await bench.peer();
      const made = await created(bench.store, {}, 2);
      expect(await present(peer, made)).toEqual(record(made));
      const more = recipients(1);
      expect(await peer.addRecipients(made.senderId, more)).toBe('added');
      expect((await bench.store.find('recipient', more[0]!.recipientId))?.key).toEqual(more[0]!.recipientKey);
      expect(await bench.store.acknowledge(more[0]!.recipientId)).toBe(true);
      expect(await peer.find('recipient', more[0]!.recipientId)).toBeNull();
      expect(await peer.create(made.file, recipients(1))).toBe('collision');
      await expectUsage(peer, { files: 1 });
    });

    test('go on with each other’s uploads', async () => {
      const peer = await bench.peer();
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made);
      expect(await peer.commitUpload(made.senderId, bodyId)).toBe('committed');
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('committed');
      expect(await present(bench.store, made)).toEqual(record(made, { bodyId }));
      expect(await bench.store.beginUpload(made.senderId, anyBodyId(), upload())).toBe('uploaded');
    });

    test('share the quota', async () => {
      const peer = await bench.peer();
      const files = [await created(bench.store), await created(peer)];
      const quota = SIZE;
      const bodyId = await begun(bench.store, files[0]!, { quota });
      expect(await peer.beginUpload(files[1]!.senderId, anyBodyId(), upload({ quota }))).toBe('quota');
      await peer.discard(bodyId);
      expect(await peer.beginUpload(files[1]!.senderId, anyBodyId(), upload({ quota }))).toBe('begun');
      await expectUsage(bench.store, { files: 2, bytes: SIZE });
    });

    test('remove, block and expire for each other', async () => {
      const peer = await bench.peer();
      const files = [await created(bench.store), await created(bench.store), await created(bench.store, { createdAt: CREATED - 1 })];
      const bodies = [await uploaded(bench.store, files[0]!), await uploaded(bench.store, files[1]!), await uploaded(bench.store, files[2]!)];
      expect(await peer.remove(files[0]!.senderId)).toEqual({ bodyId: bodies[0] });
      expect(await peer.block(files[1]!.senderId, { reason: 'spam', notice: null })).toEqual({ bodyId: bodies[1] });
      expect(await peer.expire(CREATED, 10)).toEqual({ files: 1, bodies: [bodies[2]] });
      expect(await present(bench.store, files[0]!)).toBeNull();
      expect(await present(bench.store, files[1]!)).toMatchObject({ bodyId: null, status: { state: 'blocked' } });
      expect(await present(bench.store, files[2]!)).toBeNull();
      await expectUsage(bench.store, { files: 1, bytes: 3 * SIZE });
    });

    test('find what another left', async () => {
      const peer = await bench.peer();
      const made = await created(bench.store);
      const lost = await begun(bench.store, made, { leaseMs: SHORT_LEASE_MS });
      const removed = await uploaded(bench.store, made);
      await bench.store.remove(made.senderId);
      await bench.advance(untilLeft(bench));
      expect([...(await peer.leftBodies(10))].sort()).toEqual([lost, removed].sort());
      expect(await peer.knows([lost, removed])).toEqual([true, true]);
      for (const bodyId of [lost, removed]) await peer.discard(bodyId);
      expect(await bench.store.knows([lost, removed])).toEqual([false, false]);
      await expectUsage(bench.store, {});
    });
  });
}
