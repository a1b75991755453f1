/** Messages: append by the quota rule, acknowledge, look at heads, expire (SMP §6.2, §6.4, §8.4). */
import { copyBytes, equalBytes } from '@polyplex/base';
import type { Acknowledged, Appended, Message, Messages, Notification, QueueRef, Stale } from '@polyplex/store-contract';
import { answer, type Engine, guarded, inOrder, onQueue, recordOf } from './engine.ts';
import { headOf, peekHead, put, removeExpired, removeHead, size } from './message-list.ts';
import { MessageBuffers } from './message-buffers.ts';
import { owned } from './owned.ts';
import { keepPending } from './pending-notifications.ts';
import { encodeValue, message as messageFormat, type QueueRow } from './value-formats.ts';

const QUOTA_FULL: Appended = { status: 'quota' };

interface Appending {
  readonly message: Message & { kind: 'message' };
  readonly encoded: Uint8Array;
  readonly quota: number;
  readonly notification: Notification | null;
}

export function createMessages(engine: Engine): Messages {
  const { queues } = engine.tables;
  const buffers = new MessageBuffers();
  return {
    append: (queue, message, quota, notification) =>
      guarded(engine, () => append(engine, buffers, queue, {
        message: { ...message, msgId: copyBytes(message.msgId) },
        encoded: buffers.encode(message),
        quota,
        notification: owned(notification),
      })),
    acknowledge: (queue, msgId) => acknowledge(engine, queue, copyBytes(msgId)),
    heads: (recipientIds) =>
      inOrder(engine, recipientIds, (ids) => {
        const heads = ids.map((id) => {
          const row = queues.get(id);
          return row === null ? null : headOf(engine, id, row);
        });
        return answer(heads);
      }),
    size: (queue) =>
      inOrder(engine, [queue.recipientId], ([id]) => {
        const row = queues.get(id!);
        return answer(row === null ? 0 : size(row));
      }),
    expireQueue: (queue, before) => {
      const recipientId = copyBytes(queue.recipientId);
      const work = () => answer(removeExpired(engine, recipientId, before));
      return engine.writes.run(work, { queues: [recipientId], frees: true });
    },
  };
}

function append(engine: Engine, buffers: MessageBuffers, queue: QueueRef, step: Appending): Promise<Appended | Stale> {
  return onQueue<Appended>(engine, queue, 'grows', (row, recipientId) => {
    const repeated = equalBytes(row.lastId, step.message.msgId);
    if (row.closed) return answer(QUOTA_FULL);
    if (!repeated) {
      if (size(row) >= step.quota) return putMarker(engine, row, recipientId, step.message);
      put(engine, recipientId, row, step);
    }
    const notifier = notify(engine, row, recipientId, repeated ? null : step.notification);
    const first = size(row) === (repeated ? 1 : 0);
    return () => {
      buffers.giveBack(step.encoded);
      const deliverTo = first ? engine.subscriptions.subscriber('recipient', recipientId) : null;
      return { status: 'stored', deliverTo, notifyTo: notifier() };
    };
  });
}

function putMarker(engine: Engine, row: QueueRow, recipientId: Uint8Array, { msgId, ts }: Message) {
  const marker: Message = { kind: 'quota', msgId, ts };
  put(engine, recipientId, row, { message: marker, encoded: encodeValue(messageFormat, marker) });
  return () => {
    // Nobody is told to deliver a marker; where it is the head, the subscriber has to look.
    const subscriber = size(row) === 0 ? engine.subscriptions.subscriber('recipient', recipientId) : null;
    if (subscriber !== null) engine.listener.wake(recipientId, subscriber);
    return QUOTA_FULL;
  };
}

/** Keeps the notification; what it returns tells, after the commit, who is subscribed to the queue's notifier. */
function notify(engine: Engine, row: QueueRow, recipientId: Uint8Array, notification: Notification | null) {
  if (notification === null) return () => null;
  const { notifier } = recordOf(recipientId, row);
  if (notifier === null) return () => null;
  keepPending(engine, notifier.notifierId, row.next, notification);
  return () => {
    if (notifier.serviceId === null) return engine.subscriptions.subscriber('notifier', notifier.notifierId);
    return engine.subscriptions.session(notifier.serviceId)?.connection ?? null;
  };
}

function acknowledge(engine: Engine, queue: QueueRef, msgId: Uint8Array): Promise<Acknowledged | Stale> {
  return onQueue<Acknowledged>(engine, queue, 'frees', (row, recipientId) => {
    const head = peekHead(engine, recipientId, row);
    if (head === null || !equalBytes(head.msgId, msgId)) {
      return answer({ status: 'ok', removed: null, next: headOf(engine, recipientId, row) });
    }
    const removed = { kind: head.kind, notify: head.kind === 'message' && head.notify };
    const after = removeHead(engine, recipientId, row);
    return answer({ status: 'ok', removed, next: headOf(engine, recipientId, after) });
  });
}
