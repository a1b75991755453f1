/** The store that the configuration names, for commands that move what it keeps while no relay runs. */
import { hasCode } from '@polyplex/base';
import { NodeError, nodeLog, readRedisSecrets } from '@polyplex/node';
import type { QueueStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import { holdsData, openStore, type SmpConfig, storePlace } from 'smp-server';
import { type ConfigFlags, loadSettings } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { countText } from './progress.ts';

export interface StoreAccess {
  /** Kind of the engine, as files tell it. */
  readonly engine: string;
  /** Where the data is, for operators. */
  readonly place: string;
  /** Whether anything may be kept there already; opening makes what is missing. */
  readonly exists: boolean;
  /** Rejects with `NodeError` STORAGE, also when a relay uses the store. */
  open(): Promise<QueueStore>;
}

/** `online`: nodes may use it meanwhile, which an embedded store does not allow. Throws `CliError` then. */
export function storeAccess(flags: ConfigFlags, { online = false }: { readonly online?: boolean } = {}): StoreAccess {
  const { values } = loadSettings({ ...flags, only: 'smp' });
  const { storage, log } = values;
  if (online && storage.engine === 'embedded') throw new CliError('USAGE', '--online goes with storage.engine=redis; a relay with an embedded store makes backups itself: polyplex admin backup start');
  const logger = nodeLog({ ...log, level: 'warn' }, (line) => process.stderr.write(line));
  return {
    engine: storage.engine,
    place: storePlace(values),
    exists: storage.engine !== 'embedded' || holdsData(storage),
    open: () => open(values, logger, online),
  };
}

async function open(config: SmpConfig, log: Logger, online: boolean): Promise<QueueStore> {
  try {
    const { store, network } = await openStore(config, readRedisSecrets(config.redis), log);
    const others = (network?.network().nodes ?? 1) - 1;
    if (others === 0 || online) return store;
    await store.close();
    throw new NodeError('STORAGE', `${countText(others)} nodes use the Redis at ${storePlace(config)}: stop them first; one that was killed counts for 15 seconds`);
  } catch (error) {
    if (!(error instanceof NodeError) || !hasCode(error.cause, 'IN_USE')) throw error;
    throw new NodeError('STORAGE', `${error.message}: stop the relay first`, { cause: error });
  }
}

/** Does something with the store, and closes it in any case. */
export async function withStore<T>(access: StoreAccess, task: (store: QueueStore) => Promise<T>): Promise<T> {
  const store = await access.open();
  try {
    return await task(store);
  } finally {
    await store.close();
  }
}
