/** The daily statistics of a file server, under the reference's names (XFTP §7.3). */
import type { StatisticsSource } from '@polyplex/node';
import type { XftpServer } from '@polyplex/server-xftp';
import type { FileStore } from '@polyplex/store-contract';

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

export function fileStatistics({ stats }: Pick<XftpServer, 'stats'>, files: Pick<FileStore, 'usage'>): StatisticsSource {
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
