/** Twenty kills of file servers under load, on either engine. */
import { expect, test } from 'vitest';
import { onDisk, onNetwork } from './engines.ts';
import { killUnderLoad } from './killed.ts';

const KILLS = 20;

test.each([['one on its disk', onDisk], ['two on one Redis and one S3 storage', onNetwork]])('%s', async (name, start) => {
  const servers = await start();
  try {
    const counts = await killUnderLoad(servers, KILLS);
    console.log(`${name}, ${KILLS} kills:`, counts);
    expect(counts.downloaded).toBeGreaterThan(KILLS);
  } finally {
    await servers.stop();
  }
});
