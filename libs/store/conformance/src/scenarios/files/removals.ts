/** Deletion and blocking (XFTP §5.2 FDEL, §5.7). */
import { describe, expect, test } from 'vitest';
import type { BlockingInfo } from '@polyplex/store-contract';
import { anyId } from '../../builders.ts';
import type { FileBench } from '../../files/bench.ts';
import { anyBodyId, begun, created, expectUsage, present, record, SIZE, upload, uploaded } from '../../files/builders.ts';

const SPAM: BlockingInfo = { reason: 'spam', notice: null };
const CONTENT: BlockingInfo = { reason: 'content', notice: { ttl: 86_400 } };

export function removalScenarios(bench: FileBench): void {
  describe('removing', () => {
    test('takes the file and all its recipients, and answers with its body', async () => {
      const [made, other] = [await created(bench.store, {}, 3), await created(bench.store)];
      const bodyId = await uploaded(bench.store, made);
      expect(await bench.store.remove(made.senderId)).toEqual({ bodyId });
      expect(await present(bench.store, made)).toBeNull();
      for (const { recipientId } of made.recipients) {
        expect(await bench.store.find('recipient', recipientId)).toBeNull();
        expect(await bench.store.acknowledge(recipientId)).toBe(false);
      }
      expect(await bench.store.addRecipients(made.senderId, made.recipients)).toBe('gone');
      expect(await present(bench.store, other)).toEqual(record(other));
      await expectUsage(bench.store, { files: 1, bytes: SIZE });
      await bench.store.discard(bodyId);
      await expectUsage(bench.store, { files: 1 });
    });

    test('tells apart a file without a body and no file', async () => {
      const made = await created(bench.store);
      expect(await bench.store.remove(made.recipients[0]!.recipientId)).toBeNull();
      expect(await bench.store.remove(made.senderId)).toEqual({ bodyId: null });
      expect(await bench.store.remove(made.senderId)).toBeNull();
      await expectUsage(bench.store, {});
    });

    test('leaves the ids free', async () => {
      const made = await created(bench.store);
      await bench.store.remove(made.senderId);
      expect(await bench.store.create(made.file, made.recipients)).toBe('created');
    });

    test('ends an upload under way, whose body is then discarded', async () => {
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made);
      expect(await bench.store.remove(made.senderId)).toEqual({ bodyId: null });
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('gone');
      await bench.store.discard(bodyId);
      await expectUsage(bench.store, {});
    });
  });

  describe('blocking', () => {
    test('sets the status and takes the body; the record and its recipients stay', async () => {
      const made = await created(bench.store, {}, 2);
      const bodyId = await uploaded(bench.store, made);
      expect(await bench.store.block(made.senderId, CONTENT)).toEqual({ bodyId });
      const blocked = record(made, { status: { state: 'blocked', info: CONTENT } });
      expect(await bench.store.find('sender', made.senderId)).toEqual({ file: blocked, key: made.file.senderKey });
      for (const { recipientId, recipientKey } of made.recipients) {
        expect(await bench.store.find('recipient', recipientId)).toEqual({ file: blocked, key: recipientKey });
      }
      await expectUsage(bench.store, { files: 1, bytes: SIZE });
      await bench.store.discard(bodyId);
      await expectUsage(bench.store, { files: 1 });
    });

    test('again sets the new info', async () => {
      const made = await created(bench.store);
      for (const info of [SPAM, CONTENT, { reason: 'spam', notice: { ttl: null } } as const]) {
        expect(await bench.store.block(made.senderId, info)).toEqual({ bodyId: null });
        expect(await present(bench.store, made)).toEqual(record(made, { status: { state: 'blocked', info } }));
      }
    });

    test('needs a file', async () => {
      const made = await created(bench.store);
      expect(await bench.store.block(anyId(), SPAM)).toBeNull();
      expect(await bench.store.block(made.recipients[0]!.recipientId, SPAM)).toBeNull();
      expect(await present(bench.store, made)).toEqual(record(made));
    });

    test('ends uploads: none begins, and none under way is committed', async () => {
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made);
      await bench.store.block(made.senderId, SPAM);
      expect(await bench.store.commitUpload(made.senderId, bodyId)).toBe('gone');
      expect(await bench.store.beginUpload(made.senderId, anyBodyId(), upload())).toBe('gone');
      expect(await present(bench.store, made)).toMatchObject({ bodyId: null });
    });

    test('undone, the file is as before its upload: it gets a body again', async () => {
      const made = await created(bench.store, {}, 2);
      const before = await uploaded(bench.store, made);
      await bench.store.block(made.senderId, SPAM);
      await bench.store.discard(before);
      expect([await bench.store.unblock(made.senderId), await bench.store.unblock(made.senderId)]).toEqual([true, true]);
      expect(await present(bench.store, made)).toEqual(record(made));
      expect(await bench.store.commitUpload(made.senderId, before)).toBe('gone');
      const bodyId = await uploaded(bench.store, made);
      expect(await present(bench.store, made)).toEqual(record(made, { bodyId }));
      expect(await bench.store.unblock(made.senderId), 'one with a body').toBe(true);
      expect(await present(bench.store, made)).toEqual(record(made, { bodyId }));
      for (const id of [anyId(), made.recipients[0]!.recipientId]) expect(await bench.store.unblock(id)).toBe(false);
    });

    test('is over when the file is removed', async () => {
      const made = await created(bench.store);
      const bodyId = await uploaded(bench.store, made);
      await bench.store.block(made.senderId, SPAM);
      await bench.store.discard(bodyId);
      expect(await bench.store.remove(made.senderId)).toEqual({ bodyId: null });
      await expectUsage(bench.store, {});
    });
  });
}
