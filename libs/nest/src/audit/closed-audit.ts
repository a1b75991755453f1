/** In the place of an audit log that cannot be opened: nothing can be done that would have to be in it. */
import type { AuditLog } from './audit-log.ts';

export function closedAudit(reason: unknown): AuditLog {
  return {
    ready: () => Promise.reject(reason instanceof Error ? reason : new Error(String(reason))),
    targetOf: () => '',
    append: () => Promise.resolve(),
    latest: () => Promise.resolve([]),
    takenToday: () => Promise.resolve(0),
  };
}
