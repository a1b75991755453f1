/**
 * The embedded engine of the `TokenStore` contract: what a push proxy keeps, on LMDB, in one folder, for one process
 * (NTF §6.1). A step is answered when it has been flushed to the disk, with the group commit of `write-queue.ts`.
 */
import { type Clock, systemClock } from '@polyplex/base';
import type { TokenCounts, TokenStore } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { type DataCopies, DataCopier } from '../copy-data.ts';
import { START } from '../cursors.ts';
import { diskFacts } from '../disk-facts.ts';
import { now } from '../engine.ts';
import { damageReporter, openEnvironment, writeFailures } from '../environment.ts';
import { timeOfTimeKey } from '../files/tables.ts';
import { WriteQueue } from '../write-queue.ts';
import { TokenCounters } from './counts.ts';
import type { TokenEngine } from './engine.ts';
import { createPushes } from './pushes.ts';
import { createRelaySide } from './relay-side.ts';
import { createSubscriptions } from './subscriptions.ts';
import { openTokenTables, type TokenTables } from './tables.ts';
import { createTokens } from './tokens.ts';
import { createTokenTransfer } from './transfer.ts';

export interface EmbeddedTokenStoreOptions {
  /** A folder of the store's own; made when missing. */
  readonly path: string;
  /** By which `counts` tells what is due; steps go by the times that they are given. */
  readonly clock?: Clock;
  readonly log?: Logger;
}

export type EmbeddedTokenStore = TokenStore & DataCopies;

/**
 * Opens the store in `path`, or makes it. Rejects with a `StoreError`: IN_USE, UNAVAILABLE, or DAMAGED for what is
 * damaged, not this store's, or of a newer format; the folder's data is then as it was.
 */
export async function openTokenStore(options: EmbeddedTokenStoreOptions): Promise<EmbeddedTokenStore> {
  const place = { path: options.path, mark: 'token', openTables: openTokenTables } as const;
  return openEnvironment(place, (tables, release) => assemble(options, tables, release));
}

function assemble(
  { path, clock = systemClock, log = silentLogger }: EmbeddedTokenStoreOptions, tables: TokenTables, release: () => Promise<void>,
): EmbeddedTokenStore {
  const copier = new DataCopier(tables.root);
  const counters = new TokenCounters(tables);
  const writes = new WriteQueue(tables.root, {
    begin: () => counters.begin(),
    beforeCommit: () => counters.beforeCommit(),
    committed: () => counters.groupCommitted(),
    ...writeFailures(path, log),
  });
  const listeners = { new: new Set<(relay: string) => void>(), due: new Set<() => void>() };
  const engine: TokenEngine = { tables, writes, counters, clock, listeners, reportDamage: damageReporter(log) };
  let closing: Promise<void> | null = null;
  return {
    ...createTokens(engine),
    ...createSubscriptions(engine),
    ...createRelaySide(engine),
    ...createPushes(engine),
    ...createTokenTransfer(engine),
    counts: () => now(engine, () => counts(engine)),
    check: () => now(engine, () => void tables.tokens.firstKey(START)),
    facts: () => diskFacts(writes.commitSeconds, writes.state === null),
    copyTo: (file, onBytes) => copier.copyTo(file, onBytes),
    close: () => (closing ??= writes.close().then(() => copier.settled()).then(release)),
  };
}

function counts({ tables, counters, clock }: TokenEngine): TokenCounts {
  const first = tables.due.firstKey(START);
  const oldest = first === null ? null : timeOfTimeKey(first);
  return { ...counters.committed(), oldestDue: oldest !== null && oldest <= clock.now() ? oldest : null };
}
