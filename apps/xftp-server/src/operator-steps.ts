/** What operators may do to a file server, and where it is written down. */
import type { AdminAppOptions } from '@polyplex/nest';
import { openAudit } from '@polyplex/node';
import type { XftpServer } from '@polyplex/server-xftp';
import type { FileStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { XftpConfig } from './config/xftp-config.ts';
import { fileAdmin } from './file-admin.ts';

/** Rejects with `NodeError` STORAGE when the audit log that the settings name cannot be written. */
export async function operatorSteps(
  { xftpAdmin, storage }: XftpConfig, parts: { readonly files: FileStore; readonly server: XftpServer; readonly log: Logger },
): Promise<Required<Pick<AdminAppOptions, 'audit' | 'files'>>> {
  const audit = await openAudit({ auditFile: xftpAdmin.auditFile, dataDir: storage.dataDir, server: 'xftp' }, parts.log);
  return { audit, files: fileAdmin(parts.files, parts.server.control) };
}
