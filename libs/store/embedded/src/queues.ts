/** Queues: creation, lookup and the changes of a queue's state (SMP §5.1, §5.2, §8.5). */
import { type Clock, EMPTY_BYTES, equalBytes, idKey } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import { isId, owned } from '@polyplex/store-common';
import type {
  BlockingInfo, Changed, Collision, ConnectionId, Item, LinkData, NewQueue, Party, QueueRecord, QueueRef, Queues, Refused,
} from '@polyplex/store-contract';
import {
  answer, attempt, changeQueue, credentialsOf, type Engine, findQueue, type FoundQueue, guarded, now, onQueue, recordOf,
} from './engine.ts';
import { claimQueue, tellDeleted, tellNotifierDeleted, tellNotifierNew } from './events.ts';
import { removeAllMessages, size } from './message-list.ts';
import { missQueue } from './missing-queue.ts';
import { removePending } from './pending-notifications.ts';
import { createTouch } from './touch.ts';
import type { QueueRow } from './value-formats.ts';
import type { Finish } from './write-queue.ts';

const FIRST_REVISION = 1;
const COLLISION: Collision = { status: 'collision' };

export function createQueues(engine: Engine, clock: Clock): Queues {
  return {
    create: (queue, subscriber) => guarded(engine, () => createQueue(engine, queue, subscriber)),
    find: (party, ids) => now(engine, () => findAll(engine, party, ids)),
    secure: (queue, senderKey) => {
      const key = owned(senderKey);
      return onQueue<Changed | Refused>(engine, queue, 'grows', (row, recipientId) => {
        const record = recordOf(recipientId, row);
        if (record.senderKey === null) {
          return answer({ status: 'ok', queue: changeQueue(engine, row, record, { senderKey: key }) });
        }
        return answer(publicKeysEqual(record.senderKey, key) ? { status: 'ok', queue: record } : { status: 'refused' });
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
    touch: createTouch(engine, clock),
  };
}

function createQueue(engine: Engine, given: NewQueue, subscriber: ConnectionId | null): Promise<Changed | Collision> {
  const { link, ...held } = owned(given);
  const record: QueueRecord = { ...held, linkId: link?.linkId ?? null, revision: FIRST_REVISION };
  if (!idsOf(record).every(isId)) return Promise.resolve(COLLISION);
  const row: QueueRow = {
    revision: FIRST_REVISION,
    usedDay: record.usedDay,
    head: 0,
    next: 0,
    headTs: 0,
    closed: false,
    lastId: EMPTY_BYTES,
    notified: 0,
    credentials: credentialsOf(record),
  };
  return engine.writes.run<Changed | Collision>(
    () => {
      const found = findQueue(engine, record.recipientId);
      if (found !== null) return isSameCreation(found, row, record) ? created(engine, found, subscriber) : answer(COLLISION);
      if (isTaken(engine, record)) return answer(COLLISION);
      putQueue(engine, record, row, link?.data ?? null);
      const finish = created(engine, { row, record }, subscriber);
      return () => {
        if (record.notifier !== null) tellNotifierNew(engine, record.notifier);
        return finish();
      };
    },
    { queues: [idKey(record.recipientId)] },
  );
}

/** Whether an earlier call made this queue: no other has its secret. The rest may have changed since. */
function isSameCreation({ row, record }: FoundQueue, given: QueueRow, { senderId, dhSecret }: QueueRecord): boolean {
  if (row.revision === FIRST_REVISION) return equalBytes(row.credentials, given.credentials);
  return equalBytes(record.senderId, senderId) && equalBytes(record.dhSecret, dhSecret);
}

export function idsOf({ recipientId, senderId, notifier, linkId }: QueueRecord): Uint8Array[] {
  return [recipientId, senderId, ...(notifier === null ? [] : [notifier.notifierId]), ...(linkId === null ? [] : [linkId])];
}

/** Whether another queue has its sender, notifier or link id. */
export function isTaken({ tables }: Engine, { senderId, notifier, linkId }: QueueRecord): boolean {
  return tables.senders.has(senderId) ||
    (notifier !== null && tables.notifiers.has(notifier.notifierId)) ||
    (linkId !== null && tables.links.has(linkId));
}

/** Puts all of a new queue but its messages, and counts it. */
export function putQueue({ tables, counters }: Engine, record: QueueRecord, row: QueueRow, link: LinkData | null): void {
  const { recipientId, senderId, notifier, linkId } = record;
  tables.queues.put(recipientId, row);
  tables.senders.put(senderId, recipientId);
  if (notifier !== null) tables.notifiers.put(notifier.notifierId, recipientId);
  if (linkId !== null) tables.links.put(linkId, recipientId);
  if (link !== null) tables.linkData.put(recipientId, link);
  counters.replace(null, record);
}

function created(engine: Engine, { row, record }: FoundQueue, subscriber: ConnectionId | null): Finish<Changed> {
  return () => {
    if (subscriber !== null) {
      claimQueue(engine, record.recipientId, subscriber);
      // Only a repeated call finds messages.
      if (size(row) > 0) engine.listener.wake(record.recipientId, subscriber);
    }
    return { status: 'ok', queue: record };
  };
}

function findAll(engine: Engine, party: Party, ids: readonly Uint8Array[]): Item<QueueRecord | null>[] {
  const read = (id: Uint8Array): QueueRecord | null => findBy(engine, party, id);
  return ids.map((id) => attempt(engine, read, id));
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
  return onQueue<Changed | Refused>(engine, queue, 'frees', (row, recipientId, key) => {
    const record = recordOf(recipientId, row);
    if (record.status.state === 'off') return answer({ status: 'refused' });
    const after = changeQueue(engine, row, record, { status: { state: 'blocked', info } });
    return () => {
      const subscriber = engine.subscriptions.subscriber('recipient', key);
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
    engine.plan.claim(record.notifier.notifierId, null);
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
