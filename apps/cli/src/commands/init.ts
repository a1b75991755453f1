/** `polyplex init`: makes a relay's identity, password and configuration. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { configFolder, loadSmpConfig } from '../config-options.ts';
import { addressOf } from '../relay-facts.ts';
import { CliError } from '../report-failure.ts';
import { isOwnIdentity, relayOf } from '../setup/first-start.ts';
import { readHosts } from '../setup/host-names.ts';
import { FILES, initialise, type NewRelay } from '../setup/initialise.ts';
import { passwordArgument, randomPassword } from '../setup/password.ts';
import { askQuestions } from '../setup/questions.ts';

interface Flags {
  readonly configDir?: string;
  readonly dataDir: string;
  readonly host?: readonly string[];
  readonly port: number;
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
  const relay = existsSync(join(configDir, FILES.config)) ? fromSettings(configDir) : await fromFlags(configDir, flags);
  const kept = initialise(relay);
  const { values } = loadSmpConfig({ configDir, set: [] });
  const { passwordFile } = values.access;
  process.stdout.write(`A new relay in ${configDir}

  Address       ${addressOf(values, { withPassword: true })}
  Password      ${passwordFile === null ? 'none: anybody may create queues' : `in the address, and in ${passwordFile}`}
  Data          ${values.storage.dataDir}
${kept.length === 0 ? '' : `\nKept as it was, and counts more than options of this command: ${kept.join(', ')}.\n`}
The key in ${configDir}/ca is the relay's identity. Move that folder to a safe place off this machine; the
running relay does not need it. Start the relay with "polyplex start".
`);
}

/** Settings are there, perhaps by a tool that manages this machine: what is missing is made to fit them. */
function fromSettings(configDir: string): NewRelay {
  const { values } = loadSmpConfig({ configDir, set: [] });
  if (!isOwnIdentity(configDir, values.identity)) {
    throw new CliError('FILES', `settings name certificates elsewhere: put them there, or take identity.* out of ${join(configDir, FILES.config)} to have new ones made`);
  }
  return relayOf(configDir, values);
}

async function fromFlags(configDir: string, flags: Flags): Promise<NewRelay> {
  const given = { hosts: flags.host ?? null, password: givenPassword(flags) };
  const asking = flags.yes !== true && process.stdin.isTTY && process.stdout.isTTY;
  const { hosts, password } = asking
    ? await askQuestions(given, { input: process.stdin, output: process.stdout })
    : { hosts: given.hosts ?? ['localhost'], password: given.password === undefined ? randomPassword() : given.password };
  const { dataDir, port, algorithm } = flags;
  return { configDir, dataDir, hosts, port, password, passwordFile: join(configDir, FILES.password), algorithm };
}

const HELP = `
Nothing that exists is overwritten: with a polyplex.yaml, its settings count, and what they lack is made. Questions are asked on a terminal only.

Examples:
  polyplex init --host smp.example.org
  polyplex init --yes --host smp.example.org,abc.onion --no-password --config-dir /etc/polyplex --data-dir /var/lib/polyplex`;

export function initCommand(): Command {
  return new Command('init')
    .description('make the identity and configuration of a new relay')
    .option('-c, --config-dir <folder>', 'for configuration, certificates and keys (default: $POLYPLEX_CONFIG_DIR or ./config)')
    .option('-d, --data-dir <folder>', 'for queues and messages', 'data')
    .option('-n, --host <name>', 'under which apps reach the relay; may be repeated', hostArgument)
    .option('-p, --port <port>', 'to listen on', portArgument, 5223)
    .addOption(new Option('--password <text>', 'required for creating queues').argParser(passwordArgument).default(true, 'a random one'))
    .option('--no-password', 'let anybody create queues')
    .addOption(new Option('-a, --algorithm <name>', 'of keys and certificates').choices(['ed25519', 'ed448']).default('ed25519'))
    .option('-y, --yes', 'ask nothing, take the defaults')
    .addHelpText('after', HELP)
    .action(init);
}
