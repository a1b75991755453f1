/** Steps on one queue take effect in the order of the calls, without anybody waiting for answers; reads in their place. */
import { describe, expect, test } from 'vitest';
import {
  anyId, anyKey, anyLink, anyMessage, anyNotifier, anyQueue, appended, changed, created, drained, head, options, present, whole,
} from '../builders.ts';
import { expectCounts, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

export function orderScenarios(bench: Bench): void {
  describe('order of the calls', () => {
    test('messages keep it', async () => {
      const queue = await created(bench.store);
      const sent = Array.from({ length: 50 }, () => anyMessage());
      await Promise.all(sent.map((message) => bench.store.append(queue, message, options({ quota: 100 }))));
      expect(await drained(bench.store, queue)).toEqual(sent);
    });

    test('acknowledge, heads and size see what was called before them, and nothing later', async () => {
      const queue = await created(bench.store);
      const [a, b] = [anyMessage(), anyMessage()];
      const { store } = bench;
      const answers = [
        store.size(queue),
        store.append(queue, a, options()),
        store.size(queue),
        store.heads([queue.recipientId], null),
        store.append(queue, b, options()),
        store.acknowledge(queue, a.msgId, null),
        store.heads([queue.recipientId], null),
        store.size(queue),
        store.acknowledge(queue, b.msgId, null),
        store.heads([queue.recipientId], null),
        store.size(queue),
      ];
      const removed = { kind: 'message', notify: false };
      const stored = { status: 'stored', deliverTo: null, notifyTo: null, expired: 0 };
      expect(await Promise.all(answers)).toEqual([
        0, stored, 1, [{ queue, head: a }], stored, { status: 'ok', removed, next: b }, [{ queue, head: b }], 1,
        { status: 'ok', removed, next: null }, [{ queue, head: null }], 0,
      ]);
    });

    test('linkData and steps that change the record', async () => {
      const queue = await created(bench.store);
      const link = anyLink();
      const [before, set, after, secured] = await Promise.all([
        bench.store.linkData(queue),
        bench.store.setLink(queue, link.linkId, link.data),
        bench.store.linkData(queue),
        bench.store.secure(queue, anyKey()),
      ]);
      const now = changed(set);
      expect([before, after]).toEqual([null, link.data]);
      expect(secured).toEqual({ status: 'stale', queue: now });
      const [gone, none] = await Promise.all([bench.store.deleteLink(now), bench.store.linkData(now)]);
      expect([changed(gone).linkId, none]).toEqual([null, null]);
    });

    test('delete and what is called after it', async () => {
      const link = anyLink();
      const queue = await created(bench.store, { link });
      const { store } = bench;
      const missing = { status: 'stale', queue: null };
      const answers = await Promise.all([
        store.append(queue, anyMessage(), options()),
        store.delete(queue, null),
        store.append(queue, anyMessage(), options()),
        store.heads([queue.recipientId], null),
        store.size(queue),
        store.linkData(queue),
        store.subscribe([queue], 1, true),
        store.setNotifier(queue, anyNotifier(), null),
        store.delete(queue, null),
      ]);
      expect(answers.slice(1)).toEqual(
        [{ status: 'ok', messages: 1 }, missing, [null], 0, null, [missing], missing, missing],
      );
      await expectCounts(store, { queues: 0, messages: 0 });
    });

    test('subscribe among steps, and who is named', async () => {
      const queue = await created(bench.store);
      const { store } = bench;
      const [a, b] = [anyMessage(), anyMessage()];
      const [first, claim, second, moved, acknowledged, third] = await Promise.all([
        store.append(queue, a, options()),
        store.subscribe([queue], 1, true),
        store.acknowledge(queue, a.msgId, null),
        store.subscribe([queue], 2, true),
        store.append(queue, b, options()),
        store.subscribe([queue], 3, true),
      ]);
      expect(first).toMatchObject({ deliverTo: null });
      expect(claim).toEqual([{ status: 'ok', queue, pending: true, head: a }]);
      expect(second).toMatchObject({ next: null });
      expect(moved).toEqual([{ status: 'ok', queue, pending: false, head: null }]);
      expect(acknowledged).toMatchObject({ deliverTo: 2 });
      expect(third).toEqual([{ status: 'ok', queue, pending: true, head: b }]);
      await bench.events.expectEvents(bench.store, [
        line('ended recipient', queue.recipientId, 1), line('ended recipient', queue.recipientId, 2),
      ]);
    });

    test('subscribe among reads for a connection', async () => {
      const queue = await created(bench.store, {}, 1);
      const { store } = bench;
      const [a, b] = [anyMessage(), anyMessage()];
      const ids = [queue.recipientId];
      const answers = await Promise.all([
        store.append(queue, a, options()),
        store.append(queue, b, options()),
        store.heads(ids, 1),
        store.heads(ids, 2),
        store.acknowledge(queue, anyId(), 1),
        store.subscribe([queue], 2, false),
        store.heads(ids, 1),
        store.acknowledge(queue, a.msgId, 1),
        store.heads(ids, 2),
        store.acknowledge(queue, anyId(), 2),
      ]);
      const removed = { kind: 'message', notify: false };
      expect(answers.slice(2)).toEqual([
        [{ queue, head: a }], [null], { status: 'ok', removed: null, next: a }, [{ status: 'ok', queue, pending: true, head: null }],
        [null], { status: 'ok', removed, next: null }, [{ queue, head: b }], { status: 'ok', removed: null, next: b },
      ]);
    });

    test('a list of queues of which some are busy is answered as one where none is', async () => {
      const queues = await Promise.all(Array.from({ length: 6 }, () => created(bench.store)));
      const sent = await Promise.all(queues.map(async (queue) => (await appended(bench.store, queue, 1))[0]!));
      const busy = queues.filter((_, i) => i % 2 === 0);
      const acknowledging = busy.map((queue, i) => bench.store.acknowledge(queue, sent[2 * i]!.msgId, null));
      const heads = bench.store.heads(queues.map(({ recipientId }) => recipientId), null);
      const claims = await bench.store.subscribe(queues, 1, true);
      await Promise.all(acknowledging);
      const expected = sent.map((message, i) => (i % 2 === 0 ? null : message));
      expect(await heads).toEqual(queues.map((queue, i) => ({ queue, head: expected[i] })));
      expect(whole(claims).map((claim) => claim.status === 'ok' && claim.head)).toEqual(expected);
      const answers = await Promise.all(busy.map((queue) => bench.store.append(queue, anyMessage(), options())));
      expect(answers).toMatchObject(busy.map(() => ({ deliverTo: 1 })));
    });

    test('find sees every step that was answered', async () => {
      const given = anyQueue();
      let queue = changed(await bench.store.create(given, null));
      for (let i = 0; i < 20; i++) {
        queue = changed(await bench.store.setRecipientKeys(queue, [anyKey()]));
        // A change under way may be seen, or not.
        const changing = bench.store.setLink(queue, anyLink().linkId, anyLink().data);
        const [found] = await bench.store.find('sender', [queue.senderId]);
        const after = changed(await changing);
        expect([queue, after]).toContainEqual(found);
        queue = changed(await bench.store.deleteLink(after));
        expect(await bench.store.find('sender', [queue.senderId])).toEqual([queue]);
      }
      await bench.store.delete(queue, null);
      expect(await present(bench.store, queue)).toBeNull();
      expect(await head(bench.store, queue)).toBeNull();
    });
  });
}
