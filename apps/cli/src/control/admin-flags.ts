/** The options of commands that steer a running server, and which admin port they mean. */
import { readDuration, readSecret } from '@polyplex/config';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AdminTarget, adminUrl } from '../admin-client.ts';
import { type ConfigFlags, loadSettings, withConfigOptions } from '../config-options.ts';
import { ADMIN_SECTIONS, SERVICE_NOUNS, type ServiceName, servicesOf } from '../settings/servers.ts';

export interface AdminFlags extends ConfigFlags {
  readonly only?: ServiceName;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

export interface BlockFlags {
  readonly reason: 'spam' | 'content';
  /** Seconds. */
  readonly notice?: number;
}

/** Adds `--config-dir`, `--set`, `--url`, `--token-file` and `--json`. */
export function withAdminOptions(command: Command): Command {
  return withConfigOptions(command)
    .addOption(new Option('--url <url>', 'the admin port, where it is not the configured one').argParser(urlArgument))
    .option('--token-file <file>', 'file with the token of the admin port, where it is not the configured one')
    .option('--json', 'print the answer as JSON');
}

/** The admin port of one server, or of the directory bot. Throws `ConfigError`. */
export function targetOf(flags: AdminFlags, server: ServiceName): AdminTarget {
  const { url, tokenFile } = flags;
  const noun = SERVICE_NOUNS[server];
  const given = tokenFile === undefined ? null : readSecret('--token-file', tokenFile);
  if (url !== undefined) return { noun, url, token: given, check: '--url' };
  const section = ADMIN_SECTIONS[server];
  const admin = loadSettings(flags).values[section];
  const token = given ?? (admin.tokenFile === null ? null : readSecret(`${section}.tokenFile`, admin.tokenFile));
  return { noun, url: adminUrl(admin), token, check: `${section}.host and ${section}.port` };
}

/** Those that a command means which did not say: the one of `--only`, or of the configuration all. */
export function meantServers(flags: AdminFlags): readonly ServiceName[] {
  if (flags.only !== undefined) return [flags.only];
  return flags.url === undefined ? servicesOf(loadSettings(flags).values) : ['smp'];
}

/** For commander. */
function urlArgument(text: string): string {
  const isUrl = /^https?:\/\/[^\s?#@]+$/.test(text) && URL.canParse(text);
  if (!isUrl) throw new InvalidArgumentError('http://host:port or https://host');
  return text.replace(/\/+$/, '');
}

/** Why something is blocked, and for how long apps say so. */
export function withBlockOptions(command: Command): Command {
  return command
    .addOption(new Option('-r, --reason <reason>', 'why').choices(['spam', 'content']).makeOptionMandatory())
    .option('--notice <duration>', 'how long apps show a notice about it', noticeArgument);
}

function noticeArgument(text: string): number {
  const ms = readDuration(text);
  if (ms === null || ms < 1000) throw new InvalidArgumentError('a duration such as 30d');
  return Math.floor(ms / 1000);
}
