/** The daily statistics of a file server, under the reference's names (XFTP §7.3). */
import { type Clock, errorText } from '@polyplex/base';
import {
  type DailyStatistics, type DailyStatisticsOptions, NodeError, type NumbersByName, openDailyStatistics, statisticsFolder, type StatisticsSettings, type StatisticsSource,
} from '@polyplex/node';
import type { XftpServer } from '@polyplex/server-xftp';
import type { FileStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { XftpConfig } from './config/xftp-config.ts';

/** In the order of the reference's CSV. */
const COLUMNS = [
  'filesCreated', 'fileRecipients', 'filesUploaded', 'filesDeleted', 'filesDownloaded.day', 'filesDownloaded.week', 'filesDownloaded.month',
  'fileDownloads', 'fileDownloadAcks', 'filesCount', 'filesSize', 'filesExpired',
];

/** In the order of the reference's file; whose lists of hashes are of no use to anybody else. */
const LINES = [
  'filesCreated', 'fileRecipients', 'filesUploaded', 'filesExpired', 'filesDeleted', 'filesBlocked', 'filesCount', 'filesSize',
  'filesDownloaded.dayHashes', 'filesDownloaded.weekHashes', 'filesDownloaded.monthHashes', 'fileDownloads', 'fileDownloadAcks',
];

function fileStatistics({ stats }: Pick<XftpServer, 'stats'>, files: Parts['files']): StatisticsSource {
  return {
    counters: () => ({
      filesCreated: stats.filesCreated.value,
      fileRecipients: stats.fileRecipients.value,
      filesUploaded: stats.filesUploaded.value,
      filesExpired: stats.filesExpired.value,
      filesDeleted: stats.filesDeleted.value,
      filesBlocked: stats.filesBlocked.value,
      fileDownloads: stats.fileDownloads.value,
      fileDownloadAcks: stats.fileDownloadAcks.value,
    }),
    async gauges() {
      const { uploaded, bytes } = await files.usage();
      return { filesCount: uploaded, filesSize: bytes };
    },
    active: { filesDownloaded: stats.filesDownloaded },
    columns: COLUMNS,
    lines: LINES,
  };
}

export interface Statistics {
  /** All of it by name; of the present day where statistics are kept, else since the start. */
  readonly stats: () => Promise<NumbersByName>;
  readonly save: () => Promise<void>;
  close(): Promise<void>;
}

interface Parts {
  readonly server: Pick<XftpServer, 'stats'>;
  readonly files: Pick<FileStore, 'usage'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Goes on where the process before ended, where they are kept. Rejects with `NodeError` STORAGE when that cannot be. */
export async function openStatistics(config: StatisticsSettings & Pick<XftpConfig, 'statistics'>, { server, files, clock, log }: Parts): Promise<Statistics> {
  const source = fileStatistics(server, files);
  const days = config.statistics.daily ? await openDays(statisticsFolder(config), { source, clock, log }) : null;
  return {
    stats: async () => ({ ...(days ?? source).counters(), ...(await source.gauges()), ...inUse(source) }),
    save: async () => days?.save(),
    close: async () => days?.close(),
  };
}

async function openDays(folder: string, options: Omit<DailyStatisticsOptions, 'folder' | 'name'>): Promise<DailyStatistics> {
  try {
    return await openDailyStatistics({ folder, name: 'xftp', ...options });
  } catch (error) {
    throw new NodeError('STORAGE', `statistics cannot be kept in ${folder}: ${errorText(error)} (statistics.folder)`, { cause: error });
  }
}

function inUse({ active }: StatisticsSource): NumbersByName {
  return Object.fromEntries(Object.entries(active).flatMap(([name, { day, week, month }]) => [[`${name}.day`, day], [`${name}.week`, week], [`${name}.month`, month]]));
}
