/** What the session of a service hears, on whichever node it is; and which node that is. */
import { copyBytes, idKey, type IdKey, SECOND } from '@polyplex/base';
import type { ConnectionId, Notifier, NotifierRef } from '@polyplex/store-contract';
import type { Lost } from './claims.ts';
import { type Engine, post, type Token, tokenOf } from './engine.ts';
import type { Session } from './sessions.ts';

/** How long a node remembers where the session of a service is; a session that moved looks itself for what went astray. */
export const REMEMBER_MS = 2 * SECOND;
const MAX_REMEMBERED = 1000;

interface Found {
  readonly token: Promise<Token | null>;
  readonly at: number;
}

const remembered = new WeakMap<Engine, Map<IdKey, Found>>();

/** The token of the session of a service, as Redis has it; null for none or when Redis does not say. */
export async function sessionToken(engine: Engine, serviceId: Uint8Array): Promise<Token | null> {
  const key = engine.keys.session(serviceId);
  return tokenOf(await engine.redis.read(key, ['HGET', key, 'o']));
}

function whereIs(engine: Engine, serviceId: Uint8Array): Promise<Token | null> {
  let services = remembered.get(engine);
  if (services === undefined) remembered.set(engine, (services = new Map<IdKey, Found>()));
  const key = idKey(serviceId);
  const now = performance.now();
  const known = services.get(key);
  if (known !== undefined && now - known.at < REMEMBER_MS) return known.token;
  if (services.size >= MAX_REMEMBERED) services.clear();
  const token = sessionToken(engine, serviceId).catch(() => {
    services.delete(key); // the next one asks again
    return null;
  });
  services.set(key, { token, at: now });
  return token;
}

/** The connection of this node whose session the service's notifications go to; null when it is on another node. */
export function sessionHere(engine: Engine, serviceId: Uint8Array): ConnectionId | null {
  return engine.sessions.of(serviceId)?.connection ?? null;
}

/** The session of the notifier's service hears that the notifier left it or is gone; `by` does not. */
export function tellSession(
  engine: Engine, { notifierId, serviceId }: Pick<Notifier, 'notifierId' | 'serviceId'>, { how, by }: { readonly how: Lost; readonly by: ConnectionId | null },
): void {
  if (serviceId === null) return;
  engine.sessions.left(idKey(notifierId));
  const session = engine.sessions.of(serviceId);
  if (session !== null) {
    tellHere(engine, session, notifierId, { how, by });
    return;
  }
  elsewhere(engine, serviceId, (node) => {
    post(engine, node, { type: 'C', how, serviceId, notifierId: copyBytes(notifierId) });
  });
}

export function tellHere(engine: Engine, session: Session, notifierId: Uint8Array, { how, by }: { readonly how: Lost; readonly by: ConnectionId | null }): void {
  session.ids.delete(idKey(notifierId));
  if (session.connection !== by) engine.listener[how]('notifier', copyBytes(notifierId), session.connection);
}

/** Notifications wait for a notifier whose service has its session on another node, if anywhere. */
export function wakeSession(engine: Engine, serviceId: Uint8Array, { recipientId, notifierId }: NotifierRef): void {
  elsewhere(engine, serviceId, (node) => post(engine, node, { type: 'V', serviceId, recipientId, notifierId }));
}

function elsewhere(engine: Engine, serviceId: Uint8Array, tellNode: (node: string) => void): void {
  void whereIs(engine, serviceId).then((token) => {
    if (token !== null && token.node !== engine.node) tellNode(token.node);
  });
}
