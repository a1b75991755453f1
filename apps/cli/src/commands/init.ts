/** `polyplex init`: makes a relay's identity, password and configuration. */
import { hostKind } from '@polyplex/protocol-common';
import { Command, InvalidArgumentError, Option } from 'commander';
import { configFolder, loadSmpConfig } from '../config-options.ts';
import { addressOf } from '../relay-facts.ts';
import { initialise } from '../setup/initialise.ts';
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
  const hosts = text.split(',');
  if (!hosts.every((host) => hostKind(host) !== null)) throw new InvalidArgumentError('a host name or IP address');
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
  const given = { hosts: flags.host ?? null, password: givenPassword(flags) };
  const asking = flags.yes !== true && process.stdin.isTTY && process.stdout.isTTY;
  const { hosts, password } = asking
    ? await askQuestions(given)
    : { hosts: given.hosts ?? ['localhost'], password: given.password === undefined ? randomPassword() : given.password };
  initialise({ configDir, dataDir: flags.dataDir, hosts, port: flags.port, password, algorithm: flags.algorithm });
  const { values } = loadSmpConfig({ configDir, set: [] });
  process.stdout.write(`A new relay in ${configDir}

  Address       ${addressOf(values, { withPassword: true })}
  Password      ${password === null ? 'none: anybody may create queues' : `in the address, and in ${values.access.passwordFile ?? ''}`}
  Data          ${values.storage.dataDir}

The key in ${configDir}/ca is the relay's identity. Move that folder to a safe place off this machine; the
running relay does not need it. Start the relay with "polyplex start".
`);
}

const HELP = `
Nothing that exists is overwritten. Questions are asked on a terminal only.

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
