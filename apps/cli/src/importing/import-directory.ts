/** `polyplex import directory`: what the reference's directory knew of groups, for a bot that does not run. */
import { type BotConfig, importReference, type ReadReference, readReferenceDatabase, readReferenceLog } from 'directory-bot';
import { silentLogger } from '@polyplex/telemetry';
import { type ConfigFlags, loadSettings } from '../config-options.ts';
import { CliError } from '../report-failure.ts';

interface Flags extends ConfigFlags {
  readonly log?: string;
  readonly database?: string;
  readonly check?: true;
}

const MAX_SHOWN = 20;

export async function importDirectory(flags: Flags): Promise<void> {
  const read = readOld(flags);
  const { values } = loadSettings({ ...flags, only: 'bot' });
  for (const { line, problem } of read.problems.slice(0, MAX_SHOWN)) process.stderr.write(`${flags.log === undefined ? 'Row' : 'Line'} ${String(line)}: ${PROBLEMS[problem]}\n`);
  if (read.problems.length > MAX_SHOWN) process.stderr.write(`… and ${String(read.problems.length - MAX_SHOWN)} more\n`);
  process.stdout.write(await outcome(read, values, flags));
}

const PROBLEMS = {
  syntax: 'is none that a directory writes, and is passed over', 'unknown-group': 'is about a group that no line before made, and is passed over', repeated: 'replaces what was before',
} as const;

function readOld({ log, database }: Flags): ReadReference {
  if ((log === undefined) === (database === undefined)) throw new CliError('USAGE', 'give --database, or --log: one of them');
  return database === undefined ? readReferenceLog(log!) : readReferenceDatabase(database);
}

async function outcome({ registrations, rows }: ReadReference, config: BotConfig, { check }: Flags): Promise<string> {
  const found = `${String(rows)} read, ${String(registrations.length)} registrations`;
  if (check === true) {
    const named = registrations.filter(({ name }) => name !== null).length;
    return `${found}, ${String(named)} of them with a name. Nothing was changed.\n`;
  }
  const { expected, nameless, ended, known } = await importReference(config, registrations, silentLogger);
  return `${found}
  Expected now     ${String(expected)}: when their owners invite the bot, their settings are taken over
  Known before     ${String(known)}
  Ended            ${String(ended)}: removed, or never finished
  Without a name   ${String(nameless)}: they cannot be known again${nameless > 0 ? '; the database has names, the log has none' : ''}
`;
}
