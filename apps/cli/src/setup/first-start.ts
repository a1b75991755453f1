/**
 * `polyplex start` on a machine where nothing is, or settings alone, or a relay without the file server that later versions
 * have: what is missing is made from what file, environment and flags say.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfigFlags, CONFIG_FILE, configFolder, loadSettings } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { type ServerName, serversOf } from '../settings/servers.ts';
import { DEFAULT_PORTS, initialise, type NewInstallation, PASSWORD_FILE } from './initialise.ts';
import { randomPassword } from './password.ts';
import { hasOwnIdentity, lacksIdentity, SETUPS } from './server-setup.ts';

/** What servers with these settings are made of; with a password unless the settings' file says that there is none. */
export function installationOf(configDir: string, config: PolyplexConfig): NewInstallation {
  const { address, storage, access } = config;
  const withoutPassword = access.passwordFile === null && existsSync(join(configDir, CONFIG_FILE));
  const own = serversOf(config).filter((name) => hasOwnIdentity(configDir, config, name));
  return {
    configDir,
    servers: own.map((name) => ({ name, hosts: SETUPS[name].hosts(config), dataDir: SETUPS[name].dataDir(config) })),
    settings: { hosts: address.hosts, ports: DEFAULT_PORTS, dataDir: storage.dataDir, only: null },
    password: withoutPassword ? null : randomPassword(),
    passwordFile: access.passwordFile ?? join(configDir, PASSWORD_FILE),
    algorithm: 'ed25519',
  };
}

export interface Prepared {
  readonly config: PolyplexConfig;
  /** Servers whose identity was made just now. */
  readonly made: readonly ServerName[];
  /** What an operator may have meant otherwise. */
  readonly notes: readonly string[];
}

/** Makes what is missing; throws `ConfigError`, or `CliError` FILES where an identity would be a second one. */
export function prepareStart(flags: ConfigFlags): Prepared {
  const configDir = configFolder(flags);
  const config = loadSettings(flags).values;
  const lacking = serversOf(config).filter((name) => lacksIdentity(configDir, config, name));
  if (lacking.length === 0 || lacksForeign(configDir, config)) return { config, made: [], notes: [] };
  try {
    const { made } = initialise(installationOf(configDir, config));
    return { config: loadSettings(flags).values, made, notes: [] };
  } catch (error) {
    if (!isOnlyUnwritable(error, lacking, config)) throw error;
    const others = serversOf(config).includes('ntf') ? 'on' : 'off';
    const alone = loadSettings({ ...flags, set: [...flags.set, 'servers.run=smp', `servers.push=${others}`] }).values;
    return { config: alone, made: [], notes: [`No file server: its identity is to be made in ${SETUPS.xftp.folder(configDir)}, which cannot be written. Make it with "polyplex init", or set servers.run to smp.`] };
  }
}

/** Whether certificates that settings name elsewhere are missing: then the start fails, and nothing shall be made before. */
function lacksForeign(configDir: string, config: PolyplexConfig): boolean {
  const foreign = serversOf(config).filter((name) => !hasOwnIdentity(configDir, config, name));
  return foreign.some((name) => !existsSync(SETUPS[name].identity(config).certificateFile));
}

const UNWRITABLE: readonly unknown[] = ['EROFS', 'EACCES', 'EPERM'];

/** A relay that was there before file servers were goes on, also where its folder is for reading alone. */
function isOnlyUnwritable(error: unknown, lacking: readonly ServerName[], { servers }: PolyplexConfig): boolean {
  if (!(error instanceof CliError) || servers.run !== 'auto' || lacking.some((name) => name !== 'xftp')) return false;
  return UNWRITABLE.includes((error.cause as NodeJS.ErrnoException | undefined)?.code);
}
