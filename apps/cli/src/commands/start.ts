/** `polyplex start`: runs the relay until a signal ends it; on a machine where nothing is, makes one first. */
import { setFlagsFromString } from 'node:v8';
import { runUntilSignal } from '@polyplex/nest';
import { Command } from 'commander';
import { createSmpNode, nodeLogger, type SmpConfig, type SmpNode } from 'smp-server';
import { configFolder, type ConfigFlags, loadSmpConfig, withConfigOptions } from '../config-options.ts';
import { addressOf } from '../relay-facts.ts';
import { initialiseForStart, lacksIdentity } from '../setup/first-start.ts';
import { qrText } from '../setup/qr-code.ts';
import { VERSION } from '../version.ts';

interface Flags extends ConfigFlags {
  /** False for --no-qr. */
  readonly qr: boolean;
  /** False for --no-password; undefined where neither was given. */
  readonly password?: boolean;
}

/**
 * Blocks live for a moment and then are garbage: twice the default space for the young lets more of them go without a
 * pass over the whole heap (some 8 % of the CPU of a delivered message), for at most 32 MiB more memory. V8 starts such
 * a pass whenever its limit for the old is nearer than the size of this space; `npm start` therefore gives a higher
 * first limit (`--initial-heap-size`, which must be there when the process begins): a quarter of the passes.
 */
const YOUNG_SPACE_FLAG = '--max-semi-space-size=32';

async function start(flags: Flags): Promise<void> {
  setFlagsFromString(YOUNG_SPACE_FLAG);
  // Whoever reads our output may go away; the relay stays.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const { config, isFirst } = prepare(flags);
  const log = nodeLogger(config.log, (line) => process.stderr.write(line));
  const node = await createSmpNode(config, { log, version: VERSION });
  const text = await greeting(config, node, { qr: flags.qr, withPassword: flags.password ?? (isFirst || process.stdout.isTTY) });
  // Whoever has read that it is ready may stop it.
  const ended = runUntilSignal({ stop: () => node.stop(), reload: () => node.reload() }, { log });
  process.stdout.write(text);
  await ended;
  log.info('stopped');
}

function prepare(flags: Flags): { readonly config: SmpConfig; readonly isFirst: boolean } {
  const folder = configFolder(flags);
  const { values } = loadSmpConfig(flags);
  if (!lacksIdentity(folder, values.identity)) return { config: values, isFirst: false };
  initialiseForStart(folder, values);
  process.stdout.write(`First start: a new relay was made in ${folder}. Move ${folder}/ca to a safe place off this machine.\n`);
  return { config: loadSmpConfig(flags).values, isFirst: true };
}

const KINDS = { smp: 'SMP over TLS', shared: 'SMP and HTTPS', websocket: 'SMP over WebSockets' } as const;

interface Greeting {
  readonly qr: boolean;
  readonly withPassword: boolean;
}

/**
 * The address is what apps and `polyplex check` need, so a first start and a terminal show it whole; what comes after
 * that is mostly read by a log, which shall not keep the password.
 */
async function greeting(config: SmpConfig, node: SmpNode, { qr, withPassword }: Greeting): Promise<string> {
  const address = addressOf(config, { withPassword, boundPort: node.endpoints[0]?.port });
  const hidden = !withPassword && config.access.passwordFile !== null;
  const ports = node.endpoints.map(({ kind, host, port }) => `  Listening     ${host.includes(':') ? `[${host}]` : host}:${String(port)} (${KINDS[kind]})`);
  return [
    `Polyplex ${VERSION}: SMP relay`,
    ...(qr ? ['', await qrText(address, process.stdout.isTTY)] : []),
    `  Address       ${address}`,
    ...(hidden ? ['  Password      not shown here: see "polyplex address"'] : []),
    ...ports,
    `  Admin         ${node.adminUrl}`,
    `  Data          ${node.storeFolder}`,
    ...node.warnings.map((warning) => `  Note          ${warning}`),
    'Ready. Ctrl-C stops it.',
    '',
  ].join('\n');
}

const HELP = `
SIGTERM and SIGINT drain the relay and end it; another one, a second later or more, ends it at once. SIGHUP reads
certificates again. The address has the password on the first start and on a terminal, elsewhere with --password only.

Examples:
  polyplex start
  polyplex start --config-dir /etc/polyplex --set log.format=json
  POLYPLEX_ADDRESS_HOSTS=smp.example.org polyplex start`;

export function startCommand(): Command {
  return withConfigOptions(new Command('start'))
    .description('run the relay; on the first start, make one')
    .option('--no-qr', 'do not print the address as QR code')
    .option('--password', 'print the address with its password, also where output may be kept as a log')
    .option('--no-password', 'print the address without its password, also on a first start and on a terminal')
    .addHelpText('after', HELP)
    .action(start);
}
