/** A notification server: it is subscribed to the notifiers of users, and hears that a message came. */
import { idKey, type IdKey } from '@polyplex/base';
import { addNotifier, connectSmp, type NotifierKeys, type SmpClient, subscribeAll, tlsDial } from '@polyplex/client';
import { SwarmError, timed, usage } from '../failure.ts';
import type { Operations } from '../protocol.ts';
import type { SwarmState } from '../state.ts';
import { KEY_KIND } from '../user.ts';
import { keysFor } from './contacts.ts';
import { sendOne } from './sending.ts';

/** Gives all queues of a user notifiers, as far as they have none, and subscribes to them. */
export async function notifications(state: SwarmState, { user: name }: Operations['notifications']['request']): Promise<Operations['notifications']['reply']> {
  const user = state.user(name);
  const server = await notifierOf(state);
  const missing = [...user.queues].filter(({ notifier }) => notifier === null);
  const { ms } = await timed('notifications', async () => {
    const made = await Promise.all(missing.map(async (inbound) => (inbound.notifier = await addNotifier(user.client, inbound.queue, KEY_KIND))));
    await subscribe(state, server, made);
  });
  for (const { queue, notifier } of missing) state.notifierOf.set(idKey(queue.senderId), idKey(notifier!.notifierId));
  return { queues: missing.length, notificationsMs: ms };
}

async function subscribe(state: SwarmState, server: SmpClient, notifiers: readonly NotifierKeys[]): Promise<void> {
  const subscriptions = notifiers.map(({ notifierId, key }) => ({ kind: 'NSUB' as const, entityId: notifierId, key }));
  for (const outcome of await subscribeAll(server, subscriptions, state.timeoutMs)) {
    if (outcome.result === 'refused') throw new SwarmError(outcome.error.type, 'notifications');
    if (outcome.result === 'failed') throw outcome.error;
  }
}

/** Opened when first needed, and again after it was lost; its subscriptions are then gone, and operations say so. */
function notifierOf(state: SwarmState): Promise<SmpClient> {
  state.notifier ??= timed('connect', () => connectSmp({
    address: state.address, dial: tlsDial({ allowAddress: () => true }), requestTimeoutMs: state.timeoutMs,
    onEvent: (entityId, reply) => {
      if (reply.tag === 'NMSG') state.notified.get(idKey(entityId))?.();
    },
  })).then(({ result }) => {
    void result.closed.then(() => (state.notifier = null));
    return result;
  });
  state.notifier.catch(() => (state.notifier = null));
  return state.notifier;
}

/** One message at a time and queue, others wait for their turn: a notification does not say of which message it is. */
export function notifiedSend(state: SwarmState, request: Operations['notifiedSend']['request']): Promise<Operations['notifiedSend']['reply']> {
  const { senderId } = keysFor(state.user(request.from), request.to);
  const notifier = state.notifierOf.get(idKey(senderId));
  if (notifier === undefined) throw usage(`${request.to} has no notifications: the operation notifications makes them`);
  const sent = (state.notifying.get(notifier) ?? Promise.resolve()).then(() => sendAndHear(state, notifier, request));
  state.notifying.set(notifier, sent.catch(() => undefined));
  return sent;
}

async function sendAndHear(
  state: SwarmState, notifier: IdKey, { from, to, bytes }: Operations['notifiedSend']['request'],
): Promise<Operations['notifiedSend']['reply']> {
  const sender = state.user(from);
  const keys = keysFor(sender, to);
  const started = performance.now();
  const heard = Promise.withResolvers<number>();
  const timer = setTimeout(() => heard.reject(new SwarmError('TIMEOUT', 'notify')), state.timeoutMs);
  state.notified.set(notifier, () => heard.resolve(performance.now() - started));
  heard.promise.catch(() => undefined); // awaited below, unless the message itself fails
  try {
    const sent = await sendOne({ deliveries: state.deliveries, through: sender.client, keys, to: state.user(to), bytes, notify: true });
    return { ...sent, notificationMs: await heard.promise };
  } finally {
    clearTimeout(timer);
    state.notified.delete(notifier);
  }
}
