/** Counts, sweeps of what expired, health, and the end (SMP §8.4). Sweeps go in steps that leave time for the rest. */
import { hasCode, idKey } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import { StoreError, type Sweep, type Upkeep } from '@polyplex/store-contract';
import { answer, attempt, type Engine, now } from './engine.ts';
import { cursorAt, START, startOf } from './cursors.ts';
import { freeBytes } from './free-bytes.ts';
import { afterOwner, ownerOf } from './keys.ts';
import { headExpired, removeExpired, size } from './message-list.ts';
import { asStoreError } from './store-failure.ts';

const QUEUES_PER_STEP = 500;
const MESSAGES_PER_STEP = 1000;
const NOTIFICATIONS_PER_STEP = 1000;

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

/** Each queue is a step of its own, so that other steps get in between, and one that is damaged stops only itself. */
async function expireMessages(engine: Engine, before: number, cursor: string | null): Promise<Sweep> {
  const { expired, next } = await now(engine, () => findExpired(engine, before, startOf(cursor)));
  const removed = await Promise.all(expired.map((recipientId) => expireQueue(engine, recipientId, before)));
  return { removed: removed.reduce((sum, count) => sum + count, 0), cursor: next && cursorAt(next) };
}

async function expireQueue(engine: Engine, recipientId: Uint8Array, before: number): Promise<number> {
  const work = () => {
    const row = engine.tables.queues.get(recipientId);
    return answer(row === null ? 0 : removeExpired(engine, recipientId, row, before).removed);
  };
  try {
    return await engine.writes.run(work, { queues: [idKey(recipientId)], frees: true });
  } catch (error) {
    if (!hasCode(error, 'DAMAGED')) throw error;
    engine.reportDamage();
    return 0;
  }
}

/** The next queues with expired messages, and where to go on. */
function findExpired(engine: Engine, before: number, start: Uint8Array) {
  const expired: Uint8Array[] = [];
  let next = start;
  let waiting = 0;
  for (let i = 0; i < QUEUES_PER_STEP && waiting < MESSAGES_PER_STEP; i++) {
    const key = engine.tables.messages.firstKey(next);
    if (key === null) return { expired, next: null };
    const recipientId = ownerOf(key);
    const row = attempt(engine, () => engine.tables.queues.get(recipientId));
    if (row instanceof StoreError) engine.reportDamage();
    else if (row !== null && headExpired(row, before)) {
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
  const next = rows.length > NOTIFICATIONS_PER_STEP ? cursorAt(rows[NOTIFICATIONS_PER_STEP]!.key) : null;
  const step = rows.slice(0, NOTIFICATIONS_PER_STEP);
  if (step.some(({ value }) => value === null)) engine.reportDamage();
  const old = step.filter(({ value }) => value !== null && value.ts < before);
  if (old.length === 0) return { removed: 0, cursor: next };
  const work = () => {
    const removed = old.filter(({ key }) => notifications.remove(key)).length; // others may have been taken since
    engine.counters.add('notifications', -removed);
    return answer({ removed, cursor: next });
  };
  return engine.writes.run(work, { queues: [], frees: true });
}
