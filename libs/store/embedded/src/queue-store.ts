/**
 * The embedded engine: everything of the `QueueStore` contract on LMDB, in one folder, for one process. A step is
 * answered when it has been flushed to the disk (SMP §8.6; group commit in `write-queue.ts`); subscriptions live in
 * memory.
 */
import { type Clock, systemClock } from '@polyplex/base';
import type { QueueStore } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { Counters } from './counters.ts';
import type { Engine } from './engine.ts';
import { deafListener } from './events.ts';
import { dataFile, lockFolder, prepareFolder } from './folder.ts';
import { checkFormat, writeFormat } from './format-version.ts';
import { createLinks } from './links.ts';
import { createMessages } from './messages.ts';
import { createNotifiers } from './notifiers.ts';
import { createQueues } from './queues.ts';
import { createServices } from './services.ts';
import { asStoreError } from './store-failure.ts';
import { SubscriptionPlan } from './subscription-plan.ts';
import { SubscriptionTable } from './subscription-table.ts';
import { createSubscriptions } from './subscriptions.ts';
import { openRoot, openTables, type Tables } from './tables.ts';
import { createUpkeep, freeBytes } from './upkeep.ts';
import { WriteQueue } from './write-queue.ts';

export interface EmbeddedStoreOptions {
  /** A folder of the store's own; made when missing. */
  readonly path: string;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** With less room than this, a failed commit is put down to a full disk. */
const FULL_BELOW_BYTES = 1024 * 1024;

/**
 * Opens the store in `path`, or makes it. Rejects with a `StoreError`: IN_USE, UNAVAILABLE, or DAMAGED for what is
 * damaged, not this store's, or of a newer format; the folder's data is then as it was.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<QueueStore> {
  prepareFolder(options.path);
  const unlock = lockFolder(options.path);
  try {
    const tables = await openData(options.path);
    return assemble(options, tables, unlock);
  } catch (error) {
    unlock();
    throw asStoreError(error);
  }
}

async function openData(path: string): Promise<Tables> {
  const file = await dataFile(path, makeData);
  const root = openRoot(file);
  try {
    checkFormat(root);
    return openTables(root);
  } catch (error) {
    await root.close();
    throw error;
  }
}

async function makeData(file: string): Promise<void> {
  const tables = openTables(openRoot(file));
  await writeFormat(tables.root);
  await tables.root.close();
}

function assemble(
  { path, clock = systemClock, log = silentLogger }: EmbeddedStoreOptions, tables: Tables, unlock: () => void,
): QueueStore {
  const counters = new Counters(tables);
  const subscriptions = new SubscriptionTable();
  const plan = new SubscriptionPlan(subscriptions);
  const writes = new WriteQueue(tables.root, {
    begin: () => {
      counters.begin();
      plan.begin();
    },
    beforeCommit: () => counters.beforeCommit(),
    committed: () => counters.groupCommitted(),
    isFull: async () => (await freeBytes(path).catch(() => Infinity)) < FULL_BELOW_BYTES,
    failed: (reason) => log.error('the store takes no more writes: restart when the cause is gone', { code: reason.code }),
  });
  let reported = false;
  const reportDamage = (): void => {
    if (!reported) log.error('data of the store cannot be read and is passed over: restore a backup', { code: 'DAMAGED' });
    reported = true;
  };
  const engine: Engine = { tables, writes, counters, subscriptions, plan, log, reportDamage, listener: deafListener };
  const release = async (): Promise<void> => {
    await tables.root.close();
    unlock();
  };
  return {
    ...createQueues(engine, clock),
    ...createLinks(engine),
    ...createNotifiers(engine),
    ...createMessages(engine),
    ...createSubscriptions(engine),
    ...createServices(engine),
    ...createUpkeep(engine, { path, release }),
    listen: (listener) => {
      engine.listener = listener;
    },
  };
}
