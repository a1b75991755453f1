/** An operator's steps on a server as a whole, and what it tells about itself besides its overview (SMP §9.5). */
import { LOG_LEVELS, type LogLevel } from '@polyplex/telemetry';
import { z } from 'zod';

const time = z.iso.datetime().describe('UTC');

export const emptySchema = z.strictObject({});

export const statsSchema = z.record(z.string(), z.number()).describe('By the names that the reference gives them');

export const clientsSchema = z.object({
  connections: z.number().int(),
  byVersion: z.record(z.string(), z.number().int()).describe('Sessions by what they speak, such as `v18`'),
  bySubscriptions: z.record(z.string(), z.number().int()).describe('Sessions by how many subscriptions they have, such as `10-99`'),
}).describe('How clients are spread, and nothing of any of them');

const level = z.enum(LOG_LEVELS as [LogLevel, ...LogLevel[]]);

export const logLevelSchema = z.strictObject({ level: level.describe('The least that is logged') });

export const savedSchema = z.object({ saved: z.literal(true) });

export const backupStateSchema = z.object({
  name: z.string().describe('Of its folder within the folder for backups'),
  state: z.enum(['running', 'done', 'failed']),
  startedAt: time,
  endedAt: time.nullable(),
  bytes: z.number().describe('Written so far'),
  error: z.string().nullable().describe('Why it failed'),
}).nullable().describe('The one under way, or the last one; null when there was none since the start');

export const backupBegunSchema = z.object({ name: z.string().describe('Of its folder within the folder for backups') });

export const AUDIT_ACTIONS = [
  'queue block', 'queue unblock', 'queue delete', 'file block', 'file unblock', 'file delete', 'save', 'log level', 'backup', 'listing', 'link check',
] as const;

export const auditEntrySchema = z.object({
  time,
  role: z.enum(['admin', 'reader']),
  action: z.enum(AUDIT_ACTIONS),
  target: z.string().nullable().describe('A salted hash of the id: the same for the same id in one audit log, and of no use elsewhere'),
  reason: z.string().nullable().describe('Of a block, or the level of the log'),
  result: z.string().describe('`ok`, `ok, already` for what was so before, or why not: `malformed`, `missing`, `refused`, `quota`, `failed`'),
});

export const auditSchema = z.object({ entries: z.array(auditEntrySchema).describe('The latest, oldest first') });

export const refusalSchema = z.object({
  statusCode: z.number().int(),
  message: z.string().describe('For people'),
  error: z.string().optional(),
});

export type ClientCounts = z.infer<typeof clientsSchema>;
export type BackupState = NonNullable<z.infer<typeof backupStateSchema>>;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];
export type AuditEntry = Readonly<z.infer<typeof auditEntrySchema>>;
