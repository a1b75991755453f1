/** What words from other nodes mean for the connections of this one. */
import type { Engine } from './engine.ts';
import { tell } from './engine.ts';
import { tellHere } from './service-events.ts';
import { sessionSize } from './subscriptions.ts';
import type { Word } from './words.ts';

type Of<T extends Word['type']> = Word & { readonly type: T };
type Hear = { readonly [T in Word['type']]: (engine: Engine, word: Of<T>) => void };

const HEAR: Hear = {
  L: (engine, { kind, how, id, epoch }) => tell(engine, engine.claims.lost(kind, id, epoch, how)),
  W: (engine, { id, epoch }) => tell(engine, engine.claims.woken('recipient', id, epoch)),
  N: (engine, { id, epoch }) => tell(engine, engine.claims.woken('notifier', id, epoch)),
  V: ({ sessions, listener }, { serviceId, recipientId, notifierId }) => {
    const session = sessions.of(serviceId);
    if (session !== null) listener.wakeNotifier({ recipientId, notifierId }, session.connection);
  },
  C: (engine, { how, serviceId, notifierId }) => {
    const session = engine.sessions.of(serviceId);
    if (session !== null) tellHere(engine, session, notifierId, { how, by: null });
  },
  S: ({ sessions, listener }, { serviceId, epoch, queues }) => {
    const session = sessions.of(serviceId);
    if (session?.epoch !== epoch) return;
    sessions.end(session);
    listener.serviceEnded(serviceId, sessionSize(session, queues), session.connection);
  },
  B: ({ claims, listener }, { id, epoch, info }) => {
    const connection = claims.holder('recipient', id, epoch);
    if (connection !== null) listener.blocked(id, info, connection);
  },
};

export function hear(engine: Engine, word: Word): void {
  (HEAR[word.type] as (engine: Engine, word: Word) => void)(engine, word);
}
