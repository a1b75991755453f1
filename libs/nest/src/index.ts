export type {
  AdminApp, AdminAppOptions, BackupControl, DirectoryAdmin, FileAdmin, FileRefusal, HealthSource, MetricsSource, PageFiles, QueueAdmin, QueueRefusal, StatusRow,
} from './admin-options.ts';
export type { BackupState, BlockOrder, ClientCounts, FileFacts, PlaceStates, QueueFacts, RelayStates } from '@polyplex/admin-api';
export type { AuditLog } from './audit/audit-log.ts';
export { openAuditFile } from './audit/audit-file.ts';
export { closedAudit } from './audit/closed-audit.ts';
export { createAdminApp } from './create-admin-app.ts';
export { runUntilSignal, type RunOptions, type Service, type SignalSource } from './run-until-signal.ts';
