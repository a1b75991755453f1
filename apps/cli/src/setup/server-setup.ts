/** What setting up a server has to know of each: where its identity is, and where the data that only its identity gives access to. */
import { join } from 'node:path';
import type { IdentityFiles } from '@polyplex/node';
import { holdsTokens, newVapidKey, tokenStoreFolder } from 'ntf-server';
import { holdsData, storeFolder } from 'smp-server';
import { fileStoreFolder, holdsFiles } from 'xftp-server';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import type { ServerName } from '../settings/servers.ts';
import { findIdentity, isOwnIdentity } from './identity-files.ts';
import { randomPassword } from './password.ts';

interface ServerSetup {
  /** Of its identity, in the configuration folder. */
  folder(configDir: string): string;
  identity(config: PolyplexConfig): IdentityFiles;
  /** The section of its identity. */
  readonly section: 'identity' | 'xftpIdentity' | 'ntfIdentity';
  hosts(config: PolyplexConfig): readonly string[];
  /** Where embedded engines keep its data, and whether there is any, by the folder of all data. */
  dataFolder(dataDir: string): string;
  holdsData(dataDir: string): boolean;
  dataDir(config: PolyplexConfig): string;
  /** Contents of what else is made with an identity, by names in its folder. */
  more(): Readonly<Record<string, string>>;
}

export const SETUPS: Readonly<Record<ServerName, ServerSetup>> = {
  smp: {
    folder: (configDir) => configDir,
    identity: ({ identity }) => identity,
    section: 'identity',
    hosts: ({ address }) => address.hosts,
    dataFolder: (dataDir) => storeFolder({ dataDir }),
    holdsData: (dataDir) => holdsData({ dataDir }),
    dataDir: ({ storage }) => storage.dataDir,
    more: () => ({}),
  },
  xftp: {
    folder: (configDir) => join(configDir, 'xftp'),
    identity: ({ xftpIdentity }) => xftpIdentity,
    section: 'xftpIdentity',
    hosts: ({ address, xftpAddress }) => (xftpAddress.hosts.length === 0 ? address.hosts : xftpAddress.hosts),
    dataFolder: fileStoreFolder,
    holdsData: holdsFiles,
    dataDir: ({ storage, xftpStorage }) => xftpStorage.dataDir ?? storage.dataDir,
    more: () => ({}),
  },
  ntf: {
    folder: (configDir) => join(configDir, 'ntf'),
    identity: ({ ntfIdentity }) => ntfIdentity,
    section: 'ntfIdentity',
    hosts: ({ address, ntfAddress }) => (ntfAddress.hosts.length === 0 ? address.hosts : ntfAddress.hosts),
    dataFolder: tokenStoreFolder,
    holdsData: holdsTokens,
    dataDir: ({ storage, ntfStorage }) => ntfStorage.dataDir ?? storage.dataDir,
    more: () => ({ 'vapid.key': newVapidKey(), 'services.key': `${randomPassword()}\n` }),
  },
};

/** Whether the server's identity is to be in the configuration folder. */
export function hasOwnIdentity(configDir: string, config: PolyplexConfig, server: ServerName): boolean {
  const setup = SETUPS[server];
  return isOwnIdentity(setup.folder(configDir), setup.identity(config));
}

/** Whether it is to be there, and is not, or not whole. */
export function lacksIdentity(configDir: string, config: PolyplexConfig, server: ServerName): boolean {
  return hasOwnIdentity(configDir, config, server) && findIdentity(SETUPS[server].folder(configDir)).state !== 'whole';
}
