/** Files and folders that only their owner may read. */
import { closeSync, fchmodSync, fchownSync, fstatSync, fsyncSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from '../report-failure.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Makes a folder, and those above it, where they are missing. */
export function makePrivateFolder(path: string): void {
  attempt(path, () => mkdirSync(path, { recursive: true, mode: FOLDER_MODE }), FOLDER_REASONS);
}

/** Writes a new file, durably; throws `CliError` when there is one already. */
export function writeNewPrivateFile(path: string, content: string): void {
  attempt(path, () => write(path, content, 'wx'));
}

/**
 * Puts new content in a file's place in one step, so that no reader ever sees half of it. Whoever could read the file
 * `like`, by default the one replaced, can read the new one: the relay may run as another user than its operator.
 */
export function replacePrivateFile(path: string, content: string, like = path): void {
  attempt(path, () => {
    write(`${path}.new`, content, 'w', accessOf(like));
    renameSync(`${path}.new`, path);
  });
}

interface Access {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** A file that is missing is made for the owner of its folder. */
function accessOf(path: string): Access {
  const file = statSync(path, { throwIfNoEntry: false });
  const { uid, gid } = file ?? statSync(dirname(path));
  return { uid, gid, mode: file === undefined ? FILE_MODE : file.mode & 0o777 };
}

function write(path: string, content: string, flags: 'w' | 'wx', access?: Access): void {
  const file = openSync(path, flags, FILE_MODE);
  try {
    if (access !== undefined) give(file, access);
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function give(file: number, { uid, gid, mode }: Access): void {
  const own = fstatSync(file);
  if (own.uid !== uid || own.gid !== gid) fchownSync(file, uid, gid);
  fchmodSync(file, mode);
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'exists already',
  EACCES: `may not be written by this user, number ${String(process.getuid?.() ?? 'unknown')}: give it the folder`,
  EROFS: 'is on a disk for reading only: make it writable for the first start, or bring a configuration that "polyplex init" made elsewhere',
  EPERM: 'cannot be given to the owner of the present one: do this as that user, or as root',
};

const NO_FOLDER = 'is to be a folder, and a file is in its place: name another folder, or move the file away';
/** Made with those above it, a folder that is there is none that is in the way. */
const FOLDER_REASONS: Readonly<Record<string, string>> = { ...REASONS, EEXIST: NO_FOLDER, ENOTDIR: NO_FOLDER };

function attempt(path: string, task: () => void, reasons = REASONS): void {
  try {
    task();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError('FILES', `${path} ${reasons[code ?? ''] ?? `cannot be written (${code ?? 'unknown reason'})`}`, { cause: error });
  }
}
