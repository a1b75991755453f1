/** Files that the command line reads by itself. */
import { readFileSync } from 'node:fs';
import { CliError } from './report-failure.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  EISDIR: 'it is a folder, and a file is needed',
  EACCES: 'this user may not read it',
};

/** Throws `CliError` FILES naming the path. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new CliError('FILES', `${path} cannot be read: ${REASONS[code] ?? code}`, { cause: error });
  }
}
