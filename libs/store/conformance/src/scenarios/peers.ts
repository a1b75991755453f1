/**
 * Several nodes on the same data. Each has its own connections, whose numbers may be the same; what one node does, the
 * connections of the others hear from their node. Skipped for an engine of one node.
 */
import { toBase64Url } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import {
  anyId, anyKey, anyLink, anyMessage, anyNotification, appended, changed, created, createdWithNotifier, drained, notifierRef,
  options, present, taken,
} from '../builders.ts';
import { eventually, line } from '../event-log.ts';
import type { Bench } from '../bench.ts';

export function peerScenarios(bench: Bench): void {
  describe('several nodes', () => {
    test('see each other’s queues, changes and messages', async () => {
      const peer = await bench.peer();
      const { linkId, data } = anyLink();
      const queue = await created(bench.store, { link: { linkId, data } });
      expect(await peer.store.find('link', [linkId])).toEqual([queue]);
      const now = changed(await peer.store.secure(queue, anyKey()));
      expect(await bench.store.find('sender', [queue.senderId])).toEqual([now]);
      expect(await bench.store.suspend(queue)).toEqual({ status: 'stale', queue: now });
      expect(await peer.store.linkData(queue)).toEqual(data);
      const sent = [...(await appended(peer.store, now, 1)), ...(await appended(bench.store, now, 1))];
      expect(await drained(peer.store, now)).toEqual(sent);
      await peer.store.delete(now, null);
      expect(await present(bench.store, now)).toBeNull();
    });

    test('a queue has one subscriber among all nodes; the previous one hears ended from its own node', async () => {
      const peer = await bench.peer();
      const queue = await created(bench.store, {}, 1);
      await peer.store.subscribe([queue], 1, false);
      await bench.events.expectEvents(bench.store, [line('ended recipient', queue.recipientId, 1)]);
      expect(await bench.store.append(queue, anyMessage(), options())).toMatchObject({ deliverTo: null });
      await peer.events.expectWake(line('wake', queue.recipientId, 1));
      await drained(bench.store, queue);
      expect(await peer.store.append(queue, anyMessage(), options())).toMatchObject({ deliverTo: 1 });
      await bench.store.subscribe([queue], 2, false);
      await peer.events.expectEvents(peer.store, [line('ended recipient', queue.recipientId, 1)]);
    });

    test('what another node has taken over is not read here, though `ended` may still be on its way', async () => {
      const peer = await bench.peer();
      const removed = { kind: 'message', notify: false };
      for (const [from, to] of [[bench, peer], [peer, bench]] as const) {
        const queue = await created(from.store, {}, 1);
        const ids = [queue.recipientId];
        const [a, b] = await appended(to.store, queue, 2);
        expect(await from.store.heads(ids, 1)).toEqual([{ queue, head: a }]);
        await to.store.subscribe([queue], 1, false); // another connection than the other node's
        const answers = await Promise.all([from.store.heads(ids, 1), from.store.acknowledge(queue, a!.msgId, 1)]);
        expect(answers).toEqual([[null], { status: 'ok', removed, next: null }]);
        expect(await to.store.heads(ids, 1)).toEqual([{ queue, head: b }]);
        expect(await to.store.acknowledge(queue, anyId(), 1)).toEqual({ status: 'ok', removed: null, next: b });
        await from.events.expectEvents(from.store, [line('ended recipient', queue.recipientId, 1)]);
      }
    });

    test('nodes that fight for a queue leave one subscriber, and all others hear ended', async () => {
      const peer = await bench.peer();
      const queue = await created(bench.store);
      const connections = Array.from({ length: 8 }, (_, i) => i + 1);
      await Promise.all(
        connections.map((by) => (by % 2 === 0 ? bench : peer).store.subscribe([queue], by, false)),
      );
      await bench.events.settled(bench.store);
      await peer.events.settled(peer.store);
      const heard = () => [...new Set([...bench.events.lines, ...peer.events.lines])];
      await eventually(() => expect(heard()).toHaveLength(7));
      const left = connections.find((by) => !heard().includes(line('ended recipient', queue.recipientId, by)))!;
      const node = left % 2 === 0 ? bench : peer;
      expect(await node.store.append(queue, anyMessage(), options())).toMatchObject({ deliverTo: left });
    });

    test('a release on one node leaves the connection of that number on the other', async () => {
      const peer = await bench.peer();
      const [a, b] = [await created(bench.store, {}, 1), await created(bench.store)];
      await peer.store.subscribe([b], 1, false);
      await bench.store.release(1);
      expect(await bench.store.append(a, anyMessage(), options())).toMatchObject({ deliverTo: null });
      expect(await peer.store.append(b, anyMessage(), options())).toMatchObject({ deliverTo: 1 });
      await peer.store.subscribe([a], 2, false);
      await bench.events.expectEvents(bench.store, []);
    });

    test('deletion and blocking are heard on the subscriber’s node; `by` is a connection of the one that acts', async () => {
      const peer = await bench.peer();
      let queue = await created(bench.store, {}, 1);
      queue = changed(await peer.store.block(queue, { reason: 'spam', notice: null }));
      await peer.store.delete(queue, 1); // another connection than this node's
      await bench.events.expectEvents(bench.store, [
        line('blocked', queue.recipientId, 'spam', 1), line('deleted recipient', queue.recipientId, 1),
      ]);
      const own = await created(bench.store, {}, 1);
      await bench.store.delete(own, 1);
      await bench.events.expectEvents(bench.store, []);
      await peer.events.expectEvents(peer.store, []);
    });

    test('notifications reach the subscriber on the other node, and only it', async () => {
      const peer = await bench.peer();
      const queue = await createdWithNotifier(bench.store);
      await peer.store.subscribeNotifiers([queue], 3, null);
      const notification = anyNotification();
      expect(await bench.store.append(queue, anyMessage(), options({ notification }))).toMatchObject({ notifyTo: null });
      await peer.events.expectWake(line('wakeNotifier', notifierRef(queue).notifierId, toBase64Url(queue.recipientId), 3));
      expect(await taken(bench.store, queue, 3)).toEqual([]);
      expect(await taken(peer.store, queue, 3)).toEqual([notification]);
    });

    test('a service has one session among all nodes', async () => {
      const peer = await bench.peer();
      const serviceId = anyId();
      const queue = await createdWithNotifier(bench.store, { serviceId });
      expect(await bench.store.subscribeService(serviceId, 'N', 1)).toBe(1);
      expect(await peer.store.subscribeService(serviceId, 'N', 1)).toBe(1);
      await bench.events.expectEvents(bench.store, [line('serviceEnded', serviceId, 1, 1)]);
      await bench.store.append(queue, anyMessage(), options({ notification: anyNotification() }));
      expect(await taken(bench.store, queue, 1)).toEqual([]);
      expect(await taken(peer.store, queue, 1)).toHaveLength(1);
    });

    test('one message to two nodes at once, and repeated on the other, is stored once', async () => {
      const peer = await bench.peer();
      const queue = await created(bench.store);
      const message = anyMessage();
      await Promise.all([bench, peer].map(({ store }) => store.append(queue, message, options())));
      await peer.store.append(queue, message, options());
      expect(await drained(bench.store, queue)).toEqual([message]);
    });
  });
}
