/** Files and folders that only their owner may read. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { CliError } from '../report-failure.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Makes a folder, and those above it, where they are missing. */
export function makePrivateFolder(path: string): void {
  attempt(path, () => mkdirSync(path, { recursive: true, mode: FOLDER_MODE }));
}

/** Writes a new file, durably; throws `CliError` when there is one already. */
export function writeNewPrivateFile(path: string, content: string): void {
  attempt(path, () => write(path, content, 'wx'));
}

/** Puts new content in a file's place in one step, so that no reader ever sees half of it. */
export function replacePrivateFile(path: string, content: string): void {
  attempt(path, () => {
    write(`${path}.new`, content, 'w');
    renameSync(`${path}.new`, path);
  });
}

function write(path: string, content: string, flags: 'w' | 'wx'): void {
  const file = openSync(path, flags, FILE_MODE);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function attempt(path: string, task: () => void): void {
  try {
    task();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'exists already' : `cannot be written (${code ?? 'unknown reason'})`;
    throw new CliError('FILES', `${path} ${reason}`, { cause: error });
  }
}
