/** Queues: creation, lookup and the changes of a queue's state (SMP §5.1, §5.2, §8.5). */
import { copyBytes, equalBytes } from '@polyplex/base';
import { encodeValue, isId, owned, publicKey, queueStatus, recipientKeys as recipientKeysFormat, sameService, storeError } from '@polyplex/store-common';
import {
  type Changed, type Collision, type ConnectionId, type LinkData, type NewQueue, type Party, type QueueRecord, type QueueRef,
  type Queues, type QueueStatus, type Refused, type Stale,
} from '@polyplex/store-contract';
import { each, type Engine, onQueue, ownerOf, post, recordIn, stepOn, tell, tellLost, tokenOf } from './engine.ts';
import { calling, claimQueue, settle } from './claiming.ts';
import { FIRST_REVISION, fieldsOfRecord, given, recordOf, tokensOf } from './records.ts';
import { knows, lookUp, refer, type Reference, referencesOf, unrefer } from './references.ts';
import { numberOf, type Reply, textOfReply } from './redis-reply.ts';
import { join, leave } from './service-sets.ts';
import { tellSession } from './service-events.ts';
import { slotOf } from './slots.ts';
import { createTouch } from './touch.ts';

const COLLISION: Collision = { status: 'collision' };
const NONE = Buffer.alloc(0);

export function createQueues(engine: Engine): Queues {
  const { redis, keys } = engine;
  return {
    create: (queue, subscriber) => {
      const given = owned(queue);
      const create = (): Promise<Changed | Collision> => createQueue(engine, given, subscriber);
      return subscriber === null ? create() : calling(engine, subscriber, create);
    },
    find: (party, ids) => each(ids, (id) => findBy(engine, party, copyBytes(id))),
    secure: (queue, senderKey) => {
      const key = given(encodeValue(publicKey, senderKey));
      return stepOn<Changed | Refused>(
        engine, queue, (id, revision) => redis.run('secure', [keys.queue(id)], [revision, key]),
        (reply, id) => {
          if (textOfReply(reply[0]) === 'refused') return { status: 'refused' };
          engine.counters.add('securedQueues', numberOf(reply[2]));
          return { status: 'ok', queue: recordIn(reply, id) };
        },
      );
    },
    setRecipientKeys: (queue, recipientKeys) => {
      const encoded = given(encodeValue(recipientKeysFormat, recipientKeys));
      return stepOn<Changed>(
        engine, queue, (id, revision) => redis.run('set-recipient-keys', [keys.queue(id)], [revision, encoded]),
        (reply, id) => ({ status: 'ok', queue: recordIn(reply, id) }),
      );
    },
    suspend: (queue) => setStatus(engine, queue, { state: 'off' }) as Promise<Changed | Stale>,
    block: (queue, info) => blockQueue(engine, queue, owned(info)),
    unblock: (queue) => setStatus(engine, queue, { state: 'active' }),
    delete: (queue, by) => deleteQueue(engine, queue, by),
    touch: createTouch(engine),
  };
}

function setStatus(
  engine: Engine, queue: QueueRef, status: QueueStatus, changed: (reply: readonly Reply[], recipientId: Uint8Array) => void = () => undefined,
): Promise<Changed | Refused | Stale> {
  const encoded = given(encodeValue(queueStatus, status));
  return stepOn<Changed | Refused>(
    engine, queue, (id, revision) => engine.redis.run('set-status', [engine.keys.queue(id)], [revision, encoded]),
    (reply, id) => {
      if (textOfReply(reply[0]) === 'refused') return { status: 'refused' };
      changed(reply, id);
      return { status: 'ok', queue: recordIn(reply, id) };
    },
  );
}

function blockQueue(engine: Engine, queue: QueueRef, info: Parameters<Queues['block']>[1]): ReturnType<Queues['block']> {
  return setStatus(engine, queue, { state: 'blocked', info }, (reply, id) => {
    const token = tokenOf(tokensOf(reply[1]).subscriber);
    if (token === null) return;
    const here = token.node === engine.node ? engine.claims.holder('recipient', id, token.epoch) : null;
    if (here !== null) engine.listener.blocked(id, info, here);
    else if (token.node !== engine.node) post(engine, token.node, { type: 'B', id, epoch: token.epoch, info });
  });
}

async function createQueue(engine: Engine, queue: NewQueue, subscriber: ConnectionId | null): Promise<Changed | Collision> {
  const { link, ...rest } = queue;
  const record: QueueRecord = { ...rest, linkId: link?.linkId ?? null, revision: FIRST_REVISION };
  if (!isId(record.recipientId)) return COLLISION;
  if (!engine.room.has(slotOf(engine.keys.queue(record.recipientId)))) throw storeError('FULL');
  return onQueue(engine, record.recipientId, async (recipientId) => {
    const references = referencesOf(record);
    const results = await Promise.all(references.map((reference) => refer(engine, reference, recipientId)));
    const made = references.filter((_, i) => results[i] === 'new');
    if (results.includes('taken')) return giveBack(engine, made, recipientId);
    await join(engine, 'M', record.serviceId, recipientId);
    await join(engine, 'N', record.notifier?.serviceId ?? null, recipientId);
    const answer = await putQueue(engine, record, link?.data ?? null, subscriber);
    return answer ?? giveBack(engine, made, recipientId);
  });
}

/** Answers a collision; the ids that were taken for it are free again. */
async function giveBack(engine: Engine, made: readonly Reference[], recipientId: Uint8Array): Promise<Collision> {
  await unrefer(engine, made, recipientId);
  return COLLISION;
}

/** Null when the recipient id is another queue's. */
async function putQueue(engine: Engine, record: QueueRecord, link: LinkData | null, subscriber: ConnectionId | null): Promise<Changed | null> {
  const { redis, keys, claims } = engine;
  const { recipientId } = record;
  const claim = subscriber === null ? null : claims.ask('recipient', recipientId, subscriber);
  const reply = await settle(engine, claim, redis.run('create', [keys.queue(recipientId), keys.link(recipientId)], [
    subscriber === null ? '' : ownerOf(engine, subscriber), ...linkArgs(link), ...fieldsOfRecord(record),
  ]));
  const stored = recordIn(reply, recipientId);
  if (textOfReply(reply[0]) === 'ok') {
    engine.counters.replace(null, record);
    if (claim !== null) tell(engine, claims.granted(claim, 1));
    return { status: 'ok', queue: stored };
  }
  if (claim !== null) tell(engine, claims.failed(claim));
  await leaveUnless(engine, record, stored);
  return isSameCreation(stored, record) ? createdBefore(engine, stored, subscriber) : null;
}

/** A queue that is there already may not belong to the services that the wanted one was put in for. */
async function leaveUnless(engine: Engine, wanted: QueueRecord, stored: QueueRecord): Promise<void> {
  const [wantedService, storedService] = [wanted, stored].map(({ notifier }) => notifier?.serviceId ?? null) as [Uint8Array | null, Uint8Array | null];
  if (!sameService(wanted.serviceId, stored.serviceId)) await leave(engine, 'M', wanted.serviceId, stored.recipientId);
  if (!sameService(wantedService, storedService)) await leave(engine, 'N', wantedService, stored.recipientId);
}

function linkArgs(link: LinkData | null): (string | Buffer)[] {
  return link === null ? ['', NONE, NONE] : ['1', given(link.fixedData), given(link.userData)];
}

/** An earlier call made the queue: only then may messages wait in it. */
async function createdBefore(engine: Engine, stored: QueueRecord, subscriber: ConnectionId | null): Promise<Changed> {
  const claimed = subscriber === null ? null : await claimQueue(engine, stored, subscriber, false);
  if (subscriber !== null && claimed?.status === 'ok' && claimed.pending) engine.listener.wake(stored.recipientId, subscriber);
  return { status: 'ok', queue: stored };
}

/** Whether an earlier call made this queue: no other has its secret. The rest may have changed since. */
function isSameCreation(stored: QueueRecord, wanted: QueueRecord): boolean {
  if (!equalBytes(stored.senderId, wanted.senderId) || !equalBytes(stored.dhSecret, wanted.dhSecret)) return false;
  if (stored.revision !== FIRST_REVISION) return true;
  const { usedDay } = stored;
  return Buffer.from(fieldsText({ ...stored, usedDay })).equals(Buffer.from(fieldsText({ ...wanted, usedDay })));
}

function fieldsText(record: QueueRecord): string {
  return fieldsOfRecord(record).map((field) => (typeof field === 'string' ? field : field.toString('hex'))).join(' ');
}

/** A miss takes as many calls as a queue that is found: how long it takes must not tell which ids exist (SMP §8.1). */
async function findBy(engine: Engine, party: Party, id: Uint8Array): Promise<QueueRecord | null> {
  if (party === 'recipient') return isId(id) ? readQueue(engine, id) : null;
  if (!isId(id)) return null;
  const reference: Reference = [party, id];
  const recipientId = await lookUp(engine, reference);
  const record = await readQueue(engine, recipientId ?? id);
  return recipientId !== null && record !== null && knows(record, reference) ? record : null;
}

/** `recipientId` becomes part of the record. */
async function readQueue({ redis, keys }: Engine, recipientId: Uint8Array): Promise<QueueRecord | null> {
  const key = keys.queue(recipientId);
  return recordOf(recipientId, await redis.read(key, ['HGETALL', key]));
}

function deleteQueue(engine: Engine, queue: QueueRef, by: ConnectionId | null): ReturnType<Queues['delete']> {
  const { redis, keys, counters } = engine;
  return stepOn(
    engine, queue,
    (id, revision) => redis.run('delete', [keys.queue(id), keys.messages(id), keys.link(id), keys.notifications(id)], [revision]),
    async (reply, id) => {
      const record = recordIn(reply, id);
      const messages = numberOf(reply[2]);
      counters.replace(record, null);
      counters.add('messages', -messages);
      counters.add('notifications', -numberOf(reply[3]));
      const { subscriber, notifierSubscriber } = tokensOf(reply[1]);
      tellLost(engine, 'recipient', id, { token: tokenOf(subscriber), how: 'deleted', by });
      const { notifier, serviceId } = record;
      if (notifier !== null) {
        tellLost(engine, 'notifier', id, { token: tokenOf(notifierSubscriber), how: 'deleted', by });
        tellSession(engine, notifier, { how: 'deleted', by });
      }
      await Promise.all([
        unrefer(engine, referencesOf(record), id), leave(engine, 'M', serviceId, id), leave(engine, 'N', notifier?.serviceId ?? null, id),
      ]);
      return { status: 'ok' as const, messages };
    },
  );
}
