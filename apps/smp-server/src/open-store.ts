/** The node's store, and what is wrong with it in an operator's words. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '@polyplex/base';
import { type QueueStore, StoreError } from '@polyplex/store-contract';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import type { Logger } from '@polyplex/telemetry';
import type { SmpConfig } from './config/smp-config.ts';
import { NodeError } from './node-error.ts';

export function storeFolder({ dataDir }: SmpConfig['storage']): string {
  return join(dataDir, 'smp');
}

/** Whether queues were ever kept there. */
export function holdsData(storage: SmpConfig['storage']): boolean {
  return existsSync(join(storeFolder(storage), 'data.mdb'));
}

/** Opens or makes the store in `folder`; rejects with `NodeError` STORAGE. */
export async function openStore(folder: string, log: Logger): Promise<QueueStore> {
  try {
    return await openEmbeddedStore({ path: folder, log });
  } catch (error) {
    throw new NodeError('STORAGE', `the data in ${folder} cannot be opened: ${reasonOf(error)} (storage.dataDir)`, { cause: error });
  }
}

/** A failure of no known kind (`FAILED`) says what is wrong in its cause alone. */
function reasonOf(error: unknown): string {
  if (!(error instanceof StoreError)) return errorText(error);
  if (error.code === 'IN_USE') return 'another process is using it';
  return error.code === 'FAILED' && error.cause !== undefined ? errorText(error.cause) : errorText(error);
}
