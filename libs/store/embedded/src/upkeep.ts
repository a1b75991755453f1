/** Counts, sweeps of what expired, health, and the end (SMP §8.4). Sweeps go in steps that leave time for the rest. */
import { statfs } from 'node:fs/promises';
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import type { Sweep, Upkeep } from '@polyplex/store-contract';
import { answer, type Engine, now } from './engine.ts';
import { afterOwner, ownerOf } from './keys.ts';
import { headExpired, removeExpired, size } from './message-list.ts';
import { asStoreError, storeError } from './store-failure.ts';

const QUEUES_PER_STEP = 500;
const MESSAGES_PER_STEP = 1000;
const NOTIFICATIONS_PER_STEP = 1000;
const START = new Uint8Array([0]);

export interface Housekeeping {
  /** A path on the file system that holds the data. */
  readonly path: string;
  /** Closes the environment and gives up the folder. */
  readonly release: () => Promise<void>;
}

export function createUpkeep(engine: Engine, { path, release }: Housekeeping): Upkeep {
  let closing: Promise<void> | null = null;
  return {
    counts: () => now(engine, () => engine.counters.committed),
    expireMessages: (before, cursor) => expireMessages(engine, before, cursor),
    expireNotifications: (before, cursor) => expireNotifications(engine, before, cursor),
    room: async () => {
      try {
        return await freeBytes(path);
      } catch (error) {
        throw storeError('UNAVAILABLE', asStoreError(error));
      }
    },
    check: () => now(engine, () => void engine.tables.queues.firstKey(START)),
    close: () => (closing ??= engine.writes.close().then(release)),
  };
}

/** What the file system that holds `path` has left for this process. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

function startOf(cursor: string | null): Uint8Array {
  const start = cursor === null ? START : fromBase64Url(cursor);
  if (start === null) throw storeError('FAILED', undefined, 'not a cursor of this store');
  return start;
}

/** Each queue is a step of its own, so that other steps get in between. */
async function expireMessages(engine: Engine, before: number, cursor: string | null): Promise<Sweep> {
  const { expired, next } = await now(engine, () => findExpired(engine, before, startOf(cursor)));
  const removed = await Promise.all(expired.map((recipientId) => {
    const work = () => answer(removeExpired(engine, recipientId, before));
    return engine.writes.run(work, { queues: [recipientId], frees: true });
  }));
  return { removed: removed.reduce((sum, count) => sum + count, 0), cursor: next && toBase64Url(next) };
}

/** The next queues with expired messages, and where to go on. */
function findExpired(engine: Engine, before: number, start: Uint8Array) {
  const { messages, queues } = engine.tables;
  const expired: Uint8Array[] = [];
  let next = start;
  let waiting = 0;
  for (let i = 0; i < QUEUES_PER_STEP && waiting < MESSAGES_PER_STEP; i++) {
    const key = messages.firstKey(next);
    if (key === null) return { expired, next: null };
    const recipientId = ownerOf(key);
    const row = queues.get(recipientId);
    if (row !== null && headExpired(row, before)) {
      expired.push(recipientId);
      waiting += size(row);
    }
    next = afterOwner(recipientId);
  }
  return { expired, next };
}

async function expireNotifications(engine: Engine, before: number, cursor: string | null): Promise<Sweep> {
  const { notifications } = engine.tables;
  const rows = await now(engine, () => notifications.rows(startOf(cursor), undefined, NOTIFICATIONS_PER_STEP + 1));
  const next = rows.length > NOTIFICATIONS_PER_STEP ? toBase64Url(rows[NOTIFICATIONS_PER_STEP]!.key) : null;
  const old = rows.slice(0, NOTIFICATIONS_PER_STEP).filter(({ value }) => value.ts < before);
  if (old.length === 0) return { removed: 0, cursor: next };
  const work = () => {
    // A slot may have been taken or filled anew since it was read.
    const still = old.filter(({ key }) => (notifications.get(key)?.ts ?? before) < before);
    for (const { key } of still) notifications.remove(key);
    engine.counters.add('notifications', -still.length);
    return answer({ removed: still.length, cursor: next });
  };
  return engine.writes.run(work, { queues: [], frees: true });
}
