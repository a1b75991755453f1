/** `polyplex restore`: a server from a backup, where there is none. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkFiles, copyDurably, makeFolder, type Manifest, readManifest, STATISTICS_FOLDER, statisticsFolder } from '@polyplex/node';
import { type ConfigFlags, configFolder, loadSettings } from '../config-options.ts';
import { explained } from '../moving/failures.ts';
import { interruption } from '../moving/interruption.ts';
import { countText, Progress, sizeText } from '../moving/progress.ts';
import { type Row, rowsText } from '../moving/summary.ts';
import { CliError } from '../report-failure.ts';
import { addressOf } from '../server-addresses.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { NOUNS, type ServerName } from '../settings/servers.ts';
import { SETUPS } from '../setup/server-setup.ts';
import { checkIdentity, type ConfigOutcome, restoreConfig } from './restore-config.ts';
import { type RestoredFiles, restoreFiles } from './restore-files.ts';
import { restoreQueues } from './restore-queues.ts';
import { restoreTokens } from './restore-tokens.ts';

export interface RestoreFlags extends ConfigFlags {
  /** Only look at the backup. */
  readonly check?: true;
  readonly otherIdentity?: true;
}

export async function restoreCommand(given: string, flags: RestoreFlags): Promise<void> {
  const backup = resolve(given);
  const signal = interruption();
  const manifest = await readManifest(backup);
  await checked(backup, manifest, signal);
  if (flags.check === true) {
    process.stdout.write(`The backup is whole${manifest.server === 'xftp' ? '; the bodies of files are compared with their records when it is restored' : ''}.\n\n${rowsText(rowsOf(manifest))}`);
    return;
  }
  // What stands in the way is told before anything is written.
  refuseData(manifest.server, loadSettings({ ...flags, only: manifest.server }).values);
  const config = await restoreConfig(backup, manifest, flags);
  const values = loadSettings({ ...flags, only: manifest.server }).values;
  refuseData(manifest.server, values);
  if (flags.otherIdentity !== true) checkIdentity(manifest, flags);
  const files = await restoreData({ backup, manifest, values, signal });
  await restoreStatistics(backup, manifest, values);
  process.stdout.write(summary({ backup, manifest, values, flags, config, files }));
  if (files !== null && files.damaged > 0) {
    throw new CliError('FAILED', `${countText(files.damaged)} files were damaged in the backup and are NOT restored; all others are`);
  }
}

async function checked(backup: string, manifest: Manifest, signal: AbortSignal): Promise<void> {
  try {
    await checkFiles(backup, manifest, { signal });
  } catch (error) {
    if (signal.aborted) throw new CliError('FAILED', 'interrupted: nothing was changed', { cause: error });
    throw error;
  }
}

const STORAGES = { smp: 'storage', xftp: 'xftpStorage', ntf: 'ntfStorage' } as const satisfies Readonly<Record<ServerName, string>>;

/** Throws `CliError` where the data may not be put. */
function refuseData(server: ServerName, values: PolyplexConfig): void {
  const setup = SETUPS[server];
  const [dataDir, section] = [setup.dataDir(values), STORAGES[server]];
  if (values[section].engine !== 'embedded') {
    throw new CliError('USAGE', `a backup is restored to the embedded engine: use --set ${section}.engine=embedded; a relay then moves on with "polyplex store export" and "import"`);
  }
  if (setup.holdsData(dataDir)) {
    throw new CliError('FILES', `there is data of a ${NOUNS[server]} in ${setup.dataFolder(dataDir)}: move it away, or name another folder with --set storage.dataDir=…; nothing is overwritten`);
  }
}

interface Job {
  readonly backup: string;
  readonly manifest: Manifest;
  readonly values: PolyplexConfig;
  readonly signal: AbortSignal;
}

/** Null for all but a file server. */
async function restoreData({ backup, manifest, values, signal }: Job): Promise<RestoredFiles | null> {
  const setup = SETUPS[manifest.server];
  const folder = setup.dataFolder(setup.dataDir(values));
  const progress = new Progress('restoring');
  try {
    if (manifest.server === 'smp') {
      await restoreQueues(backup, manifest, folder);
      return null;
    }
    if (manifest.server === 'ntf') {
      await restoreTokens(backup, manifest, folder);
      return null;
    }
    const all = manifest.counts['uploaded'] ?? 0;
    return await restoreFiles(backup, folder, {
      signal,
      onFile: (done, bytes) => progress.update({ done: [`${countText(done)} files`], bytes, share: all === 0 ? null : Math.min(1, done / all) }),
    });
  } catch (error) {
    throw explained(error, backup, 'run it again');
  } finally {
    progress.end();
  }
}

/** Those that are there already stay. */
async function restoreStatistics(backup: string, { files }: Manifest, values: PolyplexConfig): Promise<void> {
  const folder = statisticsFolder(values);
  for (const { path } of files) {
    if (!path.startsWith(`${STATISTICS_FOLDER}/`)) continue;
    const target = join(folder, path.slice(STATISTICS_FOLDER.length + 1));
    if (existsSync(target)) continue;
    await makeFolder(folder);
    await copyDurably(join(backup, path), target);
  }
}

function rowsOf({ server, program, startedAt, counts, bodies }: Manifest): Row[] {
  const of = (name: string): string => countText(counts[name] ?? 0);
  return [
    ['Made', `${startedAt.slice(0, 16).replace('T', ' ')} UTC, of a ${NOUNS[server]}, by polyplex ${program}`],
    ...CONTENTS[server](of, { counts, bodies }),
  ];
}

type Contents = (of: (name: string) => string, manifest: Pick<Manifest, 'counts' | 'bodies'>) => readonly Row[];

const CONTENTS: Readonly<Record<ServerName, Contents>> = {
  smp: (of) => [['Queues', of('queues')], ['Messages', of('messages')], ['Notifications', of('notifications')]],
  xftp: (of, { counts, bodies }) => [['Files', `${of('uploaded')}, ${sizeText(counts['bytes'] ?? 0)}`], ['Bodies', countText(bodies?.count ?? 0)]],
  ntf: (of) => [['Devices', of('tokens')], ['Queues watched', of('subscriptions')]],
};

const CONFIGS: Readonly<Record<ConfigOutcome, (folder: string) => string>> = {
  restored: (folder) => `restored to ${folder}; the CA key is not in a backup`,
  kept: (folder) => `${folder} was there, and stays as it is`,
  none: (folder) => `not in the backup; that of ${folder} is used`,
};

interface Restored extends Omit<Job, 'signal'> {
  readonly flags: RestoreFlags;
  readonly config: ConfigOutcome;
  readonly files: RestoredFiles | null;
}

function summary({ backup, manifest, values, flags, config, files }: Restored): string {
  const { server } = manifest;
  const setup = SETUPS[server];
  const rows: Row[] = [
    ...rowsOf(manifest),
    ...(files === null ? [] : ([['Restored', `${countText(files.restored)} files, ${sizeText(files.bytes)}; ${countText(files.gone)} had been removed while the backup was made`]] as const)),
    ['Data', setup.dataFolder(setup.dataDir(values))],
    ['Settings', CONFIGS[config](configFolder(flags))],
    ['Address', addressOf(values, server, { withPassword: false })],
  ];
  return `Restored ${backup}

${rowsText(rows)}
What the ${NOUNS[server]} was told after ${manifest.startedAt.slice(0, 16).replace('T', ' ')} UTC is not there. Make sure that the old one does not run any more.
Next: polyplex start
`;
}
