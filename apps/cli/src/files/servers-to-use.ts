/** Where a file is sent: to the servers that were named, or to the file server that `polyplex start` made here. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AddressText, parseAddress } from '@polyplex/protocol-common';
import { InvalidArgumentError } from 'commander';
import { CONFIG_FILE, configFolder, type ConfigFlags, loadSettings } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { addressOf } from '../server-addresses.ts';
import { serversOf } from '../settings/servers.ts';

/** For commander; may be repeated. */
export function serverArgument(text: string, before: readonly AddressText[]): readonly AddressText[] {
  const address = parseAddress(text);
  if (address?.scheme !== 'xftp') throw new InvalidArgumentError('an address is needed: xftp://<fingerprint>[:<password>]@<host>[:<port>]');
  return [...before, address];
}

const NONE = 'name the file server to send by: --server xftp://<fingerprint>[:<password>]@<host>[:<port>]; "polyplex address --only xftp" prints that of your own';

/** Throws `CliError` when there is none. */
export function serversToUse(flags: ConfigFlags & { readonly server: readonly AddressText[] }): readonly AddressText[] {
  return flags.server.length > 0 ? flags.server : [ownServer(flags)];
}

function ownServer(flags: ConfigFlags): AddressText {
  if (!existsSync(join(configFolder(flags), CONFIG_FILE))) throw new CliError('USAGE', NONE);
  const config = loadSettings(flags).values;
  if (!serversOf(config).includes('xftp')) throw new CliError('USAGE', NONE);
  const address = parseAddress(addressOf(config, 'xftp', { withPassword: true }));
  if (address === null) throw new CliError('USAGE', NONE);
  return address;
}
