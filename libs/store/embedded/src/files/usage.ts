/**
 * What all files take together (`FileUsage`). It changes in memory during a group of steps and is written with it; when
 * the group fails it falls back to what is stored. Reading it costs nothing.
 */
import type { FileUsage } from '@polyplex/store-contract';
import type { FileTables } from './tables.ts';

const USAGE_KEY = new Uint8Array([1]);
const NOTHING: FileUsage = { files: 0, uploaded: 0, bytes: 0 };

export class UsageCount {
  private readonly tables: FileTables;
  private stored: FileUsage;
  private working: FileUsage;

  constructor(tables: FileTables) {
    this.tables = tables;
    this.stored = tables.usage.get(USAGE_KEY) ?? NOTHING;
    this.working = this.stored;
  }

  /** As of the last commit. */
  get committed(): FileUsage {
    return this.stored;
  }

  /** With what the steps of this group have added. */
  get current(): FileUsage {
    return this.working;
  }

  begin(): void {
    this.working = this.stored;
  }

  beforeCommit(): void {
    if (this.working !== this.stored) this.tables.usage.put(USAGE_KEY, this.working);
  }

  committedGroup(): void {
    this.stored = this.working;
  }

  add(parts: Partial<FileUsage>): void {
    const { files, uploaded, bytes } = this.working;
    this.working = {
      files: files + (parts.files ?? 0), uploaded: uploaded + (parts.uploaded ?? 0), bytes: bytes + (parts.bytes ?? 0),
    };
  }
}
