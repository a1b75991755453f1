/**
 * Where bodies lie: `<path>/<2 hex digits>/<1 hex digit>/<body id>`, and `<body id>.part` while one is written. The 4096
 * folders are chosen by a hash, so that ids of any kind fill them evenly: with ten million bodies each holds some 2500.
 * They are made when they are first needed.
 *
 * A file at the top marks the folder as this store's. Where it is missing the disk is not there, and nothing is written to
 * what lies beneath.
 */
import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';

const MARK_FILE = 'polyplex-bodies';
const NEW_MARK_FILE = `${MARK_FILE}.new`;
const MARK = 'polyplex body store ';
const VERSION = 1;
const KNOWN = [MARK_FILE, NEW_MARK_FILE, 'lost+found'];

const PART = '.part';
const BODY_ID = /^[\w-]{1,64}$/;
const FIRST_LEVEL = 256;
const SECOND_LEVEL = 16;
const [FOLDER_MODE, FILE_MODE] = [0o700, 0o600];

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export interface Place {
  readonly folder: string;
  readonly whole: string;
  readonly part: string;
}

const firstName = (number: number): string => number.toString(16).padStart(2, '0');
const secondName = (number: number): string => number.toString(16);

/** FNV-1a, whose lower bits are mixed best. */
function hash(bodyId: string): number {
  let value = FNV_OFFSET;
  for (let i = 0; i < bodyId.length; i++) value = Math.imul(value ^ bodyId.charCodeAt(i), FNV_PRIME);
  return value >>> 0;
}

/** Whether the file system has nothing of that name. */
export function isMissing(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ENOENT';
}

/** Makes what was done in a folder durable: a new name, a name that has changed. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export class Places {
  readonly path: string;
  /** Folders whose own names are not durable yet. */
  private readonly making = new Map<string, Promise<void>>();
  private closed = false;

  constructor(path: string) {
    this.path = path;
  }

  /** From now on no body is looked for, and no check succeeds. */
  close(): void {
    this.closed = true;
  }

  get isOpen(): boolean {
    return !this.closed;
  }

  assertOpen(): void {
    if (this.closed) throw storeError('UNAVAILABLE', undefined, 'the store is closed');
  }

  /** Throws for what is no body id: a name must never lead out of the folder. */
  of(bodyId: string): Place {
    this.assertOpen();
    if (!BODY_ID.test(bodyId)) throw storeError('FAILED', undefined, 'not a body id');
    const value = hash(bodyId);
    const folder = this.folder(value % FIRST_LEVEL, Math.floor(value / FIRST_LEVEL) % SECOND_LEVEL);
    const whole = join(folder, bodyId);
    return { folder, whole, part: whole + PART };
  }

  /** Opens the file that a body is first written to; it must not exist. */
  async create({ folder, part }: Place): Promise<FileHandle> {
    try {
      return await open(part, 'wx', FILE_MODE);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    await this.made(folder);
    return open(part, 'wx', FILE_MODE);
  }

  /** Gives a written file its name, durably. */
  async finish({ folder, part, whole }: Place): Promise<void> {
    await rename(part, whole);
    await syncFolder(folder);
    await this.making.get(folder);
  }

  /** The folders that may hold bodies, and which of their entries do. */
  async *walk(): AsyncGenerator<{ folder: string; names: readonly { file: string; bodyId: string }[] }, void> {
    this.assertOpen();
    for (let first = 0; first < FIRST_LEVEL; first++) {
      if ((await entries(join(this.path, firstName(first)))).length === 0) continue;
      for (let second = 0; second < SECOND_LEVEL; second++) {
        const folder = this.folder(first, second);
        const names = (await entries(folder)).flatMap((file) => {
          const bodyId = file.endsWith(PART) ? file.slice(0, -PART.length) : file;
          return BODY_ID.test(bodyId) ? [{ file, bodyId }] : [];
        });
        yield { folder, names };
      }
    }
  }

  /** Takes the folder for this store, or finds that it is. Throws UNAVAILABLE or DAMAGED. */
  async prepare(): Promise<void> {
    let found: string[];
    try {
      await mkdir(this.path, { recursive: true, mode: FOLDER_MODE });
      found = await readdir(this.path);
      if (!found.some((entry) => !KNOWN.includes(entry)) && !found.includes(MARK_FILE)) await this.mark();
    } catch (error) {
      throw storeError('UNAVAILABLE', error, `the folder of bodies cannot be used: ${errorText(error)}`);
    }
    if (found.some((entry) => !KNOWN.includes(entry)) && !found.includes(MARK_FILE)) {
      throw storeError('DAMAGED', undefined, 'the folder holds other files: give the bodies a folder of their own');
    }
    await this.check();
  }

  /** Throws UNAVAILABLE with what an operator has to do; DAMAGED for a newer format. */
  async check(): Promise<void> {
    this.assertOpen();
    let mark: string;
    try {
      mark = await readFile(join(this.path, MARK_FILE), 'latin1');
    } catch (error) {
      if (!isMissing(error)) throw storeError('UNAVAILABLE', error, `the folder of bodies cannot be read: ${errorText(error)}`);
      throw storeError('UNAVAILABLE', error, 'the folder of bodies is missing or empty: mount its disk, or restore it and start again');
    }
    const version = mark.startsWith(MARK) ? Number(mark.slice(MARK.length)) : NaN;
    if (!Number.isInteger(version)) throw storeError('DAMAGED', undefined, `the file ${MARK_FILE} is not this program's: restore it`);
    if (version > VERSION) {
      throw storeError('DAMAGED', undefined, `the bodies have format ${version}, this release reads up to ${VERSION}: use a newer one`);
    }
    try {
      await access(this.path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw storeError('UNAVAILABLE', error, `the folder of bodies cannot be written: ${errorText(error)}`);
    }
  }

  private folder(first: number, second: number): string {
    return join(this.path, firstName(first), secondName(second));
  }

  private async mark(): Promise<void> {
    const made = join(this.path, NEW_MARK_FILE);
    await writeFile(made, `${MARK}${VERSION}\n`, { mode: FILE_MODE, flush: true });
    await rename(made, join(this.path, MARK_FILE));
    await syncFolder(this.path);
  }

  /** Resolves when the folder and its own name are durable; those who come meanwhile wait for the same. */
  private made(folder: string): Promise<void> {
    const known = this.making.get(folder);
    if (known !== undefined) return known;
    const making = this.make(folder).finally(() => this.making.delete(folder));
    this.making.set(folder, making);
    return making;
  }

  private async make(folder: string): Promise<void> {
    await this.check();
    const first = join(folder, '..');
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    await syncFolder(first);
    await syncFolder(this.path);
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
