/**
 * Notifications that wait for their notifier (SMP §6.7), numbered as they come. When nobody takes them, a new one
 * replaces the oldest, so that a notifier without a subscriber costs a bounded amount of space.
 */
import { equalBytes } from '@polyplex/base';
import type { Notification } from '@polyplex/store-contract';
import type { Engine } from './engine.ts';
import { afterOwner, listKey, ownerOf } from './keys.ts';

export const MAX_KEPT = 128;

/** Keeps a notification; `number` is larger by one than that of the queue's last one. */
export function keepPending(engine: Engine, notifierId: Uint8Array, number: number, notification: Notification): void {
  const { notifications } = engine.tables;
  notifications.put(listKey(notifierId, number), notification);
  const replaced = number >= MAX_KEPT && notifications.remove(listKey(notifierId, number - MAX_KEPT));
  engine.counters.add('notifications', replaced ? 0 : 1);
}

export function hasPending(engine: Engine, notifierId: Uint8Array): boolean {
  if (engine.counters.committed.notifications === 0) return false;
  const first = engine.tables.notifications.firstKey(listKey(notifierId, 0));
  return first !== null && equalBytes(ownerOf(first), notifierId);
}

/** All that wait, oldest first; one that is damaged is passed over. */
export function pendingOf(engine: Engine, notifierId: Uint8Array): Notification[] {
  if (engine.counters.committed.notifications === 0) return [];
  const rows = engine.tables.notifications.rows(listKey(notifierId, 0), afterOwner(notifierId), MAX_KEPT);
  return rows.flatMap(({ value }) => value ?? []);
}

/** Takes up to `limit`, oldest first. One that is damaged goes, and is no answer. */
export function takePending(engine: Engine, notifierId: Uint8Array, limit: number): Notification[] {
  const { notifications } = engine.tables;
  const rows = notifications.rows(listKey(notifierId, 0), afterOwner(notifierId), limit);
  for (const { key } of rows) notifications.remove(key);
  engine.counters.add('notifications', -rows.length);
  return rows.flatMap(({ value }) => value ?? []);
}

/** Drops what waits for a notifier that goes away. */
export function removePending(engine: Engine, notifierId: Uint8Array): void {
  takePending(engine, notifierId, MAX_KEPT);
}
