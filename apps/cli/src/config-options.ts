/** The options by which every command finds the configuration, and the configuration itself. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type LoadedConfig, loadConfig, processEnvironment } from '@polyplex/config';
import type { Command } from 'commander';
import { smpConfig } from 'smp-server';
import { readText } from './read-text.ts';

export const CONFIG_FILE = 'polyplex.yaml';

export interface ConfigFlags {
  readonly configDir?: string;
  readonly set: readonly string[];
}

const DEFAULT_CONFIG_DIR = 'config';

/** Adds `--config-dir` and `--set`. */
export function withConfigOptions(command: Command): Command {
  return command
    .option('-c, --config-dir <folder>', `folder with ${CONFIG_FILE}, certificates and keys (default: $POLYPLEX_CONFIG_DIR or ./${DEFAULT_CONFIG_DIR})`)
    .option('-s, --set <section.key=value>', 'override a setting; may be repeated', (value: string, before: string[]) => [...before, value], []);
}

/** Absolute path of the configuration folder. */
export function configFolder({ configDir }: Pick<ConfigFlags, 'configDir'>): string {
  const fromEnvironment = processEnvironment()['POLYPLEX_CONFIG_DIR'];
  return resolve(configDir ?? (fromEnvironment || DEFAULT_CONFIG_DIR));
}

export type LoadedSmpConfig = LoadedConfig<typeof smpConfig>;

/** File (where there is one), environment and flags; throws `ConfigError`. */
export function loadSmpConfig(flags: ConfigFlags): LoadedSmpConfig {
  const folder = configFolder(flags);
  const path = join(folder, CONFIG_FILE);
  const file = existsSync(path) ? { file: { path, text: readText(path) } } : {};
  return loadConfig(smpConfig, { ...file, folder, environment: processEnvironment(), flags: flags.set });
}
