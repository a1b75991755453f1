/** Work of the clock: expiry of messages and notifications, flushes, inactive connections (SMP §6.7, §8.4). */
import { type Clock, SECOND, unixSeconds } from '@polyplex/base';
import type { Sweep } from '@polyplex/store-contract';
import type { Relay } from './context.ts';

/** After this time what the store failed to give is looked for again. */
const RETRY_INTERVAL_MS = SECOND;

/** Starts all periodic work; answers what stops it. */
export function startSweeps(relay: Relay): () => void {
  const { clock, options } = relay;
  const expireMessages = once(relay, 'expire messages', async () => {
    const removed = await sweep(options.messageTtlMs, clock, (before, cursor) => relay.store.expireMessages(before, cursor));
    relay.stats.messagesExpired.add(removed);
  });
  const expireNotifications = once(relay, 'expire notifications', async () => {
    const removed = await sweep(options.notificationTtlMs, clock, (before, cursor) => relay.store.expireNotifications(before, cursor));
    relay.stats.notificationsExpired.add(removed);
  });
  const flush = once(relay, 'flush notifications', () => relay.delivery.flushNotifications());
  const stops = [
    clock.every(options.expireMessagesIntervalMs, expireMessages),
    clock.every(options.expireNotificationsIntervalMs, expireNotifications),
    clock.every(options.notificationIntervalMs, flush),
    clock.every(options.inactiveCheckMs, () => closeInactive(relay)),
    clock.every(RETRY_INTERVAL_MS, () => relay.delivery.retry()),
  ];
  if (options.expireOnStart) expireMessages();
  return () => {
    for (const stop of stops) stop();
  };
}

/** Runs a task unless it is still running; failures are logged and the next turn tries again. */
function once(relay: Relay, name: string, task: () => Promise<void>): () => void {
  let running = false;
  return () => {
    if (running) return;
    running = true;
    task()
      .catch((error: unknown) => relay.log.error(`${name} failed`, { error: String(error) }))
      .finally(() => (running = false));
  };
}

async function sweep(ttlMs: number, clock: Clock, step: (before: number, cursor: string | null) => Promise<Sweep>): Promise<number> {
  const before = unixSeconds(clock) - Math.floor(ttlMs / SECOND);
  let removed = 0;
  let cursor: string | null = null;
  do {
    const result: Sweep = await step(before, cursor);
    removed += result.removed;
    cursor = result.cursor;
    // Between steps the event loop serves clients.
    await new Promise((resolve) => setImmediate(resolve));
  } while (cursor !== null);
  return removed;
}

function closeInactive({ clock, options, delivery }: Relay): void {
  if (options.inactiveTtlMs === 0) return;
  const oldest = clock.now() - options.inactiveTtlMs;
  for (const { session, subscriptions } of delivery.clients) {
    if (!subscriptions.any && session.receivedAt < oldest && session.sentAt < oldest) session.connection.close('idle');
  }
}
