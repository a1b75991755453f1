/** Notifier credentials of queues and their pending notifications (SMP §5.2 NKEY, NDEL; §6.7). */
import { idOfKey } from '@polyplex/base';
import { decodeValue, encodeValue, isId, notification as notificationFormat, owned, publicKey, sameService } from '@polyplex/store-common';
import type { Changed, Collision, ConnectionId, Notification, Notifier, NotifierRef, Notifiers, QueueRecord, QueueRef, Stale } from '@polyplex/store-contract';
import { countsOf } from './counters.ts';
import { each, type Engine, onQueue, ownerOf, recordIn, stepOn, tellLost, type Token, tokenOf } from './engine.ts';
import { given, recordOf } from './records.ts';
import { refer, unrefer } from './references.ts';
import { bytesOf, listOf, numberOf, type Reply, textOfReply } from './redis-reply.ts';
import { sessionToken, tellSession } from './service-events.ts';
import { join, leave } from './service-sets.ts';

const NONE = Buffer.alloc(0);

export function createNotifiers(engine: Engine): Notifiers {
  const { redis, keys } = engine;
  return {
    setNotifier: (queue, notifier, by) => setNotifier(engine, queue, owned(notifier), by),
    deleteNotifier: (queue, by) =>
      stepOn<Changed>(
        engine, queue, (id, revision) => redis.run('set-notifier', [keys.queue(id), keys.notifications(id)], [revision, NONE, NONE, NONE, NONE]),
        (reply, id) => replaced(engine, reply, id, by),
      ),
    takeNotifications: (notifiers, by, limit) => {
      const services = servicesOf(engine, by);
      services.catch(() => undefined); // each item says so
      return each(notifiers, (notifier) => take(engine, owned(notifier), { by, limit, services }));
    },
  };
}

function setNotifier(engine: Engine, queue: QueueRef, notifier: Notifier, by: ConnectionId | null): Promise<Changed | Collision | Stale> {
  const { redis, keys } = engine;
  const { notifierId, dhSecret, serviceId } = notifier;
  const args = [given(notifierId), given(encodeValue(publicKey, notifier.notifierKey)), given(dhSecret), serviceId === null ? NONE : given(serviceId)];
  let referred: Awaited<ReturnType<typeof refer>> = 'own';
  return stepOn<Changed | Collision>(
    engine, queue,
    async (id, revision) => {
      referred = await refer(engine, ['notifier', notifierId], id);
      if (referred === 'taken') return collisionOrStale(engine, id, revision);
      await join(engine, 'N', serviceId, id);
      const reply = await redis.run('set-notifier', [keys.queue(id), keys.notifications(id)], [revision, ...args]);
      if (textOfReply(listOf(reply)[0]) !== 'ok') await undo(engine, { notifier, isNew: referred === 'new' }, listOf(reply), id);
      return reply;
    },
    (reply, id) => (textOfReply(reply[0]) === 'collision' ? { status: 'collision' } : replaced(engine, reply, id, by)),
  );
}

/** A taken id is said only to whoever comes with the present record. */
async function collisionOrStale({ redis, keys }: Engine, id: Uint8Array, revision: string): Promise<Reply> {
  const record = await redis.read(keys.queue(id), ['HGETALL', keys.queue(id)]);
  return String(recordOf(id, record)?.revision) === revision ? ['collision'] : ['stale', record];
}

/** What was prepared for a notifier that the queue did not get. */
async function undo(engine: Engine, { notifier, isNew }: { notifier: Notifier; isNew: boolean }, reply: readonly Reply[], id: Uint8Array): Promise<void> {
  const present = recordOf(id, reply[1])?.notifier ?? null;
  // An answer without record is a collision: the queue has this id with other credentials.
  if (isNew) await unrefer(engine, [['notifier', notifier.notifierId]], id);
  if (notifier.serviceId !== null && !sameService(present?.serviceId ?? null, notifier.serviceId)) await leave(engine, 'N', notifier.serviceId, id);
}

/** The answer of `set-notifier`: whoever had the old one hears of it. */
async function replaced(engine: Engine, reply: readonly Reply[], id: Uint8Array, by: ConnectionId | null): Promise<Changed> {
  const queue = recordIn(reply, id);
  if (textOfReply(reply[0]) === 'same') return { status: 'ok', queue };
  const oldId = bytesOf(reply[2]);
  const oldService = bytesOf(reply[3]);
  const { counters } = engine;
  const now = countsOf(queue);
  counters.add('notifiers', (now.notifiers ?? 0) - Number(oldId !== null));
  counters.add('notifierServiceQueues', (now.notifierServiceQueues ?? 0) - Number(oldService !== null));
  counters.add('notifications', -numberOf(reply[5]));
  if (oldId !== null) await dropped(engine, queue, { notifierId: oldId, serviceId: oldService }, { token: tokenOf(reply[4]), by });
  return { status: 'ok', queue };
}

/** The notifier is gone: whoever had it hears so, and its id is free. */
async function dropped(
  engine: Engine, queue: QueueRecord, old: Pick<Notifier, 'notifierId' | 'serviceId'>, { token, by }: { token: Token | null; by: ConnectionId | null },
): Promise<void> {
  const { recipientId, notifier } = queue;
  tellLost(engine, 'notifier', recipientId, { token, how: 'deleted', by });
  tellSession(engine, old, { how: 'deleted', by });
  await unrefer(engine, [['notifier', old.notifierId]], recipientId);
  if (!sameService(notifier?.serviceId ?? null, old.serviceId)) await leave(engine, 'N', old.serviceId, recipientId);
}

interface Taking {
  readonly by: ConnectionId;
  readonly limit: number;
  /** The services whose session `by` is. */
  readonly services: Promise<readonly Uint8Array[]>;
}

/** The services that `by` is the session of, asked of Redis: other nodes may have them by now. */
async function servicesOf(engine: Engine, by: ConnectionId): Promise<readonly Uint8Array[]> {
  await engine.sessions.settled();
  const mine = [...engine.sessions.all()].filter(({ connection }) => connection === by);
  const held = await Promise.all(mine.map(async ({ service, epoch }) => {
    const serviceId = idOfKey(service);
    const token = await sessionToken(engine, serviceId);
    return token?.node === engine.node && token.epoch === epoch ? [serviceId] : [];
  }));
  return held.flat();
}

function take(engine: Engine, { recipientId, notifierId }: NotifierRef, taking: Taking): Promise<readonly Notification[]> {
  if (!isId(recipientId)) return Promise.resolve([]);
  const { redis, keys, counters } = engine;
  return onQueue(engine, recipientId, async (id) => {
    const { by, limit } = taking;
    const services = await taking.services;
    // A connection that was closed may still be named by the record.
    const owner = engine.claims.holds('notifier', id, by) ? ownerOf(engine, by) : '-';
    const reply = await redis.run('take', [keys.queue(id), keys.notifications(id)], [given(notifierId), owner, String(limit), ...services.map(given)]);
    const taken = listOf(reply);
    counters.add('notifications', -taken.length);
    return taken.map((each) => decodeValue(notificationFormat, new Uint8Array(each as Buffer)));
  });
}
