/**
 * Room that is kept for steps that free space. LMDB never changes a page in place, so removing takes pages before it gives
 * any, and on a disk that is full to the last of them nothing could ever be removed. A file holds some, and gives way.
 */
import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SECOND } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { freeBytes } from './free-bytes.ts';

export const RESERVE_FILE = 'reserve';
/** Some hundred pages: a step that frees rewrites a path of each tree that it touches. */
export const RESERVE_BYTES = 1024 * 1024;
/** Taken only where so much more is left, so that it is not what fills the disk. */
const LEAVE_BYTES = 2 * RESERVE_BYTES;
const LOOK_AGAIN_MS = SECOND;

export class Reserve {
  private readonly folder: string;
  private readonly file: string;
  private held = false;
  private lookedAt = 0;

  constructor(folder: string) {
    this.folder = folder;
    this.file = join(folder, RESERVE_FILE);
    this.held = existsSync(this.file);
  }

  /** Gives the room away; false when it was not there. */
  give(): boolean {
    if (!this.held) return false;
    this.held = false;
    this.lookedAt = performance.now();
    rmSync(this.file, { force: true });
    return true;
  }

  /** Takes the room again where there is plenty, looking once a second at most. */
  async keep(): Promise<void> {
    if (this.held || performance.now() - this.lookedAt < LOOK_AGAIN_MS) return;
    this.lookedAt = performance.now();
    await this.take();
  }

  /** Takes the room if there is plenty. Never rejects: a store without it works, until its disk is full. */
  async take(): Promise<void> {
    try {
      if (this.held || (await freeBytes(this.folder)) < RESERVE_BYTES + LEAVE_BYTES) return;
      this.write();
      this.held = true;
    } catch {
      rmSync(this.file, { force: true }); // the disk filled meanwhile
    }
  }

  /** Random bytes, which no file system makes smaller; flushed, for some take the room only then. */
  private write(): void {
    const handle = openSync(this.file, 'w', 0o600);
    try {
      writeSync(handle, randomBytes(RESERVE_BYTES));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
}
