/** The node's store, and what is wrong with it in an operator's words. */
import { errorText } from '@polyplex/base';
import { type QueueStore, StoreError } from '@polyplex/store-contract';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import type { Logger } from '@polyplex/telemetry';
import { NodeError } from './node-error.ts';

/** Opens or makes the store in `folder`; rejects with `NodeError` STORAGE. */
export async function openStore(folder: string, log: Logger): Promise<QueueStore> {
  try {
    return await openEmbeddedStore({ path: folder, log });
  } catch (error) {
    const inUse = error instanceof StoreError && error.code === 'IN_USE';
    const reason = inUse ? 'another process is using it' : errorText(error);
    throw new NodeError('STORAGE', `the data in ${folder} cannot be opened: ${reason} (storage.dataDir)`, { cause: error });
  }
}
