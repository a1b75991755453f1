/**
 * The `FileRoom` contract on a disk: work files in a folder of the room's own, which only its owner may read. A received file is written beside the
 * place that it will have, so that it gets its name at once and whole.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { storeError } from '@polyplex/store-common';
import type { FileRoom, RoomOutput, RoomSource, WorkFile } from '@polyplex/store-contract';
import { asStoreError, onDisk } from '../store-failure.ts';
import { moveToFreeName } from './free-name.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const PIECE_BYTES = 256 * 1024;
const SUFFIX = '.work';
const ID = /^[A-Za-z0-9_-]{1,128}$/;

/** Opens the room in a folder, made where it is missing. Rejects with `StoreError`. */
export async function openFileRoom({ path }: { readonly path: string }): Promise<FileRoom> {
  await onDisk(() => mkdir(path, { recursive: true, mode: FOLDER_MODE }));
  const fileOf = (id: string): string => join(path, `${checked(id)}${SUFFIX}`);
  return {
    open: (id) => onDisk(async () => {
      const file = fileOf(id);
      await (await open(file, 'a', FILE_MODE)).close();
      return new HandleFile(await open(file, 'r+'));
    }),
    remove: (id) => onDisk(() => rm(fileOf(id), { force: true })),
    list: () => onDisk(async () => (await readdir(path)).filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length))),
    source: (file) => onDisk(() => sourceOf(file)),
    output: (id, folder) => new NewFile(folder, `.${checked(id)}.part`),
  };
}

function checked(id: string): string {
  if (!ID.test(id)) throw storeError('FAILED', undefined, 'this names no transfer');
  return id;
}

async function sourceOf(file: string): Promise<RoomSource | null> {
  const facts = await stat(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (facts?.isFile() !== true) return null;
  return { name: basename(resolve(file)), size: facts.size, stamp: `${facts.size} ${facts.mtimeMs}`, pieces: () => piecesOf(file) };
}

async function* piecesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(file, { highWaterMark: PIECE_BYTES })) yield piece as Uint8Array;
  } catch (error) {
    throw asStoreError(error);
  }
}

class HandleFile implements WorkFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  read(at: number, length: number): Promise<Uint8Array> {
    return onDisk(async () => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await this.#handle.read(bytes, done, length - done, at + done);
        if (bytesRead === 0) throw storeError('DAMAGED', undefined, 'a work file is shorter than it was');
        done += bytesRead;
      }
      return bytes;
    });
  }

  write(at: number, bytes: Uint8Array): Promise<void> {
    return onDisk(() => writeAll(this.#handle, at, bytes));
  }

  sync(): Promise<void> {
    return onDisk(() => this.#handle.datasync());
  }

  clear(): Promise<void> {
    return onDisk(() => this.#handle.truncate(0));
  }

  close(): Promise<void> {
    return onDisk(() => this.#handle.close());
  }
}

class NewFile implements RoomOutput {
  readonly #folder: string;
  readonly #path: string;
  #handle: FileHandle | null = null;
  #at = 0;

  constructor(folder: string, name: string) {
    this.#folder = resolve(folder);
    this.#path = join(this.#folder, name);
  }

  write(bytes: Uint8Array): Promise<void> {
    return onDisk(async () => {
      await writeAll(await this.#open(), this.#at, bytes);
      this.#at += bytes.length;
    });
  }

  finish(name: string): Promise<string> {
    return onDisk(async () => {
      const handle = await this.#open();
      await handle.sync();
      await this.#close();
      return moveToFreeName(this.#path, join(this.#folder, name));
    });
  }

  discard(): Promise<void> {
    return onDisk(async () => {
      await this.#close();
      await rm(this.#path, { force: true });
    });
  }

  async #open(): Promise<FileHandle> {
    if (this.#handle !== null) return this.#handle;
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    this.#at = 0;
    this.#handle = await open(this.#path, 'w', FILE_MODE);
    return this.#handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }
}

async function writeAll(handle: FileHandle, at: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}
