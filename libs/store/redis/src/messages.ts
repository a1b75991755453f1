/** Messages: append by the quota rule, acknowledge, look at heads (SMP §6.2, §6.4). One call to Redis each. */
import { copyBytes } from '@polyplex/base';
import { encodeValue, isId, message as messageFormat, notification as notificationFormat, storeError } from '@polyplex/store-common';
import {
  type Acknowledged, type Appended, type AppendOptions, type ConnectionId, type Head, type Message, type Messages, type QueueRef,
  type Stale, StoreError,
} from '@polyplex/store-contract';
import { messageOf } from './claiming.ts';
import { each, type Engine, onQueue, ownerOf, post, stepOn, tokenOf } from './engine.ts';
import { given, keep, recordOf } from './records.ts';
import { bytesOf, listOf, numberOf, type Reply, textOfReply } from './redis-reply.ts';
import { sessionHere, wakeSession } from './service-events.ts';
import { slotOf } from './slots.ts';

export function createMessages(engine: Engine): Messages {
  const { redis, keys } = engine;
  return {
    append: async (queue, message, options) => append(engine, queue, message, options),
    acknowledge: (queue, msgId, by) => acknowledge(engine, queue, keep(msgId), by),
    heads: (recipientIds, by) => each(recipientIds, (given) => onQueue(engine, given, (id) => readHead(engine, id, by))),
    size: ({ recipientId }) => onQueue(engine, recipientId, async (id) => numberOf(await redis.read(keys.messages(id), ['LLEN', keys.messages(id)]))),
  };
}

async function append(engine: Engine, queue: QueueRef, message: Message & { kind: 'message' }, options: AppendOptions): Promise<Appended | Stale> {
  if (!isId(message.msgId)) throw storeError('FAILED', undefined, 'an id must have 1 to 255 bytes');
  const { redis, keys } = engine;
  const { quota, notification, expireBefore } = options;
  // Text first: the client writes each byte string as a piece of its own.
  const args = [
    String(quota), expireBefore === null ? '' : String(expireBefore), given(encodeValue(messageFormat, message)),
    notification === null ? '' : given(encodeValue(notificationFormat, notification)),
  ];
  if (engine.room.isBounded && isId(queue.recipientId) && !engine.room.has(slotOf(keys.queue(queue.recipientId)))) return { status: 'quota', expired: 0 };
  try {
    return await stepOn<Appended>(
      engine, queue,
      (id, revision) => redis.run('append', keys.queueWith(id, 'm', 'n'), [revision, ...args]),
      (reply, id) => answerAppend(engine, reply, id),
    );
  } catch (error) {
    // Redis has no memory left: to the sender the queue is full, and it tries again later.
    if (error instanceof StoreError && error.code === 'FULL') return { status: 'quota', expired: 0 };
    throw error;
  }
}

function answerAppend(engine: Engine, reply: readonly Reply[], recipientId: Uint8Array): Appended {
  const [status, expiredReply, messages, notifications, subscriber, notifierId, service, notifierSubscriber] = reply;
  const expired = numberOf(expiredReply);
  engine.counters.add('messages', numberOf(messages) - expired);
  engine.counters.add('notifications', numberOf(notifications));
  const deliverTo = subscriberHere(engine, recipientId, subscriber);
  if (textOfReply(status) === 'quota') {
    // Nobody is told to deliver a marker; where it is the head, the subscriber has to look.
    if (deliverTo !== null) engine.listener.wake(recipientId, deliverTo);
    return { status: 'quota', expired };
  }
  const notifyTo = notifierHere(engine, recipientId, { notifierId, service, subscriber: notifierSubscriber });
  return { status: 'stored', deliverTo, notifyTo, expired };
}

/** The subscriber, if it is a connection of this node; on another, it is woken. */
function subscriberHere(engine: Engine, recipientId: Uint8Array, reply: Reply | undefined): ConnectionId | null {
  const token = tokenOf(reply);
  if (token === null) return null;
  if (token.node === engine.node) return engine.claims.holder('recipient', recipientId, token.epoch);
  post(engine, token.node, { type: 'W', id: recipientId, epoch: token.epoch });
  return null;
}

interface NotifierReply {
  readonly notifierId: Reply | undefined;
  readonly service: Reply | undefined;
  readonly subscriber: Reply | undefined;
}

/** The same for whoever gets the queue's notifications. */
function notifierHere(engine: Engine, recipientId: Uint8Array, reply: NotifierReply): ConnectionId | null {
  const notifierId = bytesOf(reply.notifierId);
  if (notifierId === null) return null;
  const serviceId = bytesOf(reply.service);
  if (serviceId !== null) {
    const session = sessionHere(engine, serviceId);
    if (session === null) wakeSession(engine, serviceId, { recipientId, notifierId });
    return session;
  }
  const token = tokenOf(reply.subscriber);
  if (token === null) return null;
  if (token.node === engine.node) return engine.claims.holder('notifier', recipientId, token.epoch);
  post(engine, token.node, { type: 'N', id: recipientId, epoch: token.epoch });
  return null;
}

function acknowledge(engine: Engine, queue: QueueRef, msgId: Buffer, by: ConnectionId | null): Promise<Acknowledged | Stale> {
  const { redis, keys } = engine;
  const owner = by === null ? '' : ownerOf(engine, by);
  return stepOn<Acknowledged>(
    engine, queue,
    (id, revision) => redis.run('acknowledge', keys.queueWith(id, 'm'), [revision, owner, msgId]),
    (reply, id) => {
      const [, kind, notify, next] = reply;
      const removed = { Q: 'quota', M: 'message' }[textOfReply(kind)] as Message['kind'] | undefined;
      if (removed !== undefined) engine.counters.add('messages', -1);
      return {
        status: 'ok',
        removed: removed === undefined ? null : { kind: removed, notify: numberOf(notify) === 1 },
        next: isReleased(engine, id, by) ? null : messageOf(next),
      };
    },
  );
}

/** A record may still name a connection that was closed: releasing costs Redis nothing. */
function isReleased(engine: Engine, recipientId: Uint8Array, by: ConnectionId | null): boolean {
  return by !== null && !engine.claims.holds('recipient', recipientId, by);
}

async function readHead(engine: Engine, recipientId: Uint8Array, by: ConnectionId | null): Promise<Head | null> {
  if (!isId(recipientId)) return null;
  const { redis, keys } = engine;
  const owner = by === null ? '' : ownerOf(engine, by);
  const reply = listOf(await redis.run('heads', keys.queueWith(recipientId, 'm'), [owner]));
  if (reply.length === 0 || isReleased(engine, recipientId, by)) return null;
  const queue = recordOf(copyBytes(recipientId), reply[0]);
  return queue && { queue, head: messageOf(reply[1]) };
}
