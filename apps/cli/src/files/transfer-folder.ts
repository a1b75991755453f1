/**
 * The state of a transfer in a folder of its own, which only its owner may read: `journal` says what was done, `data` is
 * the encrypted file. A process that is killed at any moment leaves a state to go on from.
 */
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TransferPlace, WorkFile } from '@polyplex/client';
import { errorText } from '@polyplex/base';
import { CliError } from '../report-failure.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** A journal begins with what the transfer is; what was done comes after that. */
const HEAD_LINES = 1;

export class TransferFolder implements TransferPlace {
  readonly path: string;
  readonly data: WorkFile;
  private readonly journalPath: string;
  private readonly journal: FileHandle;
  private readonly handle: FileHandle;

  private constructor(path: string, journal: FileHandle, handle: FileHandle) {
    this.path = path;
    this.journalPath = join(path, 'journal');
    this.journal = journal;
    this.handle = handle;
    this.data = new HandleFile(handle, join(path, 'data'));
  }

  /** Opens the folder, made where it is missing. Throws `CliError`. */
  static open(path: string): Promise<TransferFolder> {
    return attempt(path, async () => {
      await mkdir(path, { recursive: true, mode: FOLDER_MODE });
      const journalPath = join(path, 'journal');
      await cutTornLine(journalPath);
      const journal = await open(journalPath, 'a', FILE_MODE);
      return new TransferFolder(path, journal, await openData(join(path, 'data'), journal));
    });
  }

  async readJournal(): Promise<readonly string[]> {
    const text = await attempt(this.path, () => readFile(this.journalPath, 'utf8'));
    return text.split('\n').slice(0, -1);
  }

  append(line: string): Promise<void> {
    return attempt(this.path, async () => {
      await this.journal.appendFile(`${line}\n`);
      await this.journal.datasync();
    });
  }

  clear(): Promise<void> {
    return attempt(this.path, async () => {
      await this.journal.truncate(0);
      await this.handle.truncate(0);
    });
  }

  /** Closes after a failure; true when there is something to go on from, else the folder is taken away. */
  async leave(): Promise<boolean> {
    const isWorthKeeping = (await this.readJournal()).length > HEAD_LINES;
    await this.close();
    if (!isWorthKeeping) await this.remove();
    return isWorthKeeping;
  }

  async close(): Promise<void> {
    await this.journal.close();
    await this.handle.close();
  }

  /** Takes the folder away; closed before. */
  async remove(): Promise<void> {
    await attempt(this.path, () => rm(this.path, { recursive: true, force: true }));
  }
}

async function openData(path: string, journal: FileHandle): Promise<FileHandle> {
  try {
    // Made where it is missing, kept where it is not.
    await (await open(path, 'a', FILE_MODE)).close();
    return await open(path, 'r+');
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** What was being written when the process was killed; the next line must not be stuck to it. */
async function cutTornLine(path: string): Promise<void> {
  const handle = await open(path, 'a+', FILE_MODE);
  try {
    const content = await handle.readFile();
    const whole = content.lastIndexOf(LINE_FEED) + 1;
    if (whole < content.length) await handle.truncate(whole);
  } finally {
    await handle.close();
  }
}

const LINE_FEED = 0x0a;

class HandleFile implements WorkFile {
  private readonly handle: FileHandle;
  private readonly path: string;

  constructor(handle: FileHandle, path: string) {
    this.handle = handle;
    this.path = path;
  }

  read(at: number, length: number): Promise<Uint8Array> {
    return attempt(this.path, async () => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await this.handle.read(bytes, done, length - done, at + done);
        if (bytesRead === 0) throw new CliError('FILES', `${this.path} is shorter than it was: remove the folder, and begin again`);
        done += bytesRead;
      }
      return bytes;
    });
  }

  write(at: number, bytes: Uint8Array): Promise<void> {
    return attempt(this.path, async () => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, at + done);
        done += bytesWritten;
      }
    });
  }

  sync(): Promise<void> {
    return attempt(this.path, () => this.handle.datasync());
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'is on a full disk: make room, and run the same command again',
  EDQUOT: 'is beyond your quota: make room, and run the same command again',
};

/** A failure of the system in words. */
export async function attempt<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? errorText(error);
    throw new CliError('FILES', `${path} ${REASONS[code] ?? `cannot be read or written (${code})`}`, { cause: error });
  }
}
