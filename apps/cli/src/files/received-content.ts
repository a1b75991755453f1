/** What is decrypted of a file that comes: without a name until it is whole, then under one that was free. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileOutput } from '@polyplex/client';
import { moveToFreeName } from '@polyplex/store-embedded';
import { attempt } from './transfer-folder.ts';

export class ReceivedContent implements FileOutput {
  private readonly path: string;
  private readonly outFolder: string;
  private handle: FileHandle | null = null;
  private at = 0;

  /** `stateFolder` lies on the same file system as `outFolder`. */
  constructor(stateFolder: string, outFolder: string) {
    this.path = join(stateFolder, 'content');
    this.outFolder = outFolder;
  }

  write(bytes: Uint8Array): Promise<void> {
    return attempt(this.path, async () => {
      this.handle ??= await open(this.path, 'w');
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, this.at);
        done += bytesWritten;
        this.at += bytesWritten;
      }
    });
  }

  finish(name: string): Promise<string> {
    return attempt(this.outFolder, async () => {
      const handle = this.handle ?? (await open(this.path, 'w'));
      await handle.sync();
      await handle.close();
      this.handle = null;
      return moveToFreeName(this.path, join(this.outFolder, name));
    });
  }

  async discard(): Promise<void> {
    await this.handle?.close();
    this.handle = null;
    this.at = 0;
    await rm(this.path, { force: true });
  }
}
