/** The options by which every command finds the configuration, and the configuration itself. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type LoadedConfig, loadConfig, processEnvironment } from '@polyplex/config';
import { type Command, Option } from 'commander';
import { readText } from './read-text.ts';
import { polyplexConfig } from './settings/polyplex-config.ts';
import { onlySettings, SERVER_NAMES, type ServiceName } from './settings/servers.ts';

export const CONFIG_FILE = 'polyplex.yaml';

export interface ConfigFlags {
  readonly configDir?: string;
  readonly set: readonly string[];
  /** One server alone, whatever `servers.run` says. */
  readonly only?: ServiceName;
}

const DEFAULT_CONFIG_DIR = 'config';

/** Adds `--config-dir` and `--set`. */
export function withConfigOptions(command: Command): Command {
  return command
    .option('-c, --config-dir <folder>', `folder with ${CONFIG_FILE}, certificates and keys (default: $POLYPLEX_CONFIG_DIR or ./${DEFAULT_CONFIG_DIR})`)
    .option('-s, --set <section.key=value>', 'override a setting; may be repeated', (value: string, before: string[]) => [...before, value], []);
}

/** Adds `--only`, of servers, or of what is named. */
export function withOnlyOption(command: Command, description: string, names: readonly ServiceName[] = SERVER_NAMES): Command {
  return command.addOption(new Option('--only <server>', description).choices(names));
}

/** Absolute path of the configuration folder. */
export function configFolder({ configDir }: Pick<ConfigFlags, 'configDir'>): string {
  const fromEnvironment = processEnvironment()['POLYPLEX_CONFIG_DIR'];
  return resolve(configDir ?? (fromEnvironment || DEFAULT_CONFIG_DIR));
}

export type LoadedSettings = LoadedConfig<typeof polyplexConfig>;

/** File (where there is one), environment and flags; throws `ConfigError`. */
export function loadSettings(flags: ConfigFlags): LoadedSettings {
  const folder = configFolder(flags);
  const path = join(folder, CONFIG_FILE);
  const file = existsSync(path) ? { file: { path, text: readText(path) } } : {};
  const only = flags.only === undefined ? [] : onlySettings(flags.only);
  return loadConfig(polyplexConfig, { ...file, folder, environment: processEnvironment(), flags: [...flags.set, ...only] });
}
