/** `polyplex address`: what users type or scan to use the servers. */
import { Command } from 'commander';
import { configFolder, type ConfigFlags, loadSettings, withConfigOptions, withOnlyOption } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { addressOf } from '../server-addresses.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { NOUNS, type ServerName, serversOf } from '../settings/servers.ts';
import { SETUPS, hasOwnIdentity } from '../setup/server-setup.ts';
import { findIdentity } from '../setup/identity-files.ts';
import { qrText } from '../setup/qr-code.ts';

interface Flags extends ConfigFlags {
  readonly qr?: true;
  /** False for --no-password. */
  readonly password: boolean;
}

async function address(flags: Flags): Promise<void> {
  const config = loadSettings(flags).values;
  const servers = serversOf(config).filter((server) => !isToBeMade(server, config, flags));
  for (const server of servers) {
    const text = addressOf(config, server, { withPassword: flags.password });
    process.stdout.write(`${text}\n`);
    if (flags.qr === true) process.stdout.write(`\n${await qrText(text, process.stdout.isTTY)}\n`);
  }
}

/** Of several servers, one that the next start makes has no address yet. */
function isToBeMade(server: ServerName, config: PolyplexConfig, flags: Flags): boolean {
  const configDir = configFolder(flags);
  const isNew = hasOwnIdentity(configDir, config, server) && findIdentity(SETUPS[server].folder(configDir)).state === 'none';
  if (!isNew) return false;
  if (server === 'smp' || serversOf(config).length === 1) {
    throw new CliError('FILES', `${configDir} holds no ${NOUNS[server]} yet: "polyplex start" or "polyplex init" makes one, --config-dir names another folder`);
  }
  process.stderr.write(`The ${NOUNS[server]} has no identity yet: "polyplex start" or "polyplex init" makes it.\n`);
  return true;
}

const HELP = `
One address a line, the relay's first.

Examples:
  polyplex address --qr
  polyplex address --only xftp
  polyplex address --no-password      for those who shall send and receive, but not create queues and files
  polyplex check "$(polyplex address)"`;

export function addressCommand(): Command {
  return withOnlyOption(withConfigOptions(new Command('address')), 'one address alone')
    .description('print the addresses of relay, file server and push proxy, with their password if there is one')
    .option('--qr', 'also as QR codes')
    .option('--no-password', 'leave the password out')
    .addHelpText('after', HELP)
    .action(address);
}
