/** `polyplex import simplex`: a relay of the reference becomes one of Polyplex, under the same address. */
import { join } from 'node:path';
import type { ConfigFlags } from '../../config-options.ts';
import { interruption } from '../../moving/interruption.ts';
import { CliError } from '../../report-failure.ts';
import { importIdentity, importSettings } from '../import-settings.ts';
import { importStatistics } from '../import-statistics.ts';
import { type OldIdentity, readOldIdentity } from '../old-identity.ts';
import { importOldQueues } from './import-queues.ts';
import { findOldFiles, type OldFiles } from './old-files.ts';
import { type OldRelay, readSmpIni } from './smp-ini.ts';

export interface ImportSimplexFlags extends ConfigFlags {
  readonly oldConfig?: string;
  readonly oldData?: string;
  readonly ini?: string;
  readonly identity?: string;
  readonly log?: string;
  readonly messages?: string;
  readonly notifications?: string;
  readonly check?: true;
  readonly verify?: true;
  readonly skipBad?: true;
}

const INI_FILE = 'smp-server.ini';

export async function importSimplex(flags: ImportSimplexFlags): Promise<void> {
  const check = flags.check === true;
  // All of it is looked at before anything is written.
  const { settings, identity, files } = lookAt(flags, check);
  if (files === null && settings === null && identity === null) throw new CliError('USAGE', 'nothing to import: name --old-config and --old-data');
  const goOn = settings === null ? flags : importSettings(settings, flags, check);
  if (identity !== null) importIdentity(identity, 'smp', goOn, check);
  if (files !== null) await importData(files, { ...flags, ...goOn }, check);
}

interface OldRelayParts {
  readonly settings: OldRelay | null;
  readonly identity: OldIdentity | null;
  readonly files: OldFiles | null;
}

/** Null for what is not asked for. */
function lookAt(flags: ImportSimplexFlags, check: boolean): OldRelayParts {
  const { oldConfig, oldData, log, messages, notifications } = flags;
  const ini = flags.ini ?? (oldConfig === undefined ? undefined : join(oldConfig, INI_FILE));
  const settings = ini === undefined ? null : readSmpIni(ini);
  const identity = flags.identity ?? oldConfig;
  return {
    settings, identity: identity === undefined ? null : readOldIdentity(identity),
    files: findOldFiles({ data: oldData, log, messages, notifications, store: settings?.store ?? null, check }),
  };
}

async function importData(files: OldFiles, flags: ImportSimplexFlags, check: boolean): Promise<void> {
  await importOldQueues({ files, check, verify: flags.verify === true, skipBad: flags.skipBad === true, flags, signal: interruption() });
  if (files.statistics !== null) importStatistics({ path: files.statistics, server: 'smp' }, flags, check);
  if (check) return;
  process.stdout.write(`Next: "polyplex start". Keep the old server's folders until messages have arrived; never start both: each would have
queues and messages that the other does not.\n`);
}
