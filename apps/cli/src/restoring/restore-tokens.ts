/** The data of a push proxy, from a backup to where the push proxy looks for it. */
import { join } from 'node:path';
import { copyDurably, DATA_FILE, keepOnly, type Manifest, TOKENS_FOLDER } from '@polyplex/node';
import { openTokenStore } from '@polyplex/store-embedded';
import { CliError } from '../report-failure.ts';
import { staged } from './staged-folder.ts';

/** Rejects with `CliError` FAILED when the store counts otherwise than the backup says. */
export async function restoreTokens(backup: string, { counts }: Manifest, folder: string): Promise<void> {
  await staged(folder, async (stage) => {
    await copyDurably(join(backup, TOKENS_FOLDER, DATA_FILE), join(stage, DATA_FILE));
    const store = await openTokenStore({ path: stage });
    const { tokens, subscriptions } = await store.counts().finally(() => store.close());
    if (tokens !== counts['tokens'] || subscriptions !== counts['subscriptions']) {
      throw new CliError('FAILED', 'the data counts other devices or queues than the backup says: use another one');
    }
    await keepOnly(stage, DATA_FILE);
  });
}
