/**
 * Reading and writing everything, for moving to another engine. A walk goes over the keys of one primary after the other;
 * its cursor holds good as long as no slots move.
 */
import { equalBytes, fromBase64Url } from '@polyplex/base';
import { decodeValue, encodeValue, isId, isWholeQueue, message as messageFormat, notification as notificationFormat, owned, service as serviceFormat, storeError } from '@polyplex/store-common';
import type { Item, QueuePage, QueueRecord, ServicePage, ServiceRecord, StoredQueue, Transfer, Written } from '@polyplex/store-contract';
import { each, type Engine, onQueue } from './engine.ts';
import { given, keep, fieldsOfRecord, recordOf } from './records.ts';
import { refer, referencesOf, unrefer } from './references.ts';
import { bytesOf, listOf, type Reply, textOfReply } from './redis-reply.ts';
import { scanStep } from './scan.ts';
import { join } from './service-sets.ts';

const KEPT_NOTIFICATIONS = 128;
/** What a page takes at once: a queue may have some MiB of messages. */
const QUEUES_PER_PAGE = 64;
const NONE = Buffer.alloc(0);

export function createTransfer(engine: Engine): Transfer {
  return {
    readQueues: (cursor, limit) => readQueues(engine, cursor, Math.min(limit, QUEUES_PER_PAGE)),
    readServices: (cursor, limit) => readServices(engine, cursor, limit),
    writeQueue: async (queue) => writeQueue(engine, queue),
    writeService: (service) => writeService(engine, owned(service)),
  };
}

async function readQueues(engine: Engine, cursor: string | null, limit: number): Promise<QueuePage> {
  const { redis, keys } = engine;
  const step = await scanStep(redis, { pattern: keys.pattern('q'), count: limit }, cursor);
  const ids = step.keys.map((key) => fromBase64Url(keys.ownerOf(key))).filter((id) => id !== null);
  const queues = await each(ids, (id) => readQueue(engine, id));
  return { queues: queues.filter((queue): queue is Item<StoredQueue> => queue !== null), cursor: step.cursor };
}

async function readQueue({ redis, keys }: Engine, id: Uint8Array): Promise<StoredQueue | null> {
  const reply = listOf(await redis.run('read-queue', [keys.queue(id), keys.messages(id), keys.link(id), keys.notifications(id)], []));
  const record = recordOf(id, reply[0]);
  if (record === null) return null;
  const [fixedData, userData] = listOf(reply[1]).map((part) => (part === null ? null : copyOf(part)));
  if ((record.linkId !== null) !== (fixedData instanceof Uint8Array)) throw storeError('DAMAGED');
  return {
    record,
    link: fixedData && userData ? { fixedData, userData } : null,
    messages: listOf(reply[2]).map((each) => decodeValue(messageFormat, copyOf(each))),
    notifications: listOf(reply[3]).map((each) => decodeValue(notificationFormat, copyOf(each))),
    lastId: copyOf(reply[4] ?? null),
  };
}

function copyOf(reply: Reply): Uint8Array {
  return reply instanceof Uint8Array ? new Uint8Array(reply) : new Uint8Array(0);
}

async function readServices({ redis, keys }: Engine, cursor: string | null, limit: number): Promise<ServicePage> {
  if (cursor !== null && !/^\d{1,20}$/.test(cursor)) throw storeError('FAILED', undefined, 'not a cursor of this store');
  const [next, members] = listOf(await redis.read(keys.services, ['HSCAN', keys.services, cursor ?? '0', 'COUNT', String(limit)]));
  const records = listOf(members).filter((_, i) => i % 2 === 1);
  const services = await each(records, async (record) => decodeValue(serviceFormat, copyOf(record)));
  const after = textOfReply(next);
  return { services, cursor: after === '0' ? null : after };
}

function writeQueue(engine: Engine, stored: StoredQueue): Promise<Written> {
  if (!isWholeQueue(stored)) throw storeError('FAILED', undefined, 'not a whole queue');
  const record = owned(stored.record);
  const references = referencesOf(record);
  if (!isId(record.recipientId) || !references.every(([, id]) => isId(id))) return Promise.resolve({ status: 'collision' });
  const args = argsOf(stored);
  const wanted: Wanted = { record, messages: stored.messages.length, notifications: Math.min(stored.notifications.length, KEPT_NOTIFICATIONS) };
  return onQueue(engine, record.recipientId, async (id) => {
    const found = await presentAs(engine, id, record);
    if (found !== null) return found;
    const results = await Promise.all(references.map((reference) => refer(engine, reference, id)));
    const made = references.filter((_, i) => results[i] === 'new');
    if (results.includes('taken')) {
      await unrefer(engine, made, id);
      return { status: 'collision' };
    }
    await join(engine, 'M', record.serviceId, id);
    await join(engine, 'N', record.notifier?.serviceId ?? null, id);
    return restore(engine, wanted, id, args);
  });
}

/** What is left to know of a queue whose parts are arguments already. */
interface Wanted {
  readonly record: QueueRecord;
  readonly messages: number;
  readonly notifications: number;
}

async function restore(engine: Engine, { record, messages, notifications }: Wanted, id: Uint8Array, args: readonly (string | Buffer)[]): Promise<Written> {
  const { redis, keys, counters } = engine;
  const reply = listOf(await redis.run('restore', [keys.queue(id), keys.messages(id), keys.link(id), keys.notifications(id)], args));
  if (textOfReply(reply[0]) !== 'ok') return (await presentAs(engine, id, record)) ?? { status: 'collision' };
  counters.replace(null, record);
  counters.add('messages', messages);
  counters.add('notifications', notifications);
  return { status: 'written' };
}

/** What there is already under the recipient id; null for nothing. */
async function presentAs({ redis, keys }: Engine, id: Uint8Array, record: QueueRecord): Promise<Written | null> {
  const found = recordOf(id, await redis.read(keys.queue(id), ['HGETALL', keys.queue(id)]));
  if (found === null) return null;
  return { status: equalBytes(found.senderId, record.senderId) && equalBytes(found.dhSecret, record.dhSecret) ? 'present' : 'collision' };
}

/** What `restore` is given, in memory of its own. */
function argsOf({ record, link, messages, notifications, lastId }: StoredQueue): (string | Buffer)[] {
  const kept = notifications.slice(-KEPT_NOTIFICATIONS).map((each) => given(encodeValue(notificationFormat, each)));
  const encoded = messages.map((each) => given(encodeValue(messageFormat, each)));
  const fields = [
    ...fieldsOfRecord(record),
    ...(lastId.length === 0 ? [] : ['i', keep(lastId)]),
    ...(messages.at(-1)?.kind === 'quota' ? ['x', '1'] : []),
    ...(messages[0] === undefined ? [] : ['t', String(messages[0].ts)]),
  ];
  return [
    link === null ? '' : '1', link === null ? NONE : keep(link.fixedData), link === null ? NONE : keep(link.userData),
    String(fields.length), String(encoded.length), String(kept.length), ...fields, ...encoded, ...kept,
  ];
}

async function writeService({ redis, keys }: Engine, service: ServiceRecord): Promise<Written> {
  const { serviceId, fingerprint, role } = service;
  if (!isId(serviceId) || !isId(fingerprint)) return { status: 'collision' };
  const reply = listOf(await redis.run(
    'register-service', [keys.services, keys.serviceRoles], [given(fingerprint), role, given(encodeValue(serviceFormat, service)), String(Number.MAX_SAFE_INTEGER)],
  ));
  if (textOfReply(reply[0]) === 'created') return { status: 'written' };
  const known = decodeValue(serviceFormat, bytesOf(reply[1])!);
  return { status: known.role === role && equalBytes(known.serviceId, serviceId) ? 'present' : 'collision' };
}
