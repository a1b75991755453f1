/** Which function handles which command. A command without a handler does not compile. */
import type { SmpCommandTag } from '@polyplex/protocol-smp';
import type { Outcome, QueueContext, QueueHandler, SessionHandler } from '../context.ts';
import { RFWD } from '../forwarded.ts';
import { PFWD, PRXY } from '../proxy-handlers.ts';
import { createQueue } from './new.ts';
import { NSUBS, SUBS, subscribeNotifiers } from './notifier.ts';
import { ACK, GET, subscribe } from './receive.ts';
import { DEL, KEY, LDEL, LSET, NDEL, NKEY, OFF, QUE, RKEY } from './recipient.ts';
import { LGET, LKEY, SEND, SKEY } from './sender.ts';

/** Commands that come many to a block: their handler takes the list and makes one step of the store. */
export const batchHandlers = { SUB: subscribe, NSUB: subscribeNotifiers } as const;

const one =
  <T extends SmpCommandTag>(batch: (contexts: readonly QueueContext<T>[]) => Promise<readonly Outcome[]>): QueueHandler<T> =>
  async (context) =>
    (await batch([context]))[0]!;

const ofQueue = {
  SUB: one(subscribe),
  KEY, RKEY, LSET, LDEL, NKEY, NDEL, GET, ACK, OFF, DEL, QUE,
  SKEY, SEND, LKEY, LGET,
  NSUB: one(subscribeNotifiers),
} satisfies { [T in SmpCommandTag]?: QueueHandler<T> };

const ofSession = {
  NEW: createQueue,
  SUBS,
  NSUBS,
  PRXY,
  PFWD,
  RFWD,
  PING: async () => Promise.resolve({ tag: 'PONG' } as const),
} satisfies { [T in Exclude<SmpCommandTag, keyof typeof ofQueue>]: SessionHandler<T> };

type QueueCommandTag = keyof typeof ofQueue;

export function queueHandlers(tag: SmpCommandTag): QueueHandler<never> {
  return ofQueue[tag as QueueCommandTag];
}

export function sessionHandlers(tag: SmpCommandTag): SessionHandler<never> {
  return ofSession[tag as keyof typeof ofSession];
}
