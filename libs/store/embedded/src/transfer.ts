/**
 * Reading and writing everything, for moving to another engine. A page is read at one moment, between two turns of the
 * event loop; a queue is written in one step, with all its messages.
 */
import { copyBytes, equalBytes, idKey } from '@polyplex/base';
import { encodeValue, isId, isWholeQueue, message as messageFormat, owned, storeError } from '@polyplex/store-common';
import type {
  Item, Message, QueuePage, ServicePage, ServiceRecord, StoredQueue, Transfer, Written,
} from '@polyplex/store-contract';
import { cursorAfter, startOf } from './cursors.ts';
import { answer, attempt, credentialsOf, type Engine, findQueue, guarded, now, present, recordOf } from './engine.ts';
import { tellNotifierNew } from './events.ts';
import { messagesOf, putMessages } from './message-list.ts';
import { keepPending, MAX_KEPT, pendingOf } from './pending-notifications.ts';
import { idsOf, isTaken, putQueue } from './queues.ts';
import { SERVICE_COUNTERS } from './services.ts';
import { type QueueRow } from './value-formats.ts';
import type { Finish } from './write-queue.ts';

/** About a millisecond of work. */
const PAGE_BYTES = 1024 * 1024;
const ROWS_PER_PAGE = 200;

export function createTransfer(engine: Engine): Transfer {
  return {
    readQueues: (cursor, limit) => page(engine, () => readQueues(engine, startOf(cursor), Math.min(limit, ROWS_PER_PAGE))),
    readServices: (cursor, limit) => page(engine, () => readServices(engine, startOf(cursor), Math.min(limit, ROWS_PER_PAGE))),
    writeQueue: (queue) => guarded(engine, () => writeQueue(engine, queue)),
    writeService: (service) => guarded(engine, () => writeService(engine, owned(service))),
  };
}

/** Answers after the others have had their turn: a walk takes one page after the other. */
async function page<T>(engine: Engine, read: () => T): Promise<T> {
  const answered = await now(engine, read);
  await new Promise((resolve) => setImmediate(resolve));
  return answered;
}

function readQueues(engine: Engine, start: Uint8Array, limit: number): QueuePage {
  const rows = engine.tables.queues.rows(start, undefined, limit);
  const queues: Item<StoredQueue>[] = [];
  let bytes = 0;
  for (const { key, value } of rows) {
    const queue = attempt(engine, () => storedQueue(engine, key, present(value)));
    if (!(queue instanceof Error)) bytes += sizeOf(queue);
    queues.push(queue);
    if (bytes >= PAGE_BYTES) break;
  }
  const last = rows[queues.length - 1];
  return { queues, cursor: last === undefined || (queues.length === rows.length && rows.length < limit) ? null : cursorAfter(last.key) };
}

function storedQueue(engine: Engine, recipientId: Uint8Array, row: QueueRow): StoredQueue {
  const record = recordOf(recipientId, row);
  return {
    record,
    link: record.linkId === null ? null : present(engine.tables.linkData.get(recipientId)),
    messages: messagesOf(engine, recipientId, row),
    notifications: record.notifier === null ? [] : pendingOf(engine, record.notifier.notifierId),
    lastId: copyBytes(row.lastId),
  };
}

function sizeOf({ link, messages, notifications }: StoredQueue): number {
  const linkBytes = link === null ? 0 : link.fixedData.length + link.userData.length;
  const messageBytes = messages.reduce((sum, message) => sum + (message.kind === 'message' ? message.body.length : 0), 0);
  return linkBytes + messageBytes + notifications.reduce((sum, { encMeta }) => sum + encMeta.length, 0);
}

function readServices(engine: Engine, start: Uint8Array, limit: number): ServicePage {
  const rows = engine.tables.services.rows(start, undefined, limit);
  const services = rows.map(({ value }) => attempt(engine, () => present(value)));
  return { services, cursor: rows.length < limit ? null : cursorAfter(rows.at(-1)!.key) };
}

/** A queue in memory of this engine's own, messages encoded. */
interface Given {
  readonly queue: Omit<StoredQueue, 'messages'>;
  readonly messages: readonly Uint8Array[];
  readonly row: QueueRow;
}

function writeQueue(engine: Engine, stored: StoredQueue): Promise<Written> {
  if (!isWholeQueue(stored)) throw storeError('FAILED', undefined, 'not a whole queue');
  if (!idsOf(stored.record).every(isId)) return Promise.resolve({ status: 'collision' });
  const { messages, ...rest } = stored;
  const queue = owned({ ...rest, notifications: rest.notifications.slice(-MAX_KEPT) });
  const encoded = messages.map((message) => encodeValue(messageFormat, message));
  const given: Given = { queue, messages: encoded, row: rowOf(queue, messages) };
  return engine.writes.run<Written>(() => write(engine, given), { queues: [idKey(queue.record.recipientId)] });
}

function rowOf({ record, notifications, lastId }: Given['queue'], messages: readonly Message[]): QueueRow {
  return {
    revision: record.revision,
    usedDay: record.usedDay,
    head: 0,
    next: messages.length,
    headTs: messages[0]?.ts ?? 0,
    closed: messages.at(-1)?.kind === 'quota',
    lastId,
    notified: notifications.length,
    credentials: credentialsOf(record),
  };
}

function write(engine: Engine, { queue, messages, row }: Given): Finish<Written> {
  const { record, link, notifications } = queue;
  const found = findQueue(engine, record.recipientId)?.record;
  if (found !== undefined) {
    const same = equalBytes(found.senderId, record.senderId) && equalBytes(found.dhSecret, record.dhSecret);
    return answer({ status: same ? 'present' : 'collision' });
  }
  if (isTaken(engine, record)) return answer({ status: 'collision' });
  putQueue(engine, record, row, link);
  putMessages(engine, record.recipientId, messages);
  notifications.forEach((notification, number) => keepPending(engine, record.notifier!.notifierId, number, notification));
  return () => {
    if (record.notifier !== null) tellNotifierNew(engine, record.notifier);
    return { status: 'written' };
  };
}

function writeService(engine: Engine, service: ServiceRecord): Promise<Written> {
  const { serviceId, fingerprint, role } = service;
  if (!isId(serviceId) || !isId(fingerprint)) return Promise.resolve({ status: 'collision' });
  const { services } = engine.tables;
  const work = (): Finish<Written> => {
    const found = services.get(fingerprint);
    if (found !== null) return answer({ status: found.role === role && equalBytes(found.serviceId, serviceId) ? 'present' : 'collision' });
    services.put(fingerprint, service);
    engine.counters.add(SERVICE_COUNTERS[role], 1);
    return answer({ status: 'written' });
  };
  return engine.writes.run<Written>(work, { queues: [] });
}
