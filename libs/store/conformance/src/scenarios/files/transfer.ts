/** Records that come from elsewhere, with bodies that are there already. */
import { describe, expect, test } from 'vitest';
import type { FileStatusCase } from '../../files/builders.ts';
import type { FileBench } from '../../files/bench.ts';
import { anyBodyId, anyRecipient, begun, CREATED, created, expectUsage, present, SIZE, uploaded, wholeFile } from '../../files/builders.ts';

const STATUSES: readonly FileStatusCase[] = [
  { status: { state: 'active' } },
  { status: { state: 'active' }, bodyId: null },
  { status: { state: 'off' } },
  { status: { state: 'off' }, bodyId: null },
  { status: { state: 'blocked', info: { reason: 'content', notice: { ttl: 60 } } }, bodyId: null },
];

export function fileTransferScenarios(bench: FileBench): void {
  describe('a whole file', () => {
    test('is written with its status, body and recipients', async () => {
      let bodies = 0;
      for (const [i, parts] of STATUSES.entries()) {
        const whole = wholeFile(parts);
        const { file, recipients } = whole;
        expect(await bench.store.putFile(whole)).toBe('written');
        expect(await bench.store.find('sender', file.senderId)).toEqual({ file, key: file.senderKey });
        for (const { recipientId, recipientKey } of recipients) {
          expect(await bench.store.find('recipient', recipientId)).toEqual({ file, key: recipientKey });
        }
        if (file.bodyId !== null) bodies++;
        await expectUsage(bench.store, { files: i + 1, uploaded: bodies, bytes: bodies * SIZE });
        if (file.bodyId !== null) expect(await bench.store.knows([file.bodyId])).toEqual([true]);
      }
    });

    test('is there when it is written again, its recipients in any order', async () => {
      const whole = wholeFile({}, 3);
      expect(await bench.store.putFile(whole)).toBe('written');
      expect(await bench.store.putFile(whole)).toBe('exists');
      expect(await bench.store.putFile({ ...whole, recipients: [...whole.recipients].reverse() })).toBe('exists');
      await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: SIZE });
    });

    test('collides with another file of its id', async () => {
      const whole = wholeFile({}, 2);
      const { file, recipients } = whole;
      await bench.store.putFile(whole);
      for (const other of [
        { file: { ...file, bodyId: anyBodyId() }, recipients }, { file: { ...file, bodyId: null }, recipients },
        { file, recipients: recipients.slice(1) }, { file, recipients: [...recipients, anyRecipient()] },
        { file, recipients: [recipients[0]!, anyRecipient()] }, { file, recipients: [] },
        { file: wholeFile({ senderId: file.senderId }).file, recipients: [anyRecipient()] },
      ]) {
        expect(await bench.store.putFile(other)).toBe('collision');
      }
      expect(await present(bench.store, file)).toEqual(file);
      await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: SIZE });
    });

    test('whose recipient or body belongs to another is not written', async () => {
      const made = await created(bench.store);
      const [underWay, held] = [await begun(bench.store, made), await uploaded(bench.store, made)];
      const taken = { ...anyRecipient(), recipientId: made.recipients[0]!.recipientId };
      const fresh = anyRecipient();
      for (const whole of [
        { ...wholeFile(), recipients: [fresh, taken] }, wholeFile({ bodyId: underWay }), wholeFile({ bodyId: held }),
        { ...wholeFile(), recipients: [fresh, fresh] },
      ]) {
        expect(await bench.store.putFile(whole)).toBe('collision');
        expect(await present(bench.store, whole.file)).toBeNull();
        for (const { recipientId } of whole.recipients) if (recipientId !== taken.recipientId) expect(await bench.store.find('recipient', recipientId)).toBeNull();
      }
      await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: 2 * SIZE });
    });

    test('is a file as any other: it gets a body, is acknowledged, blocked, expired', async () => {
      const [bare, full] = [wholeFile({ bodyId: null }), wholeFile({ createdAt: CREATED - 1 })];
      for (const whole of [bare, full]) await bench.store.putFile(whole);
      await uploaded(bench.store, bare.file);
      expect(await bench.store.acknowledge(bare.recipients[0]!.recipientId)).toBe(true);
      expect(await bench.store.expire(CREATED, 10)).toEqual({ files: 1, bodies: [full.file.bodyId] });
      expect(await bench.store.block(bare.file.senderId, { reason: 'spam', notice: null })).not.toBeNull();
      expect(await bench.store.find('recipient', full.recipients[0]!.recipientId)).toBeNull();
      expect(await bench.store.putFile(full)).toBe('collision'); // its body is left
      await bench.store.discard(full.file.bodyId!);
      expect(await bench.store.putFile(full)).toBe('written');
    });
  });
}
