/** The line of a day, as the reference writes it (XFTP §7.3). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY, HOUR } from '@polyplex/base';
import { openStatistics } from '@polyplex/node';
import { XftpStats } from '@polyplex/server-xftp';
import { silentLogger } from '@polyplex/telemetry';
import { createFakeClock } from '@polyplex/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileStatistics } from './statistics.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'polyplex-statistics-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const id = (value: number): Uint8Array => new Uint8Array(24).fill(value);

it('has 13 columns: the week ends on Sunday, the month with its last day', async () => {
  const clock = createFakeClock(Date.UTC(2026, 4, 30, 12)); // a Saturday, the last but one of its month
  const stats = new XftpStats(clock);
  const files = { usage: async () => Promise.resolve({ files: 90, uploaded: 50, bytes: 4_000_000 }) };
  const config = { statistics: { daily: true, folder }, storage: { dataDir: '/nowhere' } };
  const statistics = await openStatistics({ config, name: 'xftp', source: fileStatistics({ stats }, files), clock, log: silentLogger });
  stats.filesCreated.add(1);
  stats.fileRecipients.add(2);
  stats.filesUploaded.add(3);
  stats.filesDeleted.add(4);
  for (const file of [1, 2, 3]) stats.filesDownloaded.add(id(file));
  stats.fileDownloads.add(5);
  stats.fileDownloadAcks.add(6);
  stats.filesExpired.add(7);
  stats.filesBlocked.add(8);
  clock.advance(13 * HOUR);
  stats.filesDownloaded.add(id(4));
  await statistics.save();
  clock.advance(DAY);
  await statistics.close();
  expect(readFileSync(join(folder, 'xftp-daily.csv'), 'utf8').split('\n')).toEqual([
    '2026-05-30,1,2,3,4,3,,,5,6,50,4000000,7',
    '2026-05-31,0,0,0,0,1,4,4,0,0,50,4000000,0',
    '',
  ]);
});
