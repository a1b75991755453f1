/** Files that the command line reads by itself. */
import { readFileSync } from 'node:fs';
import { CliError } from './report-failure.ts';

/** Throws `CliError` FILES naming the path. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError('FILES', `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`, { cause: error });
  }
}
