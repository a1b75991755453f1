/** Queues: creation, lookup and the changes of a queue's state (SMP §5.1, §5.2, §8.5). */
import { type Clock, equalBytes, idKey, type IdKey, idOfKey, SECOND } from '@polyplex/base';
import type { PublicKey } from '@polyplex/crypto';
import type {
  BlockingInfo, Changed, Collision, ConnectionId, NewQueue, Party, QueueRecord, QueueRef, Queues, Refused,
} from '@polyplex/store-contract';
import { answer, changeQueue, credentialsOf, type Engine, findQueue, guarded, now, onQueue, recordOf } from './engine.ts';
import { tellDeleted, tellNotifierDeleted } from './events.ts';
import { isKey } from './keys.ts';
import { removeAllMessages } from './message-list.ts';
import { missQueue } from './missing-queue.ts';
import { owned } from './owned.ts';
import { removePending } from './pending-notifications.ts';
import { storeError } from './store-failure.ts';
import type { QueueRow } from './value-formats.ts';

/** Days of last use wait this long for a group to join, then make one of their own. */
const TOUCH_DELAY_MS = 2 * SECOND;
const MAX_TOUCHED = 10_000;
const FIRST_REVISION = 1;
const NO_ID = new Uint8Array(0);

export function createQueues(engine: Engine, clock: Clock): Queues {
  const { tables } = engine;
  return {
    create: (queue) => guarded(engine, () => createQueue(engine, queue)),
    find: (party, ids) => now(engine, () => ids.map((id) => findBy(engine, party, id))),
    secure: (queue, senderKey) => {
      const key = owned(senderKey);
      return onQueue<Changed | Refused>(engine, queue, 'grows', (row, recipientId) => {
        const record = recordOf(recipientId, row);
        if (record.senderKey === null) {
          return answer({ status: 'ok', queue: changeQueue(engine, row, record, { senderKey: key }) });
        }
        return answer(sameKey(record.senderKey, key) ? { status: 'ok', queue: record } : { status: 'refused' });
      });
    },
    setRecipientKeys: (queue, keys) => {
      const recipientKeys = owned(keys);
      return onQueue(engine, queue, 'grows', (row, recipientId) =>
        answer({ status: 'ok', queue: changeQueue(engine, row, recordOf(recipientId, row), { recipientKeys }) }));
    },
    suspend: (queue) =>
      onQueue(engine, queue, 'frees', (row, recipientId) => {
        const record = recordOf(recipientId, row);
        const after = record.status.state === 'off' ? record : changeQueue(engine, row, record, { status: { state: 'off' } });
        return answer({ status: 'ok', queue: after });
      }),
    block: (queue, info) => blockQueue(engine, queue, info),
    unblock: (queue) =>
      onQueue<Changed | Refused>(engine, queue, 'frees', (row, recipientId) => {
        const record = recordOf(recipientId, row);
        if (record.status.state === 'off') return answer({ status: 'refused' });
        const active = record.status.state === 'active';
        const after = active ? record : changeQueue(engine, row, record, { status: { state: 'active' } });
        return answer({ status: 'ok', queue: after });
      }),
    delete: (queue, by) => onQueue(engine, queue, 'frees', (row, recipientId) => deleteQueue(engine, row, recipientId, by)),
    touch: createTouch(engine, clock, tables),
  };
}

function sameKey(a: PublicKey, b: PublicKey): boolean {
  return a.kind === b.kind && equalBytes(a.raw, b.raw);
}

function createQueue(engine: Engine, queue: NewQueue): Promise<Changed | Collision> {
  const { tables } = engine;
  const { link, ...given } = owned(queue);
  const { recipientId, senderId, notifier } = given;
  const ids = [recipientId, senderId, notifier?.notifierId, link?.linkId].filter((id) => id !== undefined);
  if (!ids.every(isKey)) return Promise.reject(storeError('FAILED', undefined, 'an id must have 1 to 255 bytes'));
  const record: QueueRecord = { ...given, linkId: link?.linkId ?? null, revision: FIRST_REVISION };
  const row: QueueRow = {
    revision: FIRST_REVISION,
    usedDay: record.usedDay,
    head: 0,
    next: 0,
    headTs: 0,
    closed: false,
    lastId: NO_ID,
    credentials: credentialsOf(record),
  };
  const taken = (): boolean =>
    tables.queues.has(recipientId) ||
    tables.senders.has(senderId) ||
    (notifier !== null && tables.notifiers.has(notifier.notifierId)) ||
    (link !== null && tables.links.has(link.linkId));
  return engine.writes.run<Changed | Collision>(
    () => {
      if (taken()) return answer({ status: 'collision' });
      tables.queues.put(recipientId, row);
      tables.senders.put(senderId, recipientId);
      if (notifier !== null) tables.notifiers.put(notifier.notifierId, recipientId);
      if (link !== null) {
        tables.links.put(link.linkId, recipientId);
        tables.linkData.put(recipientId, link.data);
      }
      engine.counters.replace(null, record);
      return answer({ status: 'ok', queue: record });
    },
    { queues: [recipientId] },
  );
}

function findBy(engine: Engine, party: Party, id: Uint8Array): QueueRecord | null {
  if (party === 'recipient') return findQueue(engine, id)?.record ?? missQueue(engine, id, 1);
  const { senders, notifiers, links } = engine.tables;
  const recipientId = { sender: senders, notifier: notifiers, link: links }[party].get(id);
  if (recipientId === null) return missQueue(engine, id, 2);
  return findQueue(engine, recipientId)?.record ?? null;
}

function blockQueue(engine: Engine, queue: QueueRef, given: BlockingInfo): ReturnType<Queues['block']> {
  const info = owned(given);
  return onQueue<Changed | Refused>(engine, queue, 'frees', (row, recipientId) => {
    const record = recordOf(recipientId, row);
    if (record.status.state === 'off') return answer({ status: 'refused' });
    const after = changeQueue(engine, row, record, { status: { state: 'blocked', info } });
    return () => {
      const subscriber = engine.subscriptions.subscriber('recipient', recipientId);
      if (subscriber !== null) engine.listener.blocked(recipientId, info, subscriber);
      return { status: 'ok', queue: after };
    };
  });
}

function deleteQueue(engine: Engine, row: QueueRow, recipientId: Uint8Array, by: ConnectionId | null) {
  const { tables } = engine;
  const record = recordOf(recipientId, row);
  const messages = removeAllMessages(engine, recipientId, row);
  tables.senders.remove(record.senderId);
  if (record.notifier !== null) {
    tables.notifiers.remove(record.notifier.notifierId);
    removePending(engine, record.notifier.notifierId);
  }
  if (record.linkId !== null) {
    tables.links.remove(record.linkId);
    tables.linkData.remove(recipientId);
  }
  tables.queues.remove(recipientId);
  engine.counters.replace(record, null);
  return () => {
    tellDeleted(engine, 'recipient', recipientId, by);
    if (record.notifier !== null) tellNotifierDeleted(engine, record.notifier, by);
    return { status: 'ok' as const, messages };
  };
}

/** Days of last use ride on a group of other steps where they can: nobody waits for them. */
function createTouch(engine: Engine, clock: Clock, { queues }: Engine['tables']): Queues['touch'] {
  let touched = new Map<IdKey, number>();
  let scheduled = false;

  function write(): void {
    scheduled = false;
    if (engine.writes.state !== null) return;
    const days = touched;
    touched = new Map();
    const work = () => {
      for (const [key, usedDay] of days) {
        const row = queues.get(idOfKey(key));
        if (row !== null && row.usedDay < usedDay) queues.put(idOfKey(key), { ...row, usedDay });
      }
      return answer(undefined);
    };
    engine.writes.run(work, { queues: [] }).catch((error: unknown) => {
      engine.log.warn('days of last use were not stored', { reason: error instanceof Error ? error.message : 'unknown' });
    });
  }

  return (queue, day) => {
    // The caller's record mostly shows that there is nothing to do.
    if ((queue as Partial<QueueRecord>).usedDay === day || touched.size >= MAX_TOUCHED) return;
    touched.set(idKey(queue.recipientId), day);
    if (scheduled) return;
    scheduled = true;
    clock.after(TOUCH_DELAY_MS, write);
  };
}
