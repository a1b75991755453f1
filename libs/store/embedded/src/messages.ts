/** Messages: append by the quota rule, acknowledge, look at heads, expire (SMP §6.2, §6.4, §8.4). */
import { copyBytes, equalBytes } from '@polyplex/base';
import type { Acknowledged, Appended, AppendOptions, Message, Messages, QueueRef, Stale } from '@polyplex/store-contract';
import { answer, eachInOrder, type Engine, guarded, inOrder, onQueue, recordOf } from './engine.ts';
import { isId } from './keys.ts';
import { headOf, peekHead, put, removeExpired, removeHead, size } from './message-list.ts';
import { MessageBuffers } from './message-buffers.ts';
import { owned } from './owned.ts';
import { keepPending } from './pending-notifications.ts';
import { storeError } from './store-failure.ts';
import { encodeValue, message as messageFormat, type QueueRow } from './value-formats.ts';
import type { Finish } from './write-queue.ts';

interface Appending {
  readonly message: Message & { kind: 'message' };
  readonly encoded: Uint8Array;
  readonly options: AppendOptions;
}

export function createMessages(engine: Engine): Messages {
  const { queues } = engine.tables;
  const buffers = new MessageBuffers();
  return {
    append: (queue, message, options) =>
      guarded(engine, () => append(engine, buffers, queue, {
        message: { ...message, msgId: copyBytes(message.msgId) },
        encoded: buffers.encode(message),
        options: options.notification === null ? options : { ...options, notification: owned(options.notification) },
      })),
    acknowledge: (queue, msgId) => acknowledge(engine, queue, copyBytes(msgId)),
    heads: (recipientIds) => {
      const work = ({ recipientId }: { recipientId: Uint8Array }) => {
        const row = queues.get(recipientId);
        return answer(row === null ? null : headOf(engine, recipientId, row));
      };
      const items = recipientIds.map((recipientId) => ({ recipientId }));
      return eachInOrder(engine, items, { atOnce: work, work, keep: owned });
    },
    size: (queue) =>
      inOrder(engine, queue.recipientId, (id) => {
        const row = queues.get(id);
        return answer(row === null ? 0 : size(row));
      }),
  };
}

function append(engine: Engine, buffers: MessageBuffers, queue: QueueRef, step: Appending): Promise<Appended | Stale> {
  const { message, encoded, options: { quota, notification, expireBefore } } = step;
  if (!isId(message.msgId)) throw storeError('FAILED', undefined, 'an id must have 1 to 255 bytes');
  return onQueue<Appended>(engine, queue, 'grows', (found, recipientId) => {
    const { row, removed: expired } =
      expireBefore === null ? { row: found, removed: 0 } : removeExpired(engine, recipientId, found, expireBefore);
    if (row.closed) return answer({ status: 'quota', expired });
    const repeated = equalBytes(row.lastId, message.msgId);
    if (!repeated && size(row) >= quota) return putMarker(engine, row, recipientId, { message, expired });
    const notifier = notification === null ? null : recordOf(recipientId, row).notifier;
    if (!repeated) {
      const notified = notification !== null && notifier !== null;
      put(engine, recipientId, row, { message, encoded, notified });
      if (notified) keepPending(engine, notifier.notifierId, row.notified, notification);
    }
    const first = size(row) === (repeated ? 1 : 0);
    return () => {
      buffers.giveBack(encoded);
      const deliverTo = first ? engine.subscriptions.subscriber('recipient', recipientId) : null;
      return { status: 'stored', deliverTo, notifyTo: notifier && engine.subscriptions.holder(notifier), expired };
    };
  });
}

function putMarker(
  engine: Engine, row: QueueRow, recipientId: Uint8Array, { message: { msgId, ts }, expired }: { message: Message; expired: number },
): Finish<Appended> {
  const marker: Message = { kind: 'quota', msgId, ts };
  put(engine, recipientId, row, { message: marker, encoded: encodeValue(messageFormat, marker), notified: false });
  return () => {
    // Nobody is told to deliver a marker; where it is the head, the subscriber has to look.
    const subscriber = size(row) === 0 ? engine.subscriptions.subscriber('recipient', recipientId) : null;
    if (subscriber !== null) engine.listener.wake(recipientId, subscriber);
    return { status: 'quota', expired };
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
