/** Moving everything to another store. */
import { equalBytes, toBase64Url } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import type { NewQueue, Notification, Notifier, QueueRecord, QueueStore, StoredQueue } from '@polyplex/store-contract';
import {
  anyId, anyKey, anyLink, anyMessage, anyNotification, anyNotifier, anyQueue, anyService, appended, bytes, changed, created,
  createdWithNotifier, DAY, drained, head, options, present, QUOTA, taken, whole,
} from '../builders.ts';
import type { Bench } from '../bench.ts';
import { careless } from '../careless.ts';
import { expectCounts } from '../event-log.ts';
import { allQueues, countsOf, everything, written } from '../walk.ts';

const KEY_KINDS = ['ed25519', 'ed448', 'x25519', 'x448'] as const;

/** Appends messages, each with a notification; answers these. */
async function notified(store: QueueStore, queue: QueueRecord, count: number): Promise<Notification[]> {
  const notifications = Array.from({ length: count }, () => anyNotification());
  for (const notification of notifications) {
    const answer = await store.append(queue, anyMessage({ notify: true }), options({ notification, quota: 1000 }));
    expect(answer.status).toBe('stored');
  }
  return notifications;
}

/** Queues in every state, services in every role. */
async function furnished(store: QueueStore) {
  const services = { M: anyService('M'), N: anyService('N'), P: { ...anyService('P'), chain: [] } };
  for (const service of Object.values(services)) await store.registerService(service, 100);
  const all: Partial<NewQueue> = {
    senderKey: anyKey('x448'), notifier: anyNotifier({ serviceId: services.N.serviceId }), serviceId: services.M.serviceId, link: anyLink(),
    recipientKeys: KEY_KINDS.map((kind) => anyKey(kind)),
  };
  for (const senderKey of [null, ...KEY_KINDS.map((kind) => anyKey(kind))]) await created(store, { senderKey });
  for (const mode of ['M', 'C', null] as const) await created(store, { mode, usedDay: DAY + 86_400 });
  await store.suspend(await created(store, { link: anyLink() }));
  await store.block(await created(store), { reason: 'spam', notice: null });
  await store.block(await created(store), { reason: 'content', notice: { ttl: 3600 } });
  const emptied = await created(store);
  await appended(store, emptied, 2);
  await drained(store, emptied);
  const moved = await created(store, { recipientKeys: [anyKey(), anyKey('ed448')] });
  changed(await store.setRecipientKeys(moved, [anyKey(), anyKey()]));
  const full = await created(store);
  await appended(store, full, QUOTA);
  await store.append(full, anyMessage(), options());
  await notified(store, await createdWithNotifier(store), 3);
  const rich = await created(store, all);
  await store.append(rich, anyMessage({ body: bytes(0) }), options());
  await store.append(rich, anyMessage({ body: bytes(16_088) }), options());
  const notifications = await notified(store, rich, 2);
  return { services, full, rich, notifications };
}

function idsOf({ record }: StoredQueue): Uint8Array[] {
  return [record.recipientId, record.senderId, record.notifier!.notifierId, record.linkId!];
}

/** A queue that no store holds, with all that a queue can have. */
function strange(parts: Partial<StoredQueue['record']> = {}): StoredQueue {
  const { link, ...given } = anyQueue({ notifier: anyNotifier(), link: anyLink(), senderKey: anyKey() });
  const messages = [anyMessage(), anyMessage()];
  return {
    record: { ...given, linkId: link!.linkId, revision: 7, ...parts },
    link: link!.data,
    messages,
    notifications: [anyNotification()],
    lastId: messages[1]!.msgId,
  };
}

function withNotifierId({ record: { notifier } }: StoredQueue, notifierId: Uint8Array): { readonly notifier: Notifier } {
  return { notifier: { ...notifier!, notifierId } };
}

export function transferScenarios(bench: Bench): void {
  describe('what was written as it was read', () => {
    test('is the same in another store, and in a third', async () => {
      await furnished(bench.store);
      const first = await everything(bench.store);
      const counts = countsOf(first);
      await expectCounts(bench.store, counts);
      expect([first.queues.length, first.services.length]).toEqual([16, 3]);
      for (const limit of [1, 4]) {
        await bench.renew();
        expect(new Set(await written(bench.store, first))).toEqual(new Set(['written']));
        expect(await everything(bench.store, limit)).toEqual(first);
        await expectCounts(bench.store, counts);
      }
      if (!bench.canReopen) return;
      await bench.reopen();
      expect(await everything(bench.store)).toEqual(first);
      await expectCounts(bench.store, counts);
    });

    test('works as before: ids, links, quota, services, notifications, repeated calls', async () => {
      const { services, full, rich, notifications } = await furnished(bench.store);
      const all = await everything(bench.store);
      const { lastId } = all.queues.find(({ record }) => equalBytes(record.recipientId, rich.recipientId))!;
      await bench.renew();
      await written(bench.store, all);

      expect(await bench.store.find('sender', [rich.senderId])).toEqual([rich]);
      expect(await bench.store.find('link', [rich.linkId!])).toEqual([rich]);
      expect(await bench.store.find('notifier', [rich.notifier!.notifierId])).toEqual([rich]);
      expect(await bench.store.linkData(rich)).toEqual(all.queues.find(({ record }) => equalBytes(record.recipientId, rich.recipientId))!.link);
      expect(await bench.store.append(full, anyMessage(), options())).toEqual({ status: 'quota', expired: 0 });
      expect((await drained(bench.store, full)).map(({ kind }) => kind)).toEqual([...Array<string>(QUOTA).fill('message'), 'quota']);
      await appended(bench.store, full, QUOTA);

      expect(await bench.store.registerService(services.N, 0)).toEqual({ status: 'ok', service: services.N, created: false });
      expect(await bench.store.subscribeService(services.N.serviceId, 'N', 1)).toBe(1);
      expect(await bench.store.subscribeService(services.M.serviceId, 'M', 2)).toBe(1);
      const repeated = await bench.store.append(rich, anyMessage({ msgId: lastId }), options({ notification: anyNotification(), quota: 1000 }));
      expect(repeated).toEqual({ status: 'stored', deliverTo: null, notifyTo: 1, expired: 0 });
      expect(await bench.store.size(rich)).toBe(4);
      expect(await taken(bench.store, rich, 1)).toEqual(notifications);
    });

    test('a message that was acknowledged is known, one that a marker stood for is new', async () => {
      const [empty, full] = [await created(bench.store), await created(bench.store)];
      const [message] = await appended(bench.store, empty, 1);
      const refused = anyMessage();
      expect(await bench.store.append(full, refused, options({ quota: 0 }))).toMatchObject({ status: 'quota' });
      await drained(bench.store, empty);
      await drained(bench.store, full);
      const all = await everything(bench.store);
      await bench.renew();
      await written(bench.store, all);
      await bench.store.append(empty, message!, options());
      expect(await bench.store.size(empty)).toBe(0);
      await bench.store.append(full, refused, options());
      expect(await head(bench.store, full)).toEqual(refused);
    });

    test('notifications that come afterwards follow, and many replace the oldest', async () => {
      const queue = await createdWithNotifier(bench.store);
      const before = await notified(bench.store, queue, 100);
      const all = await everything(bench.store);
      await bench.renew();
      await written(bench.store, all);
      const after = await notified(bench.store, queue, 60);
      await bench.store.subscribeNotifiers([queue], 1, null);
      const waiting = await taken(bench.store, queue, 1);
      expect(waiting.length).toBeGreaterThanOrEqual(128);
      expect(waiting).toEqual([...before, ...after].slice(-waiting.length));
      await expectCounts(bench.store, { notifications: 0 });
    });

    test('belongs to whoever wrote it: arguments are not kept, results are their own', async () => {
      const [queue, service] = [strange(), anyService('P')];
      expect(await careless(bench.store).writeQueue(queue)).toEqual({ status: 'written' });
      expect(await careless(bench.store).writeService(service)).toEqual({ status: 'written' });
      for (const store of [careless(bench.store), bench.store]) {
        expect(await everything(store)).toEqual({ queues: [queue], services: [service] });
      }
    });
  });

  describe('writing again', () => {
    test('changes nothing, also at once', async () => {
      const [queue, service] = [strange(), anyService('N')];
      const queues = await Promise.all([1, 2, 3].map(() => bench.store.writeQueue(queue)));
      const services = await Promise.all([1, 2, 3].map(() => bench.store.writeService(service)));
      for (const answers of [queues, services]) {
        expect(answers.map(({ status }) => status).sort()).toEqual(['present', 'present', 'written']);
      }
      expect(await written(bench.store, { queues: [queue], services: [service] })).toEqual(['present', 'present']);
      expect(await everything(bench.store)).toEqual({ queues: [queue], services: [service] });
      await expectCounts(bench.store, { queues: 1, messages: 2, notifications: 1, notifiers: 1, notifierServices: 1 });
    });

    test('brings nothing back that was changed or received since', async () => {
      const queue = strange();
      await bench.store.writeQueue(queue);
      const off = changed(await bench.store.suspend(queue.record));
      await drained(bench.store, off);
      const now = changed(await bench.store.deleteNotifier(off, null));
      expect(await bench.store.writeQueue(queue)).toEqual({ status: 'present' });
      expect(await present(bench.store, queue.record)).toEqual(now);
      expect(await bench.store.size(now)).toBe(0);
    });

    test('an id that another queue has is a collision, and the others stay free', async () => {
      const queue = strange();
      await bench.store.writeQueue(queue);
      const [recipientId, senderId, notifierId, linkId] = idsOf(queue) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      for (const parts of [{ recipientId }, { senderId }, withNotifierId(queue, notifierId), { linkId }, { recipientId, senderId }]) {
        const other = strange(parts);
        expect(await bench.store.writeQueue(other)).toEqual({ status: 'collision' });
        const found = await Promise.all((['recipient', 'sender', 'notifier', 'link'] as const).map(
          async (party, i) => (await bench.store.find(party, [idsOf(other)[i]!]))[0],
        ));
        for (const each of found) expect([null, queue.record]).toContainEqual(each);
      }
      expect((await everything(bench.store)).queues).toEqual([queue]);
      await expectCounts(bench.store, { queues: 1, messages: 2, notifications: 1, notifiers: 1 });
    });

    test('a certificate that is registered otherwise is a collision', async () => {
      const service = anyService('N');
      await bench.store.registerService(service, 100);
      expect(await bench.store.writeService(service)).toEqual({ status: 'present' });
      for (const parts of [{ serviceId: anyId() }, { role: 'M' as const }]) {
        expect(await bench.store.writeService({ ...service, ...parts })).toEqual({ status: 'collision' });
      }
      expect((await everything(bench.store)).services).toEqual([service]);
    });

    test('what is no whole queue is refused', async () => {
      const queue = strange();
      const marker = { kind: 'quota', msgId: anyId(), ts: DAY } as const;
      const broken: Partial<StoredQueue>[] = [
        { link: null }, { record: { ...queue.record, linkId: null } }, { record: { ...queue.record, notifier: null } },
        { record: { ...queue.record, recipientKeys: [] } }, { messages: [marker, anyMessage()] }, { messages: [anyMessage({ msgId: bytes(0) })] },
      ];
      for (const parts of broken) await expect(bench.store.writeQueue({ ...queue, ...parts })).rejects.toMatchObject({ name: 'StoreError', code: 'FAILED' });
      expect(await bench.store.writeQueue({ ...queue, messages: [anyMessage(), marker], lastId: marker.msgId })).toEqual({ status: 'written' });
    });
  });

  describe('a walk', () => {
    test('of an empty store ends', async () => {
      expect(await everything(bench.store)).toEqual({ queues: [], services: [] });
    });

    test('takes bounded pages, and refuses what is no cursor', async () => {
      const message = anyMessage({ body: bytes(16_000) });
      for (let i = 0; i < 60; i++) await bench.store.writeQueue({ ...strange(), messages: Array(16).fill(message) });
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<QueueStore['readQueues']>> = await bench.store.readQueues(cursor, 1000);
        expect(page.queues.length).toBeLessThan(30);
        cursor = page.cursor;
      } while (cursor !== null);
      expect(await allQueues(bench.store, 9)).toHaveLength(60);
      await expect(bench.store.readQueues('no cursor', 5)).rejects.toMatchObject({ code: 'FAILED' });
    });

    test('misses nothing that was there all along, while queues come and go', async () => {
      const queues = await Promise.all(Array.from({ length: 150 }, () => created(bench.store)));
      const [leaving, staying] = [queues.slice(0, 50), queues.slice(50)];
      const found = await allQueues(bench.store, 10, async () => {
        const gone = leaving.pop();
        if (gone !== undefined) await bench.store.delete(gone, null);
        await created(bench.store);
        await bench.store.append(staying[leaving.length]!, anyMessage(), options({ quota: 1000 }));
      });
      const ids = found.map(({ record }) => record.recipientId);
      for (const { recipientId } of staying) expect(ids.some((id) => equalBytes(id, recipientId))).toBe(true);
    });

    test('goes on after a restart', async () => {
      const queues = await Promise.all(Array.from({ length: 30 }, () => created(bench.store)));
      const first = await bench.store.readQueues(null, 10);
      await bench.reopen();
      const rest = first.cursor === null ? [] : await allQueues(bench.store, 10, undefined, first.cursor);
      const seen = [...whole(first.queues), ...rest].map(({ record }) => toBase64Url(record.recipientId));
      expect(new Set(seen)).toEqual(new Set(queues.map(({ recipientId }) => toBase64Url(recipientId))));
    });
  });
}
