/** The audit log of one server, opened where its settings say. */
import { join } from 'node:path';
import { errorText } from '@polyplex/base';
import { type AuditLog, closedAudit, openAuditFile } from '@polyplex/nest';
import type { Logger } from '@polyplex/telemetry';
import { NodeError } from './node-error.ts';
import { ADMIN_SECTIONS } from './operators.ts';

export interface AuditPlace {
  /** `auditFile` of the server's admin section. */
  readonly auditFile: string | null;
  readonly dataDir: string;
  readonly server: keyof typeof ADMIN_SECTIONS;
}

/**
 * Rejects with `NodeError` STORAGE when the file that the settings name cannot be written. The one that they do not name is
 * not to be had by nodes that keep nothing on disk: these start, say so, and let their operators look and change nothing.
 */
export async function openAudit({ auditFile, dataDir, server }: AuditPlace, log: Logger): Promise<AuditLog> {
  return openAuditFile(auditFile ?? join(dataDir, `audit-${server}.log`)).catch((error: unknown) => {
    const setting = `${ADMIN_SECTIONS[server]}.auditFile`;
    if (auditFile !== null) throw new NodeError('STORAGE', `the audit log cannot be opened: ${errorText(error)} (${setting})`, { cause: error });
    log.warn(`no audit log: operators can look and change nothing until ${setting} names a file that can be written`, { error: errorText(error) });
    return closedAudit(error);
  });
}
