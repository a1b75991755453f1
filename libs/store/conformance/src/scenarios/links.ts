/** Link data (SMP §5.2 LSET, LDEL; §5.3). */
import { describe, expect, test } from 'vitest';
import { anyId, anyLink, bytes, changed, created, present } from '../builders.ts';
import type { Bench } from '../queue-store.ts';

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

    test('user data can change; fixed data and the link id cannot', async () => {
      const { linkId, data } = anyLink();
      const queue = changed(await bench.store.setLink(await created(bench.store), linkId, data));
      const newer = { ...data, userData: bytes(100) };
      const updated = changed(await bench.store.setLink(queue, linkId, newer));
      expect(await bench.store.setLink(updated, linkId, { ...newer, fixedData: bytes(2048) })).toEqual({ status: 'refused' });
      expect(await bench.store.setLink(updated, anyId(), newer)).toEqual({ status: 'refused' });
      expect(await bench.store.linkData(updated)).toEqual(newer);
      expect(await present(bench.store, queue)).toEqual(updated);
    });

    test('a link id of another queue is refused', async () => {
      const link = anyLink();
      await created(bench.store, { link });
      const queue = await created(bench.store);
      expect(await bench.store.setLink(queue, link.linkId, link.data)).toEqual({ status: 'refused' });
      expect(await bench.store.linkData(queue)).toBeNull();
    });

    test('deletion frees the id; deleting again is fine', async () => {
      const link = anyLink();
      let queue = await created(bench.store, { link });
      queue = changed(await bench.store.deleteLink(queue));
      expect(queue.linkId).toBeNull();
      expect(await bench.store.linkData(queue)).toBeNull();
      expect(await bench.store.find('link', [link.linkId])).toEqual([null]);
      queue = changed(await bench.store.deleteLink(queue));
      changed(await bench.store.setLink(await created(bench.store), link.linkId, link.data));
      changed(await bench.store.setLink(queue, anyId(), link.data));
    });
  });
}
