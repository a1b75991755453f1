/**
 * The embedded engine: everything of the `QueueStore` contract on LMDB, in one folder, for one process. A step is
 * answered when it has been flushed to the disk (SMP §8.6; group commit in `write-queue.ts`); subscriptions live in
 * memory.
 */
import { type Clock, systemClock } from '@polyplex/base';
import { deafListener } from '@polyplex/store-common';
import type { QueueStore } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { Counters } from './counters.ts';
import { diskFacts } from './disk-facts.ts';
import { type DataCopies, DataCopier } from './copy-data.ts';
import type { Engine } from './engine.ts';
import { damageReporter, openEnvironment, writeFailures } from './environment.ts';
import { createLinks } from './links.ts';
import { createMessages } from './messages.ts';
import { createNotifiers } from './notifiers.ts';
import { createQueues } from './queues.ts';
import { createServices } from './services.ts';
import { SubscriptionPlan } from './subscription-plan.ts';
import { SubscriptionTable } from './subscription-table.ts';
import { createSubscriptions } from './subscriptions.ts';
import { openTables, type Tables } from './tables.ts';
import { createTransfer } from './transfer.ts';
import { createUpkeep } from './upkeep.ts';
import { WriteQueue } from './write-queue.ts';

export interface EmbeddedStoreOptions {
  /** A folder of the store's own; made when missing. */
  readonly path: string;
  readonly clock?: Clock;
  readonly log?: Logger;
}

export type EmbeddedStore = QueueStore & DataCopies;

/**
 * Opens the store in `path`, or makes it. Rejects with a `StoreError`: IN_USE, UNAVAILABLE, or DAMAGED for what is
 * damaged, not this store's, or of a newer format; the folder's data is then as it was.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  return openEnvironment({ path: options.path, mark: 'queue', openTables }, (tables, release) => assemble(options, tables, release));
}

/**
 * Less than what a message takes on its way through a network, and about what many a disk takes for a flush: at a third of the most
 * that a relay can do, a message costs a fifth less CPU for it.
 */
const GROUPS_APART_MS = 4;

function assemble(
  { path, clock = systemClock, log = silentLogger }: EmbeddedStoreOptions, tables: Tables, release: () => Promise<void>,
): EmbeddedStore {
  const copier = new DataCopier(tables.root);
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
    ...writeFailures(path, log),
  }, GROUPS_APART_MS);
  const reportDamage = damageReporter(log);
  const engine: Engine = { tables, writes, counters, subscriptions, plan, log, reportDamage, listener: deafListener };
  return {
    ...createQueues(engine, clock),
    ...createLinks(engine),
    ...createNotifiers(engine),
    ...createMessages(engine),
    ...createSubscriptions(engine),
    ...createServices(engine),
    ...createTransfer(engine),
    ...createUpkeep(engine, { path, release: () => copier.settled().then(release) }),
    facts: () => diskFacts(writes.commitSeconds, writes.state === null),
    copyTo: (file, onBytes) => copier.copyTo(file, onBytes),
    listen: (listener) => {
      engine.listener = listener;
    },
  };
}
