/** A full disk: what does not fit is refused, what was answered stays, and acknowledging makes room again. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message, QueueRecord, QueueStore } from '@polyplex/store-contract';
import { openEmbeddedStore } from '../src/index.ts';
import { type SmallDisk, smallDisk } from './small-disk.ts';

const bytes = (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length));
const OPTIONS = { quota: 10_000, notification: null, expireBefore: null };

const anyMessage = (length = 16_000): Message & { kind: 'message' } =>
  ({ kind: 'message', msgId: bytes(24), ts: 1, notify: false, body: bytes(length) });

describe('a full disk', () => {
  let disk: SmallDisk;
  let store: QueueStore;
  let queue: QueueRecord;

  beforeAll(async () => {
    disk = smallDisk('8m');
    store = await openEmbeddedStore({ path: join(disk.path, 'store') });
    const made = await store.create({
      recipientId: bytes(24), recipientKeys: [{ kind: 'ed25519', raw: bytes(32) }], dhSecret: bytes(32), senderId: bytes(24),
      senderKey: null, mode: 'M', notifier: null, status: { state: 'active' }, serviceId: null, usedDay: 86_400, link: null,
    }, null);
    if (made.status === 'ok') queue = made.queue;
  });
  afterAll(async () => {
    await store.close();
    disk.remove();
  });

  /** Appends groups until one is refused; answers the ids of all that were stored. */
  async function fill(): Promise<Uint8Array[]> {
    const stored: Uint8Array[] = [];
    for (let round = 0; round < 100; round++) {
      const messages = Array.from({ length: 10 }, () => anyMessage());
      const answers = await Promise.allSettled(messages.map((message) => store.append(queue, message, OPTIONS)));
      messages.forEach((message, i) => {
        if (answers[i]!.status === 'fulfilled') stored.push(message.msgId);
      });
      const refused = answers.filter((answer) => answer.status === 'rejected');
      if (refused.length === 0) continue;
      for (const answer of refused) expect(answer.reason).toMatchObject({ name: 'StoreError', code: 'FULL' });
      return stored;
    }
    throw new RangeError('the disk did not fill');
  }

  test('refuses with FULL, keeps what it answered, and takes acknowledgements', async () => {
    const stored = await fill();
    expect(stored.length).toBeGreaterThan(100);
    expect(await store.size(queue)).toBe(stored.length);
    expect((await store.counts()).messages).toBe(stored.length);
    // Both at once: the one that needs room must not take the other down.
    const [more, acknowledged] = await Promise.allSettled([
      store.append(queue, anyMessage(60_000), OPTIONS),
      store.acknowledge(queue, stored[0]!, null),
    ]);
    expect(acknowledged).toMatchObject({ status: 'fulfilled', value: { status: 'ok', removed: { kind: 'message' } } });
    for (const msgId of stored.slice(1)) {
      expect(await store.acknowledge(queue, msgId, null)).toMatchObject({ removed: { kind: 'message' } });
    }
    const left = more.status === 'fulfilled' ? 1 : 0;
    expect(await store.size(queue)).toBe(left);
    expect(await store.append(queue, anyMessage(), OPTIONS)).toMatchObject({ status: 'stored' });
    expect(await store.room()).toBeGreaterThanOrEqual(0);
  });
});
