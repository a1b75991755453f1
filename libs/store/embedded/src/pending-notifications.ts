/**
 * Notifications that wait for their notifier (SMP §6.7). Each notifier has as many slots as a queue has room for
 * messages; when nobody takes them, a new notification replaces the oldest, so that a notifier without a subscriber
 * costs a bounded amount of space.
 */
import type { Notification } from '@polyplex/store-contract';
import type { Engine } from './engine.ts';
import { notificationKey } from './keys.ts';
import type { Row } from './tables.ts';
import type { StoredNotification } from './value-formats.ts';

const SLOTS = 128;

/** Keeps a notification of the message with this sequence number. */
export function keepPending(engine: Engine, notifierId: Uint8Array, order: number, notification: Notification): void {
  const { notifications } = engine.tables;
  const key = notificationKey(notifierId, order % SLOTS);
  if (!notifications.has(key)) engine.counters.add('notifications', 1);
  notifications.put(key, { order, ...notification });
}

function pendingRows(engine: Engine, notifierId: Uint8Array): Row<StoredNotification>[] {
  return engine.tables.notifications.rows(notificationKey(notifierId, 0), notificationKey(notifierId, SLOTS), SLOTS);
}

export function hasPending(engine: Engine, notifierId: Uint8Array): boolean {
  if (engine.counters.committed.notifications === 0) return false;
  return pendingRows(engine, notifierId).length > 0;
}

/** Takes up to `limit`, oldest first. */
export function takePending(engine: Engine, notifierId: Uint8Array, limit: number): Notification[] {
  const rows = pendingRows(engine, notifierId).sort((a, b) => a.value.order - b.value.order).slice(0, limit);
  for (const { key } of rows) engine.tables.notifications.remove(key);
  engine.counters.add('notifications', -rows.length);
  return rows.map(({ value: { ts, nonce, encMeta } }) => ({ ts, nonce, encMeta }));
}

/** Drops what waits for a notifier that goes away. */
export function removePending(engine: Engine, notifierId: Uint8Array): void {
  takePending(engine, notifierId, SLOTS);
}
