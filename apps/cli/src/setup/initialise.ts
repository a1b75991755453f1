/**
 * New servers' files (SMP §9.3, XFTP §7.1): settings, password and identities. Nothing that exists is ever overwritten.
 * The settings come first and online certificates last, so that a server with an identity has everything else.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SignatureKind } from '@polyplex/crypto';
import { stringify } from 'yaml';
import { CONFIG_FILE } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { NOUNS, SERVER_NAMES, type ServerName } from '../settings/servers.ts';
import { findIdentity, newIdentityFiles } from './identity-files.ts';
import { makePrivateFolder, writeNewPrivateFile } from './private-files.ts';
import { SETUPS } from './server-setup.ts';

export const PASSWORD_FILE = 'password';

interface NewServer {
  readonly name: ServerName;
  /** In its certificate. */
  readonly hosts: readonly string[];
  /** Absolute, or relative to the working directory. */
  readonly dataDir: string;
}

/** What settings are made of where there are none. */
interface NewSettings {
  readonly hosts: readonly string[];
  /** Of each server. */
  readonly ports: Readonly<Record<ServerName, number>>;
  readonly dataDir: string;
  /** One server alone. */
  readonly only: ServerName | null;
}

export interface NewInstallation {
  /** Absolute. */
  readonly configDir: string;
  /** Those that are to be there; at least one. */
  readonly servers: readonly NewServer[];
  readonly settings: NewSettings;
  /** Null for none. */
  readonly password: string | null;
  /** Absolute. */
  readonly passwordFile: string;
  readonly algorithm: SignatureKind;
}

export interface Initialised {
  readonly made: readonly ServerName[];
  /** What was there and stayed as it was. */
  readonly kept: readonly string[];
}

export const DEFAULT_PORTS: Readonly<Record<ServerName, number>> = { smp: 5223, xftp: 5443, ntf: 5643 };
/** Beside the configuration folder, so that both can be moved together. */
const DEFAULT_DATA_DIR = '../data';

/**
 * Writes what is missing. Throws `CliError` FILES before anything is written when nothing is, or when there is part of an
 * identity, or data that only a lost one can have made.
 */
export function initialise(installation: NewInstallation): Initialised {
  const { configDir, algorithm } = installation;
  const missing = missingServers(installation);
  const identities = missing.flatMap(({ name, hosts }) => {
    const folder = SETUPS[name].folder(configDir);
    const more = Object.entries(SETUPS[name].more()).map(([file, content]) => [join(folder, file), content] as const);
    return [Object.fromEntries(more), newIdentityFiles({ folder, hosts, algorithm, noun: NOUNS[name] })];
  });
  // Settings and password of a server that is there are its operator's, also where they are not in this folder.
  const settings = isNew(configDir) ? settingsFiles(installation) : {};
  const files = Object.assign(settings, ...identities) as Record<string, string>;
  for (const { name, dataDir } of missing) {
    makePrivateFolder(join(SETUPS[name].folder(configDir), 'ca'));
    makePrivateFolder(dataDir);
  }
  const kept = Object.keys(files).filter((path) => existsSync(path));
  for (const [path, content] of Object.entries(files)) {
    if (!kept.includes(path)) writeNewPrivateFile(path, content);
  }
  return { made: missing.map(({ name }) => name), kept };
}

function isNew(configDir: string): boolean {
  return SERVER_NAMES.every((name) => findIdentity(SETUPS[name].folder(configDir)).state === 'none');
}

function missingServers({ configDir, servers }: NewInstallation): NewServer[] {
  for (const { name } of servers) refusePart(name, SETUPS[name].folder(configDir));
  const missing = servers.filter(({ name }) => findIdentity(SETUPS[name].folder(configDir)).state === 'none');
  if (missing.length === 0) {
    const held = servers.map(({ name }) => `a ${NOUNS[name]} (${findIdentity(SETUPS[name].folder(configDir)).found.join(', ')})`);
    throw new CliError('FILES', `${configDir} holds ${held.join(' and ')} already; nothing was changed`);
  }
  for (const server of missing) refuseOldData(server, configDir);
  return missing;
}

function refusePart(name: ServerName, folder: string): void {
  const { state, found, missing } = findIdentity(folder);
  if (state !== 'part') return;
  const noun = NOUNS[name];
  throw new CliError('FILES', `${folder} holds part of a ${noun}'s identity (${found.join(', ')}), but not ${missing.join(', ')}; nothing was changed.
Bring the missing files back. With the CA key, "polyplex cert rotate" makes server.key and server.crt anew. If nobody uses
this ${noun} yet, move those that are there away: the next start makes a new identity, with a new address.`);
}

function refuseOldData({ name, dataDir }: NewServer, configDir: string): void {
  if (!SETUPS[name].holdsData(dataDir)) return;
  const data = SETUPS[name].dataFolder(resolve(dataDir));
  throw new CliError('FILES', `${data} holds the data of a ${NOUNS[name]}, but ${SETUPS[name].folder(configDir)} holds no identity; nothing was changed.
Name the right folder with --config-dir, or bring it back: a new identity has a new address, under which no user would find
that data. With the folder ca/ in it, "polyplex cert rotate" makes server.key and server.crt anew; polyplex.yaml and the
password are as before only from a copy. To begin anew, move ${data} away.`);
}

/** Settings that are there already count as they are. */
function settingsFiles(installation: NewInstallation): Record<string, string> {
  const { configDir, password, passwordFile } = installation;
  return {
    ...(password === null ? {} : { [passwordFile]: `${password}\n` }),
    [join(configDir, CONFIG_FILE)]: configText(installation),
  };
}

function configText({ configDir, settings: { hosts, ports, dataDir, only }, password, passwordFile }: NewInstallation): string {
  const beside = resolve(dataDir) === resolve(configDir, DEFAULT_DATA_DIR);
  const inFolder = passwordFile === join(configDir, PASSWORD_FILE);
  const settings = {
    ...(only === null ? {} : { servers: { run: only } }),
    address: { hosts },
    storage: { dataDir: beside ? DEFAULT_DATA_DIR : resolve(dataDir) },
    ...(ports.smp === DEFAULT_PORTS.smp ? {} : { listen: { ports: [ports.smp] } }),
    ...(ports.xftp === DEFAULT_PORTS.xftp ? {} : { xftpListen: { ports: [ports.xftp] } }),
    ...(ports.ntf === DEFAULT_PORTS.ntf ? {} : { ntfListen: { ports: [ports.ntf] } }),
    ...(password === null ? {} : { access: { passwordFile: inFolder ? PASSWORD_FILE : passwordFile } }),
  };
  return `# A Polyplex server. All settings: \`polyplex config reference\`; what is in effect: \`polyplex config print\`.\n${stringify(settings)}`;
}
