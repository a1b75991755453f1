/** Where k6 is: as told, beside this program's packages, or on the search path. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError } from '../report-failure.ts';

/** Where tools/install-k6.sh puts it, seen from the bundle and from the sources. */
const INSTALLED = ['../node_modules/.cache/k6/k6', '../../../../node_modules/.cache/k6/k6'];

/** Throws `CliError` FAILED with how to get it. */
export function findK6(given: string | undefined): string {
  const candidates = given === undefined ? [...INSTALLED.map((path) => fileURLToPath(new URL(path, import.meta.url))).filter((path) => existsSync(path)), 'k6'] : [given];
  for (const candidate of candidates) {
    if (spawnSync(candidate, ['version'], { stdio: 'ignore' }).status === 0) return candidate;
  }
  throw new CliError('FAILED', `k6 is not there${given === undefined ? '' : ` as ${given}`}: install it as https://k6.io says, or run tools/install-k6.sh, which builds it with Go; --k6 names it`);
}
