/** The whole report of `polyplex upgrade check`: settings, files, stores, nodes, backups, and what follows from them. */
import { ConfigError, type Problem } from '@polyplex/config';
import { NodeError } from '@polyplex/node';
import { FORMAT_VERSION } from '@polyplex/store-common';
import { configFolder, type ConfigFlags, loadSettings } from '../config-options.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { checkNamedFiles } from '../settings/check-named-files.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { VERSION } from '../version.ts';
import { type BackupReport, backupReports } from './backup-room.ts';
import { findStores, type RunningNode } from './find-stores.ts';
import { type Rolling, rollingOf, type StoreReport, storeReport } from './store-report.ts';

export interface UpgradeReport {
  /** Of this program, the one to upgrade to. */
  readonly program: string;
  readonly format: number;
  readonly settings: readonly Problem[];
  /** What is wrong with certificates, keys and other files that settings name; null for nothing. */
  readonly files: string | null;
  /** Null where settings do not say which there are. */
  readonly stores: readonly StoreReport[] | null;
  readonly nodes: readonly RunningNode[];
  readonly rolling: Rolling | null;
  readonly backups: readonly BackupReport[];
  readonly verdict: Verdict;
}

/** `heed`: it would work, but read first what is said. */
type Verdict = 'ready' | 'heed' | 'settings' | 'files' | 'stores';

export const VERDICT_EXIT: Readonly<Record<Verdict, number>> = {
  ready: EXIT_CODES.ok, heed: EXIT_CODES.failed, settings: EXIT_CODES.config, files: EXIT_CODES.identity, stores: EXIT_CODES.storage,
};

type Parts = Omit<UpgradeReport, 'program' | 'format' | 'verdict'>;

const NOTHING: Parts = { settings: [], files: null, stores: null, nodes: [], rolling: null, backups: [] };

export async function upgradeReport(flags: ConfigFlags): Promise<UpgradeReport> {
  const parts = await partsOf(flags);
  return { program: VERSION, format: FORMAT_VERSION, ...parts, verdict: verdictOf(parts) };
}

async function partsOf(flags: ConfigFlags): Promise<Parts> {
  let config: PolyplexConfig;
  try {
    config = loadSettings(flags).values;
  } catch (error) {
    return { ...NOTHING, settings: problemsOf(error) };
  }
  const named = namedFiles(configFolder(flags), config);
  // Without its password Redis says nothing.
  if (named.settings.length > 0) return { ...NOTHING, ...named };
  const { stores: found, nodes } = await findStores(config);
  const stores = found.map((store) => storeReport(store, FORMAT_VERSION));
  return { ...named, stores, nodes, rolling: rollingOf(stores), backups: await backupReports(config, found) };
}

function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof ConfigError) return error.problems;
  throw error;
}

function namedFiles(configDir: string, config: PolyplexConfig): Pick<Parts, 'settings' | 'files'> {
  try {
    checkNamedFiles(configDir, config);
    return { settings: [], files: null };
  } catch (error) {
    if (error instanceof NodeError) return { settings: [], files: error.message };
    return { settings: problemsOf(error), files: null };
  }
}

function verdictOf({ settings, files, stores, backups }: Parts): Verdict {
  if (settings.length > 0) return 'settings';
  if (stores?.some(({ opens }) => !opens) === true) return 'stores';
  if (files !== null) return 'files';
  const changes = stores?.some(({ state }) => state === 'older') === true;
  const unsafe = backups.some(({ enough, newest }) => !enough || newest === null);
  return changes || unsafe ? 'heed' : 'ready';
}
