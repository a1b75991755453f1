/** Subscriptions of queues, notifiers and services (SMP §6.3, §6.8): who hears what, and who hears that it ended. */
import { copyBytes, idKey, type IdKey } from '@polyplex/base';
import { isId, sameService } from '@polyplex/store-common';
import {
  type Changed, type Claim, type ConnectionId, type Item, type QueueRecord, type QueueRef, type ServiceRole, type Stale, type Subscriptions,
} from '@polyplex/store-contract';
import { announceNewSession, announceService } from './announcements.ts';
import { calling, claimQueue, settle, tellPrevious } from './claiming.ts';
import type { Claim as Place } from './claims.ts';
import { each, type Engine, onQueue, ownerOf, post, recordIn, tell, tellLost, type Token, tokenOf } from './engine.ts';
import { given, recordOf } from './records.ts';
import { bytesOf, listOf, numberOf, type Reply, textOfReply } from './redis-reply.ts';
import { join, leave } from './service-sets.ts';
import { tellSession } from './service-events.ts';
import type { Session } from './sessions.ts';

const MISSING: Stale = { status: 'stale', queue: null };
const NONE = Buffer.alloc(0);

export function createSubscriptions(engine: Engine): Subscriptions {
  return {
    subscribe: (queues, by, withHeads) => calling(engine, by, () => each(queues, (ref): Promise<Claim> => {
      if (!isId(ref.recipientId)) return Promise.resolve(MISSING);
      const { revision } = ref;
      return onQueue(engine, ref.recipientId, (recipientId) => claimQueue(engine, { recipientId, revision }, by, withHeads));
    })),
    subscribeNotifiers: (queues, by, serviceId) =>
      calling(engine, by, () => subscribeNotifiers(engine, queues, by, serviceId && copyBytes(serviceId))),
    subscribeService: (serviceId, role, by) => calling(engine, by, async () => {
      const id = copyBytes(serviceId);
      const { size } = await inServiceTurn(engine, id, () => takeSession(engine, id, { by, role, added: 0 }));
      return size;
    }),
    release: async (by) => {
      // The records in Redis go on naming the connection, which harms nobody: this node knows better.
      engine.claims.release(by);
      engine.sessions.release(by);
    },
  };
}

type NotifierClaim = Changed | Stale;

async function subscribeNotifiers(
  engine: Engine, queues: readonly QueueRef[], by: ConnectionId, serviceId: Uint8Array | null,
): Promise<readonly Item<NotifierClaim>[]> {
  const { sessions } = engine;
  const joined = new Map<IdKey, number>();
  const added = new Set<IdKey>();
  const claims = each(queues, async (ref) => {
    const answer = await claimNotifier(engine, ref, by, serviceId);
    if (answer.status !== 'ok') return answer;
    const notifier = idKey(answer.queue.notifier!.notifierId);
    joined.set(notifier, sessions.now());
    if (answer.queue.revision !== ref.revision) added.add(notifier);
    return answer;
  });
  if (serviceId === null) return claims;
  return inServiceTurn(engine, serviceId, async () => {
    const answers = await claims;
    if (joined.size === 0) return answers;
    const { session } = await takeSession(engine, serviceId, { by, role: null, added: added.size });
    for (const [notifier, at] of joined) if (sessions.isStill(notifier, at)) session.ids.add(notifier);
    return answers;
  });
}

function claimNotifier(engine: Engine, ref: QueueRef, by: ConnectionId, serviceId: Uint8Array | null): Promise<NotifierClaim> {
  if (!isId(ref.recipientId)) return Promise.resolve(MISSING);
  const { revision } = ref;
  return onQueue(engine, ref.recipientId, async (recipientId) => {
    const { redis, keys, claims } = engine;
    await join(engine, 'N', serviceId, recipientId);
    // A service's session is no claim of each queue.
    const claim = serviceId === null ? claims.ask('notifier', recipientId, by) : null;
    const reply = await settle(engine, claim, redis.run(
      'subscribe-notifier', [keys.queue(recipientId), keys.notifications(recipientId)],
      [String(revision), ownerOf(engine, by), serviceId === null ? NONE : given(serviceId)],
    ));
    if (textOfReply(reply[0]) === 'stale') return notClaimed(engine, claim, recipientId, { serviceId, record: reply[1] });
    const queue = recordIn(reply, recipientId);
    if (claim === null) tellLost(engine, 'notifier', recipientId, { token: tokenOf(reply[2]), how: 'ended', by });
    else claimedDirectly(engine, claim, queue, reply);
    await moved(engine, queue, bytesOf(reply[4]), by);
    if (numberOf(reply[5]) > 0 && claim === null) announced(engine, queue, by);
    return { status: 'ok', queue };
  });
}

async function notClaimed(
  engine: Engine, claim: Place | null, recipientId: Uint8Array, { serviceId, record }: { serviceId: Uint8Array | null; record: Reply | undefined },
): Promise<Stale> {
  if (claim !== null) tell(engine, engine.claims.failed(claim));
  const queue = recordOf(copyBytes(recipientId), record);
  if (!sameService(queue?.notifier?.serviceId ?? null, serviceId)) await leave(engine, 'N', serviceId, recipientId);
  return { status: 'stale', queue };
}

function claimedDirectly(engine: Engine, claim: Place, queue: QueueRecord, reply: readonly Reply[]): void {
  // Whoever becomes the subscriber hears of what waits.
  claim.woken ||= numberOf(reply[5]) > 0;
  tell(engine, engine.claims.granted(claim, numberOf(reply[3]), queue.notifier!.notifierId));
  tellPrevious(engine, claim, reply[2]);
}

/** The notifier was associated with another service, or with none. */
async function moved(engine: Engine, { recipientId, notifier }: QueueRecord, oldService: Uint8Array | null, by: ConnectionId): Promise<void> {
  if (sameService(oldService, notifier!.serviceId)) return;
  engine.counters.add('notifierServiceQueues', Number(notifier!.serviceId !== null) - Number(oldService !== null));
  tellSession(engine, { notifierId: notifier!.notifierId, serviceId: oldService }, { how: 'ended', by });
  await leave(engine, 'N', oldService, recipientId);
}

function announced(engine: Engine, { recipientId, notifier }: QueueRecord, by: ConnectionId): void {
  if (!engine.claims.isGone(by)) engine.listener.wakeNotifier({ recipientId, notifierId: notifier!.notifierId }, by);
}

interface Taken {
  readonly session: Session;
  /** How many queues are associated in the role that was asked for. */
  readonly size: number;
}

/** Steps on the session of one service, in the order called. */
function inServiceTurn<T>(engine: Engine, serviceId: Uint8Array, step: () => Promise<T>): Promise<T> {
  return engine.sessions.change(engine.turns.run(`service ${idKey(serviceId)}` as IdKey, step));
}

interface Taking {
  readonly by: ConnectionId;
  /** When it asks for all queues. */
  readonly role: ServiceRole | null;
  /** How many queues were associated in the same call: they did not count to the previous session. */
  readonly added: number;
}

/** Makes `by` the session of the service; the previous one hears `serviceEnded`. */
async function takeSession(engine: Engine, serviceId: Uint8Array, { by, role, added }: Taking): Promise<Taken> {
  const { redis, keys, sessions } = engine;
  const reply = listOf(await redis.run(
    'claim-session', [keys.session(serviceId), keys.serviceQueues(serviceId, 'M'), keys.serviceQueues(serviceId, 'N')], [ownerOf(engine, by), role ?? ''],
  ));
  const { session, isNew, replaced } = sessions.claim(serviceId, by);
  session.epoch = numberOf(reply[2]);
  if (role !== null) {
    session.role = role;
    session.ids.clear();
  }
  const had = Math.max(0, numberOf(reply[1]) - added);
  if (replaced !== null) engine.listener.serviceEnded(serviceId, sessionSize(replaced, had), replaced.connection);
  tellPreviousSession(engine, serviceId, tokenOf(reply[0]), had);
  if (engine.claims.isGone(by)) sessions.end(session);
  else if (isNew) announceNewSession(engine, serviceId, session);
  else if (role === 'N') announceService(engine, serviceId, session);
  return { session, size: numberOf(reply[3]) };
}

function tellPreviousSession(engine: Engine, serviceId: Uint8Array, token: Token | null, queues: number): void {
  if (token !== null && token.node !== engine.node) post(engine, token.node, { type: 'S', serviceId, epoch: token.epoch, queues });
}

/** How many queues count to a session; `all`: how many there are in the role that it asked for. */
export function sessionSize(session: Session, all: number): number {
  return session.role === null ? session.ids.size : all;
}
