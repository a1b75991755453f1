/** `polyplex start`: runs the relay until a signal ends it; on a machine where nothing is, makes one first. */
import { setFlagsFromString } from 'node:v8';
import { runUntilSignal } from '@polyplex/nest';
import { Command } from 'commander';
import { createSmpNode, nodeLogger, type SmpConfig, type SmpNode } from 'smp-server';
import { configFolder, type ConfigFlags, loadSmpConfig, withConfigOptions } from '../config-options.ts';
import { addressOf } from '../relay-facts.ts';
import { initialiseForStart, isFirstStart } from '../setup/first-start.ts';
import { qrText } from '../setup/qr-code.ts';
import { VERSION } from '../version.ts';

interface Flags extends ConfigFlags {
  /** False for --no-qr. */
  readonly qr: boolean;
  /** False for --no-password. */
  readonly password: boolean;
}

/**
 * Blocks live for a moment and then are garbage: twice the default space for the young lets more of them go without a
 * pass over the whole heap (some 8 % of the CPU of a delivered message), for at most 32 MiB more memory.
 */
const YOUNG_SPACE_FLAG = '--max-semi-space-size=32';

async function start(flags: Flags): Promise<void> {
  setFlagsFromString(YOUNG_SPACE_FLAG);
  // Whoever reads our output may go away; the relay stays.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const config = prepare(flags);
  const log = nodeLogger(config.log, (line) => process.stderr.write(line));
  const node = await createSmpNode(config, { log, version: VERSION });
  process.stdout.write(await greeting(config, node, flags));
  await runUntilSignal({ stop: () => node.stop(), reload: () => node.reload() }, { log });
  log.info('stopped');
}

function prepare(flags: Flags): SmpConfig {
  const folder = configFolder(flags);
  const { values } = loadSmpConfig(flags);
  if (!isFirstStart(folder, values)) return values;
  initialiseForStart(folder, values);
  process.stdout.write(`First start: a new relay was made in ${folder}. Move ${folder}/ca to a safe place off this machine.\n`);
  return loadSmpConfig(flags).values;
}

const KINDS = { smp: 'SMP over TLS', shared: 'SMP and HTTPS', websocket: 'SMP over WebSockets' } as const;

/** The address is what apps and `polyplex check` need, so it has the password, unless whoever keeps our output should not. */
async function greeting(config: SmpConfig, node: SmpNode, flags: Flags): Promise<string> {
  const address = addressOf(config, { withPassword: flags.password, boundPort: node.endpoints[0]?.port });
  const hidden = !flags.password && config.access.passwordFile !== null;
  const ports = node.endpoints.map(({ kind, host, port }) => `  Listening     ${host.includes(':') ? `[${host}]` : host}:${String(port)} (${KINDS[kind]})`);
  return [
    `Polyplex ${VERSION}: SMP relay`,
    ...(flags.qr ? ['', await qrText(address, process.stdout.isTTY)] : []),
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
SIGTERM and SIGINT drain the relay and end it, a second one ends it at once. SIGHUP reads certificates again.

Examples:
  polyplex start
  polyplex start --config-dir /etc/polyplex --set log.format=json
  POLYPLEX_ADDRESS_HOSTS=smp.example.org polyplex start`;

export function startCommand(): Command {
  return withConfigOptions(new Command('start'))
    .description('run the relay; on the first start, make one')
    .option('--no-qr', 'do not print the address as QR code')
    .option('--no-password', 'print the address without its password, where output is kept as a log')
    .addHelpText('after', HELP)
    .action(start);
}
