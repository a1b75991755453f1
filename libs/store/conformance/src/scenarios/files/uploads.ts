/** Uploads: announced, counted to the quota, committed once, or lost (XFTP §5.3). */
import { describe, expect, test } from 'vitest';
import { anyId } from '../../builders.ts';
import type { FileBench } from '../../files/bench.ts';
import {
  anyBodyId, begun, created, expectUsage, present, record, SHORT_LEASE_MS, SIZE, upload, uploaded,
} from '../../files/builders.ts';

export function uploadScenarios(bench: FileBench): void {
  describe('an upload', () => {
    test('is committed once, and again when the call is repeated', async () => {
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made);
      expect(await present(bench.store, made)).toEqual(record(made));
      await expectUsage(bench.store, { files: 1, bytes: SIZE });
      for (let i = 0; i < 2; i++) {
        expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('committed');
        expect(await present(bench.store, made)).toEqual(record(made, { bodyId }));
        await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: SIZE });
      }
    });

    test('that is announced twice counts once', async () => {
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made);
      expect(await bench.store.beginUpload(made.senderId, bodyId, upload({ quota: SIZE }))).toBe('begun');
      await expectUsage(bench.store, { files: 1, bytes: SIZE });
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('committed');
    });

    test('under a body id that is known otherwise fails', async () => {
      const [made, other] = [await created(bench.store), await created(bench.store)];
      const under = await begun(bench.store, other);
      const held = await uploaded(bench.store, other);
      for (const bodyId of [under, held]) {
        await expect(bench.store.beginUpload(made.senderId, bodyId, upload())).rejects.toMatchObject({ name: 'StoreError', code: 'FAILED' });
      }
      await expectUsage(bench.store, { files: 2, uploaded: 1, bytes: 2 * SIZE });
    });

    test('needs a file', async () => {
      const made = await created(bench.store);
      for (const id of [anyId(), made.recipients[0]!.recipientId]) {
        const bodyId = anyBodyId();
        expect(await bench.store.beginUpload(id, bodyId, upload())).toBe('gone');
        expect(await bench.store.commitUpload(id, bodyId)).toBe('gone');
        expect(await bench.store.knows([bodyId])).toEqual([false]);
      }
      await expectUsage(bench.store, { files: 1 });
    });

    test('of another body comes too late, before it begins and when it ends', async () => {
      const made = await created(bench.store);
      const late = await begun(bench.store, made);
      const bodyId = await uploaded(bench.store, made);
      expect(await bench.store.commitUpload(made.senderId, late)).toBe('uploaded');
      expect(await bench.store.beginUpload(made.senderId, anyBodyId(), upload())).toBe('uploaded');
      expect(await present(bench.store, made)).toEqual(record(made, { bodyId }));
      await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: 2 * SIZE });
      await bench.store.discard(late);
      await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: SIZE });
    });

    test('is not committed unless it was announced for this file', async () => {
      const [made, other] = [await created(bench.store), await created(bench.store)];
      const bodyId = await begun(bench.store, other);
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('gone');
      expect(await bench.store.commitUpload(made.senderId, anyBodyId())).toBe('gone');
      expect(await present(bench.store, made)).toEqual(record(made));
      expect(await bench.store.commitUpload(other.senderId, bodyId)).toBe('committed');
    });

    test('that was discarded is not committed, and may begin anew', async () => {
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made);
      for (let i = 0; i < 2; i++) {
        await bench.store.discard(bodyId);
        await expectUsage(bench.store, { files: 1 });
      }
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('gone');
      await uploaded(bench.store, made);
    });

    test('whose lease ran out is not committed, counts until it is discarded, and may begin anew', async () => {
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made, { leaseMs: SHORT_LEASE_MS });
      await bench.advance(SHORT_LEASE_MS);
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('gone');
      await expectUsage(bench.store, { files: 1, bytes: SIZE });
      const next = await uploaded(bench.store, made);
      await bench.store.discard(bodyId);
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('uploaded');
      expect(await present(bench.store, made)).toEqual(record(made, { bodyId: next }));
      await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: SIZE });
    });

    test('has a new lease when it is announced again', async () => {
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made, { leaseMs: bench.graceMs });
      expect(await bench.store.beginUpload(made.senderId, bodyId, upload())).toBe('begun');
      await bench.advance(bench.graceMs);
      expect(await bench.store.leftBodies(10)).toEqual([]);
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('committed');
    });
  });

  describe('the quota', () => {
    test('may be used up, and not exceeded by a byte', async () => {
      const files = [await created(bench.store), await created(bench.store), await created(bench.store)];
      const quota = 2 * SIZE;
      await begun(bench.store, files[0]!, { quota });
      const second = await created(bench.store, { size: SIZE + 1 });
      expect(await bench.store.beginUpload(second.senderId, anyBodyId(), upload({ quota }))).toBe('quota');
      await begun(bench.store, files[1]!, { quota });
      expect(await bench.store.beginUpload(files[2]!.senderId, anyBodyId(), upload({ quota }))).toBe('quota');
      await expectUsage(bench.store, { files: 4, bytes: quota });
      await begun(bench.store, files[2]!, { quota: null });
    });

    test('has room again only when a body was discarded', async () => {
      const [made, other] = [await created(bench.store), await created(bench.store)];
      const bodyId = await uploaded(bench.store, made);
      const begin = () => bench.store.beginUpload(other.senderId, anyBodyId(), upload({ quota: SIZE }));
      expect(await begin()).toBe('quota');
      await bench.store.remove(made.senderId);
      expect(await begin()).toBe('quota');
      await bench.store.discard(bodyId);
      expect(await begin()).toBe('begun');
    });

    test('is not asked for a file that has a body, or is none', async () => {
      const made = await created(bench.store);
      await uploaded(bench.store, made);
      expect(await bench.store.beginUpload(made.senderId, anyBodyId(), upload({ quota: 0 }))).toBe('uploaded');
      expect(await bench.store.beginUpload(anyId(), anyBodyId(), upload({ quota: 0 }))).toBe('gone');
    });

    test('counts each of several uploads of one file', async () => {
      const made = await created(bench.store);
      await begun(bench.store, made, { quota: 2 * SIZE });
      await begun(bench.store, made, { quota: 2 * SIZE });
      expect(await bench.store.beginUpload(made.senderId, anyBodyId(), upload({ quota: 2 * SIZE }))).toBe('quota');
    });
  });
}
