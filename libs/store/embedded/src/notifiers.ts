/** Notifier credentials of queues and their pending notifications (SMP §5.2 NKEY, NDEL; §6.7). */
import { copyBytes } from '@polyplex/base';
import type { Changed, Collision, Notifier, Notifiers, QueueRecord } from '@polyplex/store-contract';
import { answer, changeQueue, type Engine, now, onQueue, recordOf } from './engine.ts';
import { tellNotifierDeleted } from './events.ts';
import { isKey } from './keys.ts';
import { owned } from './owned.ts';
import { hasPending, removePending, takePending } from './pending-notifications.ts';
import { storeError } from './store-failure.ts';
import type { QueueRow } from './value-formats.ts';

export function createNotifiers(engine: Engine): Notifiers {
  const { notifiers } = engine.tables;
  return {
    setNotifier: (queue, given) => {
      const notifier = owned(given);
      if (!isKey(notifier.notifierId)) return Promise.reject(storeError('FAILED', undefined, 'an id must have 1 to 255 bytes'));
      return onQueue<Changed | Collision>(engine, queue, 'grows', (row, recipientId) => {
        if (notifiers.has(notifier.notifierId)) return answer({ status: 'collision' });
        const done = replace(engine, row, recordOf(recipientId, row), notifier);
        notifiers.put(notifier.notifierId, recipientId);
        return done;
      });
    },
    deleteNotifier: (queue) =>
      onQueue<Changed>(engine, queue, 'frees', (row, recipientId) => {
        const record = recordOf(recipientId, row);
        return record.notifier === null ? answer({ status: 'ok', queue: record }) : replace(engine, row, record, null);
      }),
    takeNotifications: (notifierIds, limit) => take(engine, notifierIds, limit),
  };
}

function replace(engine: Engine, row: QueueRow, record: QueueRecord, notifier: Notifier | null) {
  const old = record.notifier;
  if (old !== null) {
    engine.tables.notifiers.remove(old.notifierId);
    removePending(engine, old.notifierId);
  }
  const queue = changeQueue(engine, row, record, { notifier });
  return () => {
    if (old !== null) tellNotifierDeleted(engine, old, null);
    return { status: 'ok' as const, queue };
  };
}

/** A look before the step: mostly nothing waits, and then nothing is written. */
async function take(engine: Engine, given: readonly Uint8Array[], limit: number): ReturnType<Notifiers['takeNotifications']> {
  const ids = given.map((id) => copyBytes(id));
  const waiting = await now(engine, () => ids.map((id) => isKey(id) && hasPending(engine, id)));
  if (!waiting.includes(true)) return ids.map(() => []);
  const work = () => answer(ids.map((id, i) => (waiting[i] === true ? takePending(engine, id, limit) : [])));
  return engine.writes.run(work, { queues: [], frees: true });
}
