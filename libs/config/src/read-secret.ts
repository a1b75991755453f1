/** Secrets live in files that settings name. */
import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from './problem.ts';

const MAX_SECRET_BYTES = 4096;

/** The first line of a secret file. Throws `ConfigError` naming `setting` and the path, never the content. */
export function readSecret(setting: string, path: string): string {
  const fail = (what: string): ConfigError => new ConfigError([{ setting, message: `the file ${path} ${what}`, source: null }]);
  let content: string;
  try {
    if (statSync(path).size > MAX_SECRET_BYTES) throw fail(`is longer than ${String(MAX_SECRET_BYTES)} bytes`);
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw fail(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
  }
  const secret = content.split(/\r?\n/, 1)[0]?.trim() ?? '';
  if (secret === '') throw fail('is empty');
  return secret;
}
