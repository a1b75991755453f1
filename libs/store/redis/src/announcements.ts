/**
 * The session of a service hears of the notifications that already wait for its notifiers. This goes over all of its
 * queues, in bounded steps, and stops when the session has ended.
 */
import { idOfKey, SECOND } from '@polyplex/base';
import type { Engine } from './engine.ts';
import { bytesOf, listOf, numberOf, textOfReply } from './redis-reply.ts';
import { REMEMBER_MS } from './service-events.ts';
import type { Session } from './sessions.ts';
import { sameService } from '@polyplex/store-common';

const QUEUES_PER_STEP = '200';
/** From the moment in which a node looks up what it remembers, until the notification is stored. */
const IN_FLIGHT_MS = SECOND / 2;

/** Nobody waits for it; where Redis fails, the sweep goes over them again. */
export function announceService(engine: Engine, serviceId: Uint8Array, session: Session): void {
  setImmediate(() => void announce(engine, serviceId, session).catch(() => undefined));
}

/**
 * The same for a session that is new on this node: until every node has forgotten where the session was before, wake-ups
 * go there; so it looks a second time.
 */
export function announceNewSession(engine: Engine, serviceId: Uint8Array, session: Session): void {
  announceService(engine, serviceId, session);
  setTimeout(() => {
    if (engine.sessions.isCurrent(session)) announceService(engine, serviceId, session);
  }, REMEMBER_MS + IN_FLIGHT_MS).unref();
}

async function announce(engine: Engine, serviceId: Uint8Array, session: Session): Promise<void> {
  const key = engine.keys.serviceQueues(serviceId, 'N');
  let cursor = '0';
  do {
    const [next, members] = listOf(await engine.redis.read(key, ['SSCAN', key, cursor, 'COUNT', QUEUES_PER_STEP]));
    await Promise.all(listOf(members).map((member) => look(engine, session, bytesOf(member)!)));
    cursor = textOfReply(next);
  } while (cursor !== '0' && engine.sessions.isCurrent(session));
}

async function look(engine: Engine, session: Session, recipientId: Uint8Array): Promise<void> {
  const { redis, keys } = engine;
  const reply = listOf(await redis.run('pending', [keys.queue(recipientId), keys.notifications(recipientId)], []));
  const notifierId = bytesOf(reply[0]);
  if (notifierId === null || numberOf(reply[2]) === 0 || !engine.sessions.isCurrent(session)) return;
  if (!sameService(bytesOf(reply[1]), idOfKey(session.service))) return;
  engine.listener.wakeNotifier({ recipientId, notifierId }, session.connection);
}
