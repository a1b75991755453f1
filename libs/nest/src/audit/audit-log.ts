/** What operators did: a line for each step that changes something, kept on this machine. */
import type { AuditAction, AuditEntry } from '@polyplex/admin-api';

export interface AuditLog {
  /** What the log calls an id: the same for the same one, and of no use without this log's own key. */
  targetOf(id: string): string;
  /** Resolves when a line can be written, as far as that can be known before; rejects with the system's error. */
  ready(): Promise<void>;
  /** Resolves when the line is on disk; rejects with the system's error. */
  append(entry: Omit<AuditEntry, 'time'>): Promise<void>;
  /** The latest entries, oldest first; a bounded number. */
  latest(): Promise<readonly AuditEntry[]>;
  /** How often a step was taken on the present UTC day, as far as the log goes back. */
  takenToday(action: AuditAction): Promise<number>;
}
