/** What the files say about servers that need not be running. */
import { existsSync } from 'node:fs';
import { readIdentity } from '@polyplex/node';
import { pushProxyAddress } from 'ntf-server';
import { readServerPassword, relayAddress } from 'smp-server';
import { filePasswordFile, fileServerAddress, readFilePassword } from 'xftp-server';
import type { PolyplexConfig } from './settings/polyplex-config.ts';
import type { ServerName } from './settings/servers.ts';

export interface AddressChoice {
  readonly withPassword: boolean;
  readonly boundPort?: number | undefined;
}

const ADDRESSES: Readonly<Record<ServerName, (config: PolyplexConfig, choice: AddressChoice) => string>> = {
  smp: (config, { withPassword, boundPort }) => {
    const password = withPassword ? readServerPassword(config.access) : null;
    return relayAddress(config, { fingerprint: readIdentity(config.identity).fingerprint, password, boundPort });
  },
  xftp: (config, { withPassword, boundPort }) => {
    const password = withPassword ? readFilePassword(config) : null;
    return fileServerAddress(config, { fingerprint: readIdentity(config.xftpIdentity, 'xftpIdentity').fingerprint, password, boundPort });
  },
  ntf: (config, { boundPort }) => pushProxyAddress(config, { fingerprint: readIdentity(config.ntfIdentity, 'ntfIdentity').fingerprint, boundPort }),
};

/** The server's address; throws `NodeError` or `ConfigError` when its files cannot be used. */
export function addressOf(config: PolyplexConfig, server: ServerName, choice: AddressChoice): string {
  return ADDRESSES[server](config, choice);
}

type BotServer = 'smp' | 'xftp';

const IDENTITIES = { smp: 'identity', xftp: 'xftpIdentity' } as const;

/** A server of this configuration, as the bot uses it: with its password, and the port really bound where it runs here; null where it has no identity. */
export function ownServer(config: PolyplexConfig, server: BotServer, running: readonly { readonly name: ServerName; readonly node: { readonly endpoints: readonly { readonly port: number }[] } }[]): string | null {
  const here = running.find(({ name }) => name === server);
  if (here === undefined && !existsSync(config[IDENTITIES[server]].certificateFile)) return null;
  return addressOf(config, server, { withPassword: true, boundPort: here?.node.endpoints[0]?.port });
}

/** Where the password is that creating something on the server requires; null for none. */
export function passwordFileOf(config: PolyplexConfig, server: ServerName): string | null {
  if (server === 'smp') return config.access.passwordFile;
  return server === 'xftp' ? (filePasswordFile(config)?.path ?? null) : null;
}
