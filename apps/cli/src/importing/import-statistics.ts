/** The counters of an old server's day (SMP §9.4 Statistics backup, XFTP §7.3), for the new one to go on with. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { statisticsFolder } from '@polyplex/node';
import { type ConfigFlags, loadSettings } from '../config-options.ts';
import { readText } from '../read-text.ts';
import { NOUNS, type ServerName } from '../settings/servers.ts';
import { makePrivateFolder, writeNewPrivateFile } from '../setup/private-files.ts';

/** Ids, or hashes of them by a function that is the reference's own. */
const OF_IDS = /^(\w*Hashes|day|week|month)=/;

export interface OldStatistics {
  readonly path: string;
  readonly server: ServerName;
}

/** Takes them where the new server has none; with `check`, only says what would be. Throws `CliError`. */
export function importStatistics({ path, server }: OldStatistics, flags: ConfigFlags, check: boolean): void {
  const lines = readText(path).split(/\r?\n/).filter((line) => !OF_IDS.test(line));
  const target = join(statisticsFolder(loadSettings({ ...flags, only: server }).values), `${server}-statistics.txt`);
  if (existsSync(target)) {
    process.stdout.write(`Statistics: ${target} is there already, and stays as it is\n\n`);
    return;
  }
  if (!check) {
    makePrivateFolder(dirname(target));
    writeNewPrivateFile(target, lines.join('\n'));
  }
  process.stdout.write(`Statistics: ${check ? 'would be' : 'are'} in ${target}; the ${NOUNS[server]} goes on with them where statistics.daily is on\n\n`);
}
