/** The stores of the file server that the configuration names, for an import while no file server runs. */
import { hasCode } from '@polyplex/base';
import { NodeError, nodeLog } from '@polyplex/node';
import { holdsFiles, type OpenedStores, openStores, readStoreSecrets } from 'xftp-server';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { SETUPS } from '../setup/server-setup.ts';

/** Whether there may be files already; opening makes what is missing. */
export function fileStoreExists(config: PolyplexConfig): boolean {
  return config.xftpStorage.engine !== 'embedded' || holdsFiles(SETUPS.xftp.dataDir(config));
}

/**
 * Does something with the stores, and closes them in any case. Rejects with `NodeError` STORAGE, for embedded
 * stores also when a node uses them; nodes of a network may run, since each file comes to them whole or not at all.
 */
export async function withFileStores<T>(config: PolyplexConfig, task: (stores: OpenedStores) => Promise<T>): Promise<T> {
  const stores = await open(config);
  try {
    return await task(stores);
  } finally {
    await Promise.all([stores.files.close(), stores.chunks.close()]);
  }
}

async function open(config: PolyplexConfig): Promise<OpenedStores> {
  const log = nodeLog({ ...config.log, level: 'warn' }, (line) => process.stderr.write(line));
  try {
    return await openStores(config, readStoreSecrets(config), log);
  } catch (error) {
    if (!(error instanceof NodeError) || !hasCode(error.cause, 'IN_USE')) throw error;
    throw new NodeError('STORAGE', `${error.message}: stop the file server first`, { cause: error });
  }
}
