/** The folder of `--out`, for what a command makes. */
import { mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../report-failure.ts';

/** Its absolute path, made where it is missing; `what` goes there. Throws `CliError`. */
export function outFolder(path: string, what: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isDirectory()) throw new CliError('FILES', `${path} is no folder: --out names the folder that ${what} to`);
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new CliError('FILES', `${path} cannot be made (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}): name another folder with --out`, { cause: error });
  }
  return resolve(path);
}
