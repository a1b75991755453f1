/** `polyplex import xftp`: a file server of the reference becomes one of Polyplex, under the same address. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ConfigFlags } from '../config-options.ts';
import { interruption } from '../moving/interruption.ts';
import { CliError } from '../report-failure.ts';
import { importLog, type LogImport } from './import-log.ts';
import { importIdentity, importSettings, type TakenSettings } from './import-settings.ts';
import { importStatistics } from './import-statistics.ts';
import { readOldIdentity } from './old-identity.ts';
import { FILE_PASSWORD_FILE, type OldSettings, readXftpIni } from './xftp-ini.ts';

export interface ImportXftpFlags extends ConfigFlags {
  readonly log?: string;
  readonly files?: string;
  readonly ini?: string;
  readonly identity?: string;
  readonly check?: true;
  readonly verify?: true;
  readonly skipBad?: true;
}

/** Beside the log. */
const STATISTICS_FILE = 'file-server-stats.log';

export async function importXftp(flags: ImportXftpFlags): Promise<void> {
  const check = flags.check === true;
  // All of it is read before anything of it is written.
  const settings = flags.ini === undefined ? null : readXftpIni(flags.ini);
  const identity = flags.identity === undefined ? null : readOldIdentity(flags.identity);
  const log = logOf(flags, settings);
  if (log === null && settings === null && identity === null) throw new CliError('USAGE', 'nothing to import: name --log with --files, --ini or --identity');
  const goOn = settings === null ? flags : importSettings(takenOf(settings), flags, check);
  if (identity !== null) importIdentity(identity, 'xftp', goOn, check);
  if (log === null) return;
  await importLog({ ...log, flags: goOn });
  const statistics = join(dirname(log.log), STATISTICS_FILE);
  if (existsSync(statistics)) importStatistics({ path: statistics, server: 'xftp' }, goOn, check);
}

function takenOf({ piece, password, others }: OldSettings): TakenSettings {
  const files = password === null ? [] : [{ name: FILE_PASSWORD_FILE, content: `${password}\n`, of: 'password than AUTH.create_password' }];
  return { server: 'xftp', piece, files, others, needed: ['xftpFiles.expireAfter'] };
}

/** Null where no files are to be imported. */
function logOf(flags: ImportXftpFlags, settings: OldSettings | null): LogImport | null {
  const { log, check = false, verify = false, skipBad = false } = flags;
  if (log === undefined) return null;
  const files = flags.files ?? settings?.filesFolder;
  if (files === undefined || files === null) throw new CliError('USAGE', '--log needs --files, the folder of the bodies, or --ini, which names it');
  return { log, files, isInDatabase: settings?.isInDatabase === true, check, verify, skipBad, flags, signal: interruption() };
}
