/** Link data (SMP §5.2 LSET, LDEL; §5.3). */
import { describe, expect, test } from 'vitest';
import { anyId, anyLink, bytes, changed, created, present } from '../builders.ts';
import type { Bench } from '../bench.ts';

export function linkScenarios(bench: Bench): void {
  describe('link data', () => {
    test('is added, read back, and found by its id', async () => {
      const { linkId, data } = anyLink();
      const before = await created(bench.store);
      expect(await bench.store.linkData(before)).toBeNull();
      const queue = changed(await bench.store.setLink(before, linkId, data));
      expect(queue.linkId).toEqual(linkId);
      expect(await bench.store.linkData(queue)).toEqual(data);
      expect(await bench.store.find('link', [linkId])).toEqual([queue]);
    });

    test('may be as large as 16 KiB a part, or empty', async () => {
      for (const size of [16_384, 0]) {
        const data = { fixedData: bytes(size), userData: bytes(size) };
        const queue = changed(await bench.store.setLink(await created(bench.store), anyId(), data));
        expect(await bench.store.linkData(queue)).toEqual(data);
      }
    });

    test('user data can change, which is no change of the record; fixed data and the link id cannot', async () => {
      const { linkId, data } = anyLink();
      const queue = changed(await bench.store.setLink(await created(bench.store), linkId, data));
      const newer = { ...data, userData: bytes(100) };
      expect(await bench.store.setLink(queue, linkId, newer)).toEqual({ status: 'ok', queue });
      expect(await bench.store.setLink(queue, linkId, { ...newer, fixedData: bytes(2048) })).toEqual({ status: 'refused' });
      expect(await bench.store.setLink(queue, anyId(), newer)).toEqual({ status: 'refused' });
      expect(await bench.store.linkData(queue)).toEqual(newer);
      expect(await present(bench.store, queue)).toEqual(queue);
    });

    test('are read whatever the revision', async () => {
      const { linkId, data } = anyLink();
      const before = await created(bench.store);
      const queue = changed(await bench.store.setLink(before, linkId, data));
      expect(await bench.store.linkData(before)).toEqual(data);
      expect(await bench.store.linkData({ ...queue, revision: queue.revision + 5 })).toEqual(data);
    });

    test('a link id of another queue, or of no length that ids have, is refused', async () => {
      const link = anyLink();
      await created(bench.store, { link });
      const queue = await created(bench.store);
      for (const linkId of [link.linkId, bytes(0), bytes(256)]) {
        expect(await bench.store.setLink(queue, linkId, link.data)).toEqual({ status: 'refused' });
      }
      expect(await bench.store.linkData(queue)).toBeNull();
      expect(await present(bench.store, queue)).toEqual(queue);
    });

    test('go, and with them the id; deleting again is fine', async () => {
      const link = anyLink();
      const before = await created(bench.store, { link });
      const queue = changed(await bench.store.deleteLink(before));
      expect(queue.linkId).toBeNull();
      expect(queue.revision).toBeGreaterThan(before.revision);
      expect(await bench.store.linkData(queue)).toBeNull();
      expect(await bench.store.find('link', [link.linkId])).toEqual([null]);
      expect(await bench.store.deleteLink(queue)).toEqual({ status: 'ok', queue });
      changed(await bench.store.setLink(await created(bench.store), link.linkId, link.data));
      changed(await bench.store.setLink(queue, anyId(), link.data));
    });
  });
}
