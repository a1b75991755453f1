/**
 * A file that appears when it is whole: until then it is FILE.part, which an interrupted export goes on with. Only its
 * owner may read it.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { flush } from '@polyplex/node';
import { type ResumePoint, resumePoint } from '@polyplex/store-transfer';
import { CliError } from '../report-failure.ts';
import { byteInput } from './byte-streams.ts';
import { explained, fileFailure } from './failures.ts';

const FILE_MODE = 0o600;

export class PartFile {
  readonly path: string;
  private readonly finalPath: string;
  private readonly handle: FileHandle;
  private at: number;

  private constructor(finalPath: string, handle: FileHandle, at: number) {
    this.finalPath = finalPath;
    this.path = partPath(finalPath);
    this.handle = handle;
    this.at = at;
  }

  static async create(finalPath: string): Promise<PartFile> {
    return new PartFile(finalPath, await opened(partPath(finalPath), 'wx'), 0);
  }

  /** What is behind the point is cut off. */
  static async goOn(finalPath: string, point: ResumePoint): Promise<PartFile> {
    const path = partPath(finalPath);
    const handle = await opened(path, 'r+');
    try {
      await handle.truncate(point.sum.bytes);
    } catch (error) {
      await handle.close();
      throw fileFailure(path, 'written', error);
    }
    return new PartFile(finalPath, handle, point.sum.bytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, this.at);
        done += bytesWritten;
        this.at += bytesWritten;
      }
    } catch (error) {
      throw new CliError('FILES', `${fileFailure(this.path, 'written', error).message}: make room, then go on with --resume`, { cause: error });
    }
  }

  /** Makes all durable; with `whole` the file gets its name. */
  async close(whole: boolean): Promise<void> {
    try {
      await this.handle.sync();
      await this.handle.close();
      if (!whole) return;
      await rename(this.path, this.finalPath);
      await flush(dirname(this.finalPath));
    } catch (error) {
      throw fileFailure(this.path, 'written', error);
    }
  }
}

function partPath(finalPath: string): string {
  return `${finalPath}.part`;
}

async function opened(path: string, flags: 'wx' | 'r+'): Promise<FileHandle> {
  try {
    return await open(path, flags, FILE_MODE);
  } catch (error) {
    throw fileFailure(path, 'written', error);
  }
}

/** Throws `CliError` when one of the files is there, or with `resume` not there. */
export function checkPlace(finalPath: string, resume: boolean): void {
  const part = partPath(finalPath);
  if (existsSync(finalPath)) throw new CliError('FILES', `${finalPath} exists already: give another name, or remove it`);
  if (resume && !existsSync(part)) throw new CliError('FILES', `${part} does not exist: there is nothing to go on with; export without --resume`);
  if (!resume && existsSync(part)) {
    throw new CliError('FILES', `${part} is left of an export that was interrupted: go on with it by --resume, or remove it`);
  }
}

/** Where the export can go on; throws `CliError` when it cannot. */
export async function findPoint(finalPath: string, signal: AbortSignal): Promise<ResumePoint> {
  const path = partPath(finalPath);
  try {
    const point = await resumePoint(byteInput(path).read(signal, () => undefined));
    if (point === null) throw new CliError('FILES', `${path} has nothing yet to go on with: remove it, and export without --resume`);
    return point;
  } catch (error) {
    if (signal.aborted) throw new CliError('FAILED', 'interrupted; nothing was changed', { cause: error });
    throw explained(error, path, '');
  }
}
