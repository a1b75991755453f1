/** The data of a relay, from a backup to where the relay looks for it. */
import { join } from 'node:path';
import { copyDurably, DATA_FILE, keepOnly, type Manifest, QUEUES_FOLDER } from '@polyplex/node';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import { CliError } from '../report-failure.ts';
import { staged } from './staged-folder.ts';

/** Rejects with `CliError` FAILED when the store counts otherwise than the backup says. */
export async function restoreQueues(backup: string, { counts }: Manifest, folder: string): Promise<void> {
  await staged(folder, async (stage) => {
    await copyDurably(join(backup, QUEUES_FOLDER, DATA_FILE), join(stage, DATA_FILE));
    const store = await openEmbeddedStore({ path: stage });
    const { queues, messages, notifications } = await store.counts().finally(() => store.close());
    if (queues !== counts['queues'] || messages !== counts['messages'] || notifications !== counts['notifications']) {
      throw new CliError('FAILED', 'the data counts other queues or messages than the backup says: use another one');
    }
    await keepOnly(stage, DATA_FILE);
  });
}
