/** Queues of an old relay into real stores: all of them as they were, none twice, and none that others stand in the way of. */
import { type RedisServer, startRedis } from '@polyplex/local-cluster';
import { type QueueStore, resultOf, StoreError, type StoredQueue, type Transfer } from '@polyplex/store-contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { unique } from './log-lines.ts';
import { checked, filesOf, idOf, imported, largeServer, newRedisStore, oldQueues, readServer, storedOf, vectorServer, verified } from './old-servers.ts';
import { anyLink, anyMessage, anyNotification, anyNotifier, anyQueue, anyService, create, DAY_TIME, linesText, messageLine, newService, notificationLine } from './smp-lines.ts';
import { expectedOf, FOLDERS, hex, liveQueues } from './smp-vectors.ts';
import { newStore } from './support.ts';

const QUEUES = 1500;
const bench = {} as { store: QueueStore };

async function queuesIn(store: QueueStore): Promise<StoredQueue[]> {
  const found = new Map<string, StoredQueue>();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Transfer['readQueues']>> = await store.readQueues(cursor, 200);
    for (const queue of page.queues.map(resultOf)) found.set(hex(queue.record.recipientId), queue);
    cursor = page.cursor;
  } while (cursor !== null);
  return [...found.values()].sort((a, b) => (hex(a.record.recipientId) < hex(b.record.recipientId) ? -1 : 1));
}

const sorted = (queues: readonly StoredQueue[]): StoredQueue[] => [...queues].sort((a, b) => (hex(a.record.recipientId) < hex(b.record.recipientId) ? -1 : 1));

function scenarios(): void {
  test.each(FOLDERS)('%s comes whole: what the reference delivers from it is what a recipient finds', async (folder) => {
    const { server, bad } = await vectorServer(folder);
    const { outcomes, services, bad: badEntries } = await imported(bench.store, server);
    expect([bad, badEntries, outcomes.written, services.written]).toEqual([[], [], 50, 1]);
    for (const { recipientId, messages, dhSecret, linkId, linkFixedData, linkUserData } of liveQueues(folder)) {
      const [queue] = (await bench.store.find('recipient', [idOf(recipientId)])).map(resultOf);
      const found: unknown[] = [];
      for (let [head] = (await bench.store.heads([idOf(recipientId)], null)).map(resultOf); head?.head;) {
        const { head: message } = head;
        found.push(message.kind === 'quota' ? { msgId: hex(message.msgId), quota: true } : { msgId: hex(message.msgId), timestamp: message.ts, notification: message.notify, body: hex(message.body) });
        await bench.store.acknowledge(queue!, message.msgId, null);
        [head] = (await bench.store.heads([idOf(recipientId)], null)).map(resultOf);
      }
      expect(found).toEqual(messages);
      expect(hex(queue!.dhSecret)).toBe(dhSecret);
      const link = await bench.store.linkData(queue!);
      expect(link && [hex(link.fixedData), hex(link.userData)]).toEqual(linkId === undefined ? null : [linkFixedData, linkUserData]);
    }
    for (const { recipientId, senderId } of expectedOf(folder).queues.filter(({ status }) => status === 'deleted')) {
      expect(await Promise.all([bench.store.find('recipient', [idOf(recipientId)]), bench.store.find('sender', [idOf(senderId)])])).toEqual([[null], [null]]);
    }
  });

  test('of every kind come as they were, and are verified', async () => {
    const { queues, server } = await largeServer(QUEUES);
    const first = await imported(bench.store, server);
    expect([first.outcomes.written, first.services.written, first.bad]).toEqual([QUEUES, 2, []]);
    expect(await queuesIn(bench.store)).toEqual(sorted(queues.map(storedOf)));
    expect(await verified(bench.store, server)).toMatchObject({ right: { queues: QUEUES, services: 2 }, different: { count: 0 }, absent: { count: 0 }, absentServices: 0, others: 0 });
    const again = await imported(bench.store, server);
    expect([again.outcomes.present, again.services.present]).toEqual([QUEUES, 2]);
  });

  test('that was interrupted, also by a store that fails, goes on', async () => {
    const { queues, server } = await largeServer(700);
    const interrupted = await imported(bench.store, server, { queues: 100 });
    expect(interrupted.outcomes.written).toBeLessThan(700);
    let left = 150;
    const failing: Pick<Transfer, 'writeQueue' | 'writeService'> = {
      writeService: (service) => bench.store.writeService(service),
      writeQueue: async (queue) => (left-- > 0 ? bench.store.writeQueue(queue) : Promise.reject(new StoreError('FULL', 'full'))),
    };
    await expect(imported(failing, server)).rejects.toMatchObject({ code: 'FULL' });
    const last = await imported(bench.store, server);
    expect(last.outcomes.written + last.outcomes.present).toBe(700);
    expect(last.outcomes.present).toBeGreaterThan(0);
    expect(await queuesIn(bench.store)).toEqual(sorted(queues.map(storedOf)));
  });

  test('meets others that have its ids, and leaves them alone', async () => {
    const service = anyService('M');
    const [wanted, free] = [anyQueue(), anyQueue()];
    const other = storedOf({ queue: anyQueue({ senderId: wanted.senderId }), messages: [anyMessage()], notifications: [] });
    await bench.store.writeQueue(other);
    await bench.store.writeService({ ...service, serviceId: unique(24) });
    const { server } = await readServer({ log: linesText([newService(service), create(wanted), create(free)]), messages: null, notifications: null });
    const { outcomes, services, found } = await imported(bench.store, server);
    expect([outcomes, services]).toMatchObject([{ collision: 1, written: 1 }, { collision: 1, written: 0 }]);
    expect(found.map(({ line }) => line).sort()).toEqual([2, 3]);
    expect(await verified(bench.store, server)).toMatchObject({ right: { queues: 1 }, absent: { count: 1, lines: [2] }, absentServices: 1, others: 1 });
  });

  test('is found out where the store has other notifications, or another state', async () => {
    const { queues, server } = await largeServer(60);
    const noted = queues.findIndex(({ notifications }) => notifications.length > 0);
    const active = queues.findIndex(({ queue }, i) => i !== noted && queue.status.state === 'active');
    await bench.store.writeQueue({ ...storedOf(queues[noted]!), notifications: [] });
    await bench.store.writeQueue({ ...storedOf(queues[active]!), record: { ...storedOf(queues[active]!).record, status: { state: 'off' } } });
    expect((await imported(bench.store, server)).outcomes).toMatchObject({ written: 58, present: 2 });
    const { different } = await verified(bench.store, server);
    expect([...different.lines].sort((a, b) => a - b)).toEqual([noted, active].map((i) => i + 3).sort((a, b) => a - b));
  });

  test('is found out where the store has something else', async () => {
    const { queues, server } = await largeServer(60);
    await imported(bench.store, server);
    const stored = await queuesIn(bench.store);
    const withMessages = stored.find(({ messages, record }) => messages.length > 1 && record.status.state === 'active')!;
    const withLink = stored.find(({ link, record }) => link !== null && record.recipientId !== withMessages.record.recipientId)!;
    const secured = stored.find(({ record }) => record.senderKey === null && ![withMessages, withLink].some((each) => each.record.recipientId === record.recipientId))!;
    await bench.store.acknowledge(withMessages.record, withMessages.messages[0]!.msgId, null);
    await bench.store.setLink(withLink.record, withLink.record.linkId!, { fixedData: withLink.link!.fixedData, userData: unique(7) });
    await bench.store.secure(secured.record, { kind: 'ed25519', raw: unique(32) });
    const gone = stored.find(({ record }) => ![withMessages, withLink, secured].some((each) => each.record.recipientId === record.recipientId))!;
    await bench.store.delete(gone.record, null);
    const lineOf = ({ record }: StoredQueue): number => 3 + queues.findIndex(({ queue }) => hex(queue.recipientId) === hex(record.recipientId));
    const { right, different, absent } = await verified(bench.store, server);
    expect(right.queues).toBe(56);
    expect([different.count, [...different.lines].sort((a, b) => a - b)]).toEqual([3, [withMessages, withLink, secured].map(lineOf).sort((a, b) => a - b)]);
    expect(absent).toMatchObject({ count: 1, lines: [lineOf(gone)] });
  });
}

describe('an import into the embedded store', () => {
  beforeEach(async () => {
    bench.store = await newStore();
  });
  scenarios();
});

describe('an import into Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    bench.store = await newRedisStore(redis.port);
  });
  scenarios();
});

describe('what is read', () => {
  test('is in the order of the messages first, then of the log, each queue once', async () => {
    const queues = oldQueues(40);
    const files = filesOf(queues);
    const withMessages = queues.filter(({ messages }) => messages.length > 0).reverse();
    const { server } = await readServer({ ...files, messages: filesOf(withMessages).messages });
    const { found } = await checked(server);
    const expected = [...withMessages, ...queues.filter(({ messages }) => messages.length === 0)];
    expect(found.map(({ queue }) => hex(queue.record.recipientId))).toEqual(expected.map(({ queue }) => hex(queue.recipientId)));
    expect((await checked(server)).found).toHaveLength(40);
  });

  test('leaves out what has expired, and says how much that is', async () => {
    const queue = anyQueue({ notifier: anyNotifier() });
    const messages = [1, 2, 1000, 3].map((ts) => anyMessage({ ts }));
    const notifications = [5, 2000, 6, 3000].map((ts) => anyNotification(ts));
    const { server } = await readServer(filesOf([{ queue, messages, notifications }]));
    const { found } = await checked(server, { rules: { messagesFrom: 500, notificationsFrom: 500 } });
    expect(found).toMatchObject([{ expired: { messages: 2, notifications: 2 }, queue: { messages: messages.slice(2), notifications: [notifications[1], notifications[3]] } }]);
  });

  test('has the newest notifications where there are very many', async () => {
    const queue = anyQueue({ notifier: anyNotifier() });
    const notifications = Array.from({ length: 300 }, (_, i) => anyNotification(DAY_TIME + i));
    const { server } = await readServer(filesOf([{ queue, messages: [], notifications }]));
    expect((await checked(server)).found[0]!.queue.notifications).toEqual(notifications.slice(-128));
  });

  test('has today as the day of last use where the log has none', async () => {
    const [old, used] = [anyQueue(), anyQueue()];
    const { server } = await readServer({ log: linesText([create(old, null), create(used)]), messages: null, notifications: null });
    expect((await checked(server)).found.map(({ queue }) => queue.record.usedDay)).toEqual([20_000 * 86_400, DAY_TIME]);
  });

  test('is without the lines that are wrong, which are told, and with everything else', async () => {
    const queue = anyQueue({ notifier: anyNotifier(), linkId: unique(24), link: anyLink() });
    const [one, two] = [anyMessage(), anyMessage()];
    const note = anyNotification();
    const { server, bad } = await readServer({
      log: linesText([create(queue), 'nonsense']),
      messages: linesText([messageLine(queue, one), messageLine(queue, anyMessage()).replace('flags=F', 'flags=?'), 'nonsense', messageLine(queue, two)]),
      notifications: linesText([notificationLine(queue.notifier!, anyNotification()).replace(/ [^ ]+$/, ' *'), notificationLine(queue.notifier!, note)]),
    });
    const { found, bad: badEntries } = await checked(server);
    expect(found).toMatchObject([{ queue: { messages: [one, two], notifications: [note], link: queue.link } }]);
    expect(bad).toMatchObject([['log', { line: 2, fault: 'WORD' }], ['messages', { line: 3, fault: 'WORD' }]]);
    expect(badEntries).toMatchObject([['messages', { line: 2, fault: 'FLAGS', loses: true }], ['notifications', { line: 1, loses: true }]]);
  });

  test('is not believed when the log has changed meanwhile', async () => {
    const queue = anyQueue({ linkId: unique(24), link: anyLink() });
    const log = linesText([create(queue)]);
    const { server } = await readServer({ log, messages: null, notifications: null });
    log.fill(0x20);
    const changed = { ...server, log: { read: async (at: number, bytes: number) => Promise.resolve(log.slice(at, at + bytes)) } };
    await expect(checked(changed)).rejects.toMatchObject({ name: 'OldServerError', code: 'CHANGED' });
  });
});
