/** Arguments are not kept, and results own their memory. */
import { describe, expect, test } from 'vitest';
import { copyBytes } from '@polyplex/base';
import { careless } from '../../careless.ts';
import type { FileBench } from '../../files/bench.ts';
import { anyFile, anyRecipient, created, present, record, recipients, uploaded, wholeFile } from '../../files/builders.ts';

export function fileArgumentScenarios(bench: FileBench): void {
  describe('a caller that reuses its arguments and results', () => {
    test('creates files, adds and acknowledges recipients', async () => {
      const store = careless(bench.store);
      const [file, given, more] = [anyFile(), recipients(2), anyRecipient()];
      // Without waiting: arguments are gone before the step is done.
      const answers = await Promise.all([
        store.create(file, given), store.addRecipients(file.senderId, [more]), store.acknowledge(given[0]!.recipientId),
      ]);
      expect(answers).toEqual(['created', 'added', true]);
      expect(await bench.store.find('sender', file.senderId)).toEqual({ file: record({ file }), key: file.senderKey });
      for (const { recipientId, recipientKey } of [given[1]!, more]) {
        expect(await bench.store.find('recipient', recipientId)).toEqual({ file: record({ file }), key: recipientKey });
      }
    });

    test('uploads, blocks and removes', async () => {
      const store = careless(bench.store);
      const made = await created(bench.store);
      const bodyId = await uploaded(store, made);
      expect(await present(store, made)).toEqual(record(made, { bodyId }));
      const info = { reason: 'spam', notice: { ttl: 5 } } as const;
      expect(await Promise.all([store.block(made.senderId, info), store.block(made.senderId, info)])).toEqual([{ bodyId }, { bodyId: null }]);
      expect(await present(bench.store, made)).toEqual(record(made, { status: { state: 'blocked', info } }));
      expect(await Promise.all([store.unblock(made.senderId), store.unblock(made.senderId)])).toEqual([true, true]);
      expect(await present(bench.store, made)).toEqual(record(made));
      expect(await Promise.all([store.remove(made.senderId), store.remove(made.senderId)])).toEqual([{ bodyId: null }, null]);
    });

    test('writes whole files', async () => {
      const store = careless(bench.store);
      const whole = wholeFile();
      expect(await Promise.all([store.putFile(whole), store.putFile(whole)])).toEqual(['written', 'exists']);
      expect(await present(bench.store, whole.file)).toEqual(whole.file);
    });

    test('gets results of its own', async () => {
      const made = await created(bench.store);
      const found = (await bench.store.find('sender', made.senderId))!;
      const other = (await bench.store.find('recipient', made.recipients[0]!.recipientId))!;
      const before = copyBytes(found.file.digest);
      other.file.digest.fill(0);
      other.file.senderId.fill(0);
      expect(found.file.digest).toEqual(before);
      expect(found).toEqual({ file: record(made), key: made.file.senderKey });
      expect(await present(bench.store, made)).toEqual(record(made));
    });
  });
}
