/** A few kills of file servers on either engine; `killed.long.ts` has many. */
import { expect, test } from 'vitest';
import { onDisk, onNetwork } from './engines.ts';
import { killUnderLoad } from './killed.ts';

test.each([['one on its disk', onDisk], ['two on one Redis and one S3 storage', onNetwork]])('%s: what was answered OK is there, and nothing is left behind', { timeout: 400_000 }, async (_, start) => {
  const servers = await start();
  try {
    const counts = await killUnderLoad(servers, 3);
    expect(counts.uploaded).toBeGreaterThan(10);
  } finally {
    await servers.stop();
  }
});
