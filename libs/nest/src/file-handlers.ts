/** Administration of files (XFTP §5.7, §7.5). */
import type { Logger } from '@polyplex/telemetry';
import type { FileAdmin, FileRefusal } from './admin-options.ts';
import { granted, type Handlers } from './handlers.ts';

const REFUSALS: Readonly<Record<FileRefusal, string>> = {
  malformed: '`id` must be a recipient id in base64url',
  missing: 'no file has a recipient with this id',
};

export function fileHandlers(files: FileAdmin, log: Logger): Handlers {
  return {
    fileStatus: async ({ id }) => granted(await files.status(id), REFUSALS),
    fileBlock: async ({ id, reason, noticeSeconds = null }, { target }) => {
      granted(await files.block(id, { reason, noticeSeconds }), REFUSALS);
      log.warn('file blocked', { reason });
      return { status: 'blocked', target };
    },
    fileUnblock: async ({ id }, { target }) => {
      granted(await files.unblock(id), REFUSALS);
      log.warn('file unblocked');
      return { status: 'unblocked', target };
    },
    fileDelete: async ({ id }, { target }) => {
      granted(await files.delete(id), REFUSALS);
      log.warn('file deleted');
      return { status: 'deleted', target };
    },
  };
}
