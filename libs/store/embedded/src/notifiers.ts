/** Notifier credentials of queues and their pending notifications (SMP §5.2 NKEY, NDEL; §6.7). */
import { copyBytes, equalBytes, idKey } from '@polyplex/base';
import { isId, owned, sameNotifier } from '@polyplex/store-common';
import type {
  Changed, Collision, ConnectionId, Notification, Notifier, NotifierRef, Notifiers, QueueRecord, QueueRef, Stale,
} from '@polyplex/store-contract';
import { answer, changeQueue, eachInOrder, type Engine, findQueue, onQueue, recordOf, stale } from './engine.ts';
import { tellNotifierDeleted, tellNotifierNew } from './events.ts';
import { hasPending, removePending, takePending } from './pending-notifications.ts';
import type { QueueRow } from './value-formats.ts';
import type { Finish } from './write-queue.ts';

export function createNotifiers(engine: Engine): Notifiers {
  return {
    setNotifier: (queue, notifier, by) => setNotifier(engine, queue, owned(notifier), by),
    deleteNotifier: (queue, by) =>
      onQueue<Changed>(engine, queue, 'frees', (row, recipientId) => {
        const record = recordOf(recipientId, row);
        return record.notifier === null ? answer({ status: 'ok', queue: record }) : replace(engine, row, record, { notifier: null, by });
      }),
    takeNotifications: (notifiers, by, limit) =>
      eachInOrder(engine, notifiers, {
        // Mostly nothing waits, and then nothing is written.
        atOnce: ({ notifierId }) => (isId(notifierId) && hasPending(engine, notifierId) ? null : answer([])),
        work: (notifier) => take(engine, notifier, by, limit),
        keep: ({ recipientId, notifierId }) => ({ recipientId: copyBytes(recipientId), notifierId: copyBytes(notifierId) }),
      }),
  };
}

function setNotifier(engine: Engine, queue: QueueRef, notifier: Notifier, by: ConnectionId | null): Promise<Changed | Collision | Stale> {
  const recipientId = copyBytes(queue.recipientId);
  const { revision } = queue;
  return engine.writes.run<Changed | Collision | Stale>(
    () => {
      const row = engine.tables.queues.get(recipientId);
      const record = row && recordOf(recipientId, row);
      // A repeated call comes with the record from before the first one.
      if (record?.notifier && sameNotifier(record.notifier, notifier)) return answer({ status: 'ok', queue: record });
      if (record?.revision !== revision) return stale(recipientId, row);
      if (!isId(notifier.notifierId) || engine.tables.notifiers.has(notifier.notifierId)) return answer({ status: 'collision' });
      engine.tables.notifiers.put(notifier.notifierId, recipientId);
      return replace(engine, row!, record, { notifier, by });
    },
    { queues: [idKey(recipientId)] },
  );
}

interface Replacement {
  readonly notifier: Notifier | null;
  readonly by: ConnectionId | null;
}

function replace(engine: Engine, row: QueueRow, record: QueueRecord, { notifier, by }: Replacement): Finish<Changed> {
  const old = record.notifier;
  if (old !== null) {
    engine.tables.notifiers.remove(old.notifierId);
    removePending(engine, old.notifierId);
    engine.plan.claim(old.notifierId, null);
  }
  const queue = changeQueue(engine, row, record, { notifier });
  return () => {
    if (old !== null) tellNotifierDeleted(engine, old, by);
    if (notifier !== null) tellNotifierNew(engine, notifier);
    return { status: 'ok', queue };
  };
}

function take(engine: Engine, ref: NotifierRef, by: ConnectionId, limit: number): Finish<readonly Notification[]> {
  const notifier = findQueue(engine, ref.recipientId)?.record.notifier;
  const holds = notifier && equalBytes(notifier.notifierId, ref.notifierId) && engine.plan.holder(notifier) === by;
  return answer(holds === true ? takePending(engine, ref.notifierId, limit) : []);
}
