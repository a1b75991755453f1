/** `polyplex init`: makes identities, password and configuration of a relay, a file server and, where it is asked for, a push proxy. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readVapidPublicKey } from 'ntf-server';
import { CONFIG_FILE, configFolder, loadSettings, withOnlyOption } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { addressOf, passwordFileOf } from '../server-addresses.ts';
import { listed, NOUNS, SERVER_NAMES, type ServerName, serversOf, TITLES } from '../settings/servers.ts';
import { installationOf } from '../setup/first-start.ts';
import { readHosts } from '../setup/host-names.ts';
import { DEFAULT_PORTS, initialise, type NewInstallation, PASSWORD_FILE } from '../setup/initialise.ts';
import { passwordArgument, randomPassword } from '../setup/password.ts';
import { askQuestions } from '../setup/questions.ts';
import { hasOwnIdentity, SETUPS } from '../setup/server-setup.ts';

interface Flags {
  readonly configDir?: string;
  readonly dataDir: string;
  readonly host?: readonly string[];
  readonly port: number;
  readonly filePort: number;
  readonly pushPort: number;
  readonly only?: ServerName;
  /** Also a push proxy. */
  readonly push?: true;
  /** False for --no-password. */
  readonly password: string | boolean;
  readonly algorithm: 'ed25519' | 'ed448';
  readonly yes?: true;
}

function hostArgument(text: string, before: readonly string[] = []): string[] {
  const hosts = readHosts(text);
  if (hosts === null) throw new InvalidArgumentError('a host name or IP address');
  return [...before, ...hosts];
}

function portArgument(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port from 0 to 65535');
  return port;
}

/** Undefined where the flags leave it open. */
function givenPassword({ password }: Flags): string | null | undefined {
  if (typeof password === 'string') return password;
  return password ? undefined : null;
}

async function init(flags: Flags): Promise<void> {
  const configDir = configFolder(flags);
  const installation = existsSync(join(configDir, CONFIG_FILE)) ? fromSettings(configDir, flags) : await fromFlags(configDir, flags);
  const { made, kept } = initialise(installation);
  process.stdout.write(summary(configDir, made, kept));
}

function summary(configDir: string, made: readonly ServerName[], kept: readonly string[]): string {
  const { values } = loadSettings({ configDir, set: [] });
  const passwordFile = passwordFileOf(values, made[0] ?? 'smp');
  const nouns = listed(made.map((server) => NOUNS[server]));
  const things = made.flatMap((server) => THINGS[server] ?? []);
  const keys = made.map((server) => `${SETUPS[server].folder(configDir)}/ca`);
  return `A new ${nouns} in ${configDir}

${made.map((server) => `  ${TITLES[server].padEnd(18)}${addressOf(values, server, { withPassword: true })}\n`).join('')}${things.length === 0 ? '' : `  Password          ${passwordFile === null ? `none: anybody may create ${listed(things)}` : `in the address, and in ${passwordFile}`}\n`}${made.includes('ntf') ? `  Web Push key      ${readVapidPublicKey(values)}\n` : ''}  Data              ${values.storage.dataDir}
${kept.length === 0 ? '' : `\nKept as it was, and counts more than options of this command: ${kept.join(', ')}.\n`}
${keys.length === 1 ? `The key in ${keys.join('')} is the identity of the ${nouns}` : `The keys in ${keys.join('\nand ')} are the identities of ${nouns}`}.
Move ${keys.length === 1 ? 'that folder' : 'those folders'} to a safe place off this machine; running servers do not need ${keys.length === 1 ? 'it' : 'them'}.
${made.includes('ntf') ? 'Pushes to iPhones need a key of Apple\'s, see docs/operations/push-notifications.md.\n' : ''}"polyplex start" starts the servers.
`;
}

/** What a password is for. */
const THINGS: Readonly<Partial<Record<ServerName, string>>> = { smp: 'queues', xftp: 'files' };

/** Settings are there, perhaps by a tool that manages this machine: what is missing is made to fit them. */
function fromSettings(configDir: string, { only, push }: Flags): NewInstallation {
  const set = push === true && only === undefined ? ['servers.push=on'] : [];
  const { values } = loadSettings({ configDir, set, ...(only === undefined ? {} : { only }) });
  const foreign = serversOf(values).find((server) => !hasOwnIdentity(configDir, values, server) && !existsSync(SETUPS[server].identity(values).certificateFile));
  if (foreign !== undefined) {
    throw new CliError('FILES', `settings name certificates elsewhere: put them there, or take ${SETUPS[foreign].section}.* out of ${join(configDir, CONFIG_FILE)} to have new ones made`);
  }
  const installation = installationOf(configDir, values);
  if (installation.servers.length === 0) throw new CliError('FILES', 'settings name certificates elsewhere, and they are there; nothing was changed');
  return installation;
}

async function fromFlags(configDir: string, flags: Flags): Promise<NewInstallation> {
  const given = { hosts: flags.host ?? null, password: givenPassword(flags) };
  const asking = flags.yes !== true && process.stdin.isTTY && process.stdout.isTTY;
  const { hosts, password } = asking
    ? await askQuestions(given, { input: process.stdin, output: process.stdout })
    : { hosts: given.hosts ?? ['localhost'], password: given.password === undefined ? randomPassword() : given.password };
  const { dataDir, port, filePort, pushPort, algorithm, only = null } = flags;
  const names = only === null ? SERVER_NAMES.filter((name) => name !== 'ntf' || flags.push === true) : [only];
  return {
    configDir,
    servers: names.map((name) => ({ name, hosts, dataDir })),
    settings: { hosts, ports: { smp: port, xftp: filePort, ntf: pushPort }, dataDir, only },
    password,
    passwordFile: join(configDir, PASSWORD_FILE),
    algorithm,
  };
}

const HELP = `
Nothing that exists is overwritten: with a polyplex.yaml, its settings count, and what they lack is made; a relay without a
file server gets one, and with --push a push proxy. Questions are asked on a terminal only.

Examples:
  polyplex init --host smp.example.org
  polyplex init --yes --host smp.example.org,abc.onion --no-password --config-dir /etc/polyplex --data-dir /var/lib/polyplex
  polyplex init --only xftp --host files.example.org --file-port 443
  polyplex init --push`;

export function initCommand(): Command {
  return withOnlyOption(new Command('init'), 'one server alone, also for later starts')
    .description('make the identities and configuration of a new relay and file server, and of a push proxy if asked to')
    .option('-c, --config-dir <folder>', 'for configuration, certificates and keys (default: $POLYPLEX_CONFIG_DIR or ./config)')
    .option('-d, --data-dir <folder>', 'for queues, messages and files', 'data')
    .option('-n, --host <name>', 'under which apps reach the servers; may be repeated', hostArgument)
    .option('-p, --port <port>', 'of the relay', portArgument, DEFAULT_PORTS.smp)
    .option('--file-port <port>', 'of the file server', portArgument, DEFAULT_PORTS.xftp)
    .option('--push', 'also make a push proxy, which later starts run beside the others')
    .option('--push-port <port>', 'of the push proxy', portArgument, DEFAULT_PORTS.ntf)
    .addOption(new Option('--password <text>', 'required for creating queues and files').argParser(passwordArgument).default(true, 'a random one'))
    .option('--no-password', 'let anybody create queues and files')
    .addOption(new Option('-a, --algorithm <name>', 'of keys and certificates').choices(['ed25519', 'ed448']).default('ed25519'))
    .option('-y, --yes', 'ask nothing, take the defaults')
    .addHelpText('after', HELP)
    .action(init);
}
