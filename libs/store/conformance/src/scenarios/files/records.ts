/** Files and their recipients: creation, lookup, acknowledgement (XFTP §5.1, §5.2). */
import { describe, expect, test } from 'vitest';
import { anyId, anyKey, bytes } from '../../builders.ts';
import type { FileBench } from '../../files/bench.ts';
import { anyFile, anyRecipient, created, expectUsage, present, record, recipients, uploaded } from '../../files/builders.ts';
import { stepsOf } from '../../steps-of.ts';

export function fileRecordScenarios(bench: FileBench): void {
  describe('files', () => {
    test('are found by the sender id and by each recipient id, with the key of whoever has it', async () => {
      const made = await created(bench.store, { senderKey: anyKey('ed448') }, 3);
      const file = record(made);
      expect(await bench.store.find('sender', made.senderId)).toEqual({ file, key: made.file.senderKey });
      for (const { recipientId, recipientKey } of made.recipients) {
        expect(await bench.store.find('recipient', recipientId)).toEqual({ file, key: recipientKey });
      }
      await expectUsage(bench.store, { files: 1 });
    });

    test('take time, which the store tells', async () => {
      const before = stepsOf(bench.store);
      await created(bench.store);
      expect(stepsOf(bench.store)).toBeGreaterThan(before);
      for (const { connected } of bench.store.facts().shards) expect(connected).toBe(true);
    });

    test('are not found by an id of the other party, or by one that nobody has', async () => {
      const made = await created(bench.store);
      expect(await bench.store.find('recipient', made.senderId)).toBeNull();
      expect(await bench.store.find('sender', made.recipients[0]!.recipientId)).toBeNull();
      for (const id of [anyId(), bytes(1), bytes(255), new Uint8Array(0)]) {
        expect(await bench.store.find('sender', id)).toBeNull();
        expect(await bench.store.find('recipient', id)).toBeNull();
      }
    });

    test('have ids, digests and sizes of any length', async () => {
      for (const parts of [
        { senderId: bytes(1), digest: bytes(0), size: 1 }, { senderId: bytes(255), digest: bytes(255), size: 2 ** 32 - 1 }, { senderId: new Uint8Array(3) },
      ]) {
        const made = await created(bench.store, parts, 0);
        const long = { ...anyRecipient(), recipientId: bytes(255) };
        expect(await bench.store.addRecipients(made.senderId, [long])).toBe('added');
        expect(await present(bench.store, made)).toEqual(record(made));
        expect((await bench.store.find('recipient', long.recipientId))?.file).toEqual(record(made));
        expect(await bench.store.remove(made.senderId)).toEqual({ bodyId: null });
        expect(await bench.store.find('recipient', long.recipientId)).toBeNull();
      }
    });

    test('whose ids begin alike stay apart', async () => {
      const files = await Promise.all([[7], [7, 0], [7, 0, 0], [7, 255]].map((id) => created(bench.store, { senderId: Uint8Array.from(id) }, 2)));
      expect(await bench.store.remove(files[1]!.senderId)).toEqual({ bodyId: null });
      for (const made of files) {
        const expected = made === files[1] ? null : record(made);
        expect(await present(bench.store, made)).toEqual(expected);
        for (const { recipientId } of made.recipients) {
          expect((await bench.store.find('recipient', recipientId))?.file ?? null).toEqual(expected);
        }
      }
      for (const made of files) {
        expect(await bench.store.remove(made.senderId)).toEqual(made === files[1] ? null : { bodyId: null });
        for (const { recipientId } of made.recipients) expect(await bench.store.find('recipient', recipientId)).toBeNull();
      }
    });

    test('may have a sender id that is also a recipient id', async () => {
      const made = await created(bench.store);
      const { recipientId } = made.recipients[0]!;
      const other = await created(bench.store, { senderId: recipientId });
      expect((await bench.store.find('sender', recipientId))?.file).toEqual(record(other));
      expect((await bench.store.find('recipient', recipientId))?.file).toEqual(record(made));
    });

    test('collide when an id is taken or given twice, and then nothing is stored', async () => {
      const made = await created(bench.store);
      const fresh = recipients(2);
      const collisions = [
        [made.file, made.recipients],
        [anyFile({ senderId: made.senderId }), fresh],
        [anyFile(), [...fresh, made.recipients[0]!]],
        [anyFile(), [...fresh, { ...anyRecipient(), recipientId: fresh[0]!.recipientId }]],
      ] as const;
      for (const [file, given] of collisions) {
        expect(await bench.store.create(file, given)).toBe('collision');
        if (file.senderId !== made.senderId) expect(await bench.store.find('sender', file.senderId)).toBeNull();
        for (const { recipientId } of fresh) expect(await bench.store.find('recipient', recipientId)).toBeNull();
      }
      expect(await present(bench.store, made)).toEqual(record(made));
      expect((await bench.store.find('recipient', made.recipients[0]!.recipientId))?.key).toEqual(made.recipients[0]!.recipientKey);
      await expectUsage(bench.store, { files: 1 });
    });
  });

  describe('recipients', () => {
    test('are added before and after the upload', async () => {
      const made = await created(bench.store, {}, 0);
      const [early, late] = [recipients(2), recipients(2)];
      expect(await bench.store.addRecipients(made.senderId, early)).toBe('added');
      const bodyId = await uploaded(bench.store, made);
      expect(await bench.store.addRecipients(made.senderId, late)).toBe('added');
      for (const { recipientId, recipientKey } of [...early, ...late]) {
        expect(await bench.store.find('recipient', recipientId)).toEqual({ file: record(made, { bodyId }), key: recipientKey });
      }
    });

    test('are not added to what is no file', async () => {
      const made = await created(bench.store);
      for (const id of [anyId(), made.recipients[0]!.recipientId]) {
        const given = recipients(1);
        expect(await bench.store.addRecipients(id, given)).toBe('gone');
        expect(await bench.store.find('recipient', given[0]!.recipientId)).toBeNull();
      }
    });

    test('collide all together when one id is taken, here or by another file, or given twice', async () => {
      const [made, other] = [await created(bench.store), await created(bench.store)];
      for (const taken of [made.recipients[0]!, other.recipients[0]!]) {
        const fresh = anyRecipient();
        expect(await bench.store.addRecipients(made.senderId, [fresh, { ...anyRecipient(), recipientId: taken.recipientId }])).toBe('collision');
        expect(await bench.store.find('recipient', fresh.recipientId)).toBeNull();
      }
      const twice = anyRecipient();
      expect(await bench.store.addRecipients(made.senderId, [twice, twice])).toBe('collision');
      expect(await bench.store.find('recipient', twice.recipientId)).toBeNull();
    });

    test('acknowledge once; the file and the others stay', async () => {
      const made = await created(bench.store, {}, 2);
      const [a, b] = made.recipients.map(({ recipientId }) => recipientId);
      expect(await bench.store.acknowledge(a!)).toBe(true);
      expect(await bench.store.acknowledge(a!)).toBe(false);
      expect(await bench.store.acknowledge(made.senderId)).toBe(false);
      expect(await bench.store.find('recipient', a!)).toBeNull();
      expect((await bench.store.find('recipient', b!))?.file).toEqual(record(made));
      expect(await bench.store.acknowledge(b!)).toBe(true);
      expect(await present(bench.store, made)).toEqual(record(made));
      await expectUsage(bench.store, { files: 1 });
    });

    test('that acknowledged leave their id free, and do not go with the old file', async () => {
      const [made, other] = [await created(bench.store), await created(bench.store)];
      const [recipient] = made.recipients;
      await bench.store.acknowledge(recipient!.recipientId);
      expect(await bench.store.addRecipients(other.senderId, [recipient!])).toBe('added');
      await bench.store.remove(made.senderId);
      expect((await bench.store.find('recipient', recipient!.recipientId))?.file).toEqual(record(other));
    });
  });
}
