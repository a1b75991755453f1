/** `polyplex start`: runs the servers until a signal ends them; on a machine where nothing is, makes them first. */
import { setFlagsFromString } from 'node:v8';
import { runUntilSignal } from '@polyplex/nest';
import { type NodeLog, nodeLog } from '@polyplex/node';
import { Command, InvalidArgumentError } from 'commander';
import { configFolder, type ConfigFlags, withConfigOptions, withOnlyOption } from '../config-options.ts';
import { isLeftOut, listed, NOUNS, SERVICE_NAMES, type ServerName, serversOf } from '../settings/servers.ts';
import { type Prepared, prepareStart } from '../setup/first-start.ts';
import { SETUPS } from '../setup/server-setup.ts';
import { endOnEarlySignal } from '../start/early-signals.ts';
import { greeting } from '../start/greeting.ts';
import { runServers } from '../start/run-servers.ts';
import { startFailure } from '../start/start-failure.ts';
import { workersGreeting } from '../workers/greeting.ts';
import { MAX_WORKERS, startWorkers } from '../workers/start-workers.ts';

interface Flags extends ConfigFlags {
  /** False for --no-qr. */
  readonly qr: boolean;
  /** False for --no-password; undefined where neither was given. */
  readonly password?: boolean;
  /** How many nodes; undefined for this process alone. */
  readonly workers?: number;
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
  const ready = endOnEarlySignal();
  // Whoever reads our output may go away; the servers stay.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // A worker without its parent would be nobody's.
  if (process.connected) process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const prepared = prepareStart(flags);
  if (prepared.made.length > 0) process.stdout.write(firstStart(configFolder(flags), prepared));
  const log = nodeLog(prepared.config.log, (line) => process.stderr.write(line));
  await (flags.workers === undefined ? startHere(prepared, flags, { log, ready }) : startSeveral(prepared, flags, { log, ready })).finally(() => log.flush());
  log.info('stopped');
}

interface Start {
  readonly log: NodeLog;
  /** From now on signals are handled otherwise. */
  readonly ready: () => void;
}

async function startHere({ config, made, notes }: Prepared, flags: Flags, { log, ready }: Start): Promise<void> {
  const running = await runServers(config, configFolder(flags), log).catch((error: unknown) => {
    throw startFailure(error);
  });
  const options = { qr: flags.qr, withPassword: showsPassword(flags, serversOf(config), made), notes: [...notes, ...leftOutNotes(config)] };
  const text = await greeting(config, running, options);
  // Whoever has read that it is ready may stop it.
  const ended = runUntilSignal(running, { log });
  ready();
  process.stdout.write(text);
  await ended;
}

/** This process only looks after the others. */
async function startSeveral({ config, made, notes }: Prepared, flags: Flags, { log, ready }: Start): Promise<void> {
  const given = [...(flags.configDir === undefined ? [] : ['--config-dir', flags.configDir]), ...flags.set.flatMap((setting) => ['--set', setting])];
  const workers = await startWorkers(config, { count: flags.workers ?? 1, flags: given, log });
  const ended = runUntilSignal(workers, { log });
  ready();
  const withPassword = showsPassword(flags, serversOf(config), made);
  process.stdout.write(await workersGreeting(config, workers, { qr: flags.qr, withPassword, notes: [...notes, ...leftOutNotes(config)] }));
  await ended;
}

/** A password that was there before stays out of what may be a log, also when a file server was made beside the relay. */
function showsPassword({ password }: Flags, on: readonly ServerName[], made: readonly ServerName[]): boolean {
  return password ?? (on.every((name) => made.includes(name)) || process.stdout.isTTY);
}

function firstStart(folder: string, { made, config }: Prepared): string {
  const nouns = listed(made.map((name, i) => (i === 0 ? NOUNS[name] : `a ${NOUNS[name]}`)));
  const keys = listed(made.map((name) => `${SETUPS[name].folder(folder)}/ca`));
  const isFirst = made.length === serversOf(config).length;
  return `${isFirst ? `First start: a new ${nouns} ${made.length > 1 ? 'were' : 'was'} made in ${folder}` : `A ${nouns} was made beside ${made.length + 1 === serversOf(config).length ? 'the other server' : 'the other servers'}, in ${folder}`}. Move ${keys} to a safe place off this machine.\n`;
}

function leftOutNotes(config: Prepared['config']): string[] {
  if (!isLeftOut(config)) return [];
  return ['No file server: it would be another one on each node. Set xftpStorage.engine to redis-s3, or servers.run to all for one on this machine.'];
}

function workersOf(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_WORKERS) throw new InvalidArgumentError(`a number from 1 to ${String(MAX_WORKERS)}`);
  return count;
}

const HELP = `
SIGTERM and SIGINT drain the servers and end them; another one, a second later or more, ends them at once. SIGHUP reads
certificates again. Addresses have the password on the first start and on a terminal, elsewhere with --password only.

With --workers, a relay needs storage.engine=redis. A file server runs in every worker with xftpStorage.engine=redis-s3, and
otherwise in one process of its own, where servers.run asks for it; a push proxy likewise, by ntfStorage.engine=redis.

A push proxy runs where "polyplex init --push" has made one, or servers.push says so; the directory bot where "polyplex bot
init" has, or servers.bot says so, in one process.

Examples:
  polyplex start
  polyplex start --only xftp
  polyplex start --only ntf
  polyplex start --only bot
  polyplex start --workers 4 --set storage.engine=redis --set redis.urls=redis://127.0.0.1:6379
  polyplex start --config-dir /etc/polyplex --set log.format=json
  POLYPLEX_ADDRESS_HOSTS=smp.example.org polyplex start`;

export function startCommand(): Command {
  return withOnlyOption(withConfigOptions(new Command('start')), 'run one server, or the bot, alone', SERVICE_NAMES)
    .description('run relay and file server, push proxy and directory bot where there is one; on the first start, make relay and file server')
    .option('-w, --workers <n>', 'run n nodes on the same ports, one for each core; needs engines for many nodes', workersOf)
    .option('--no-qr', 'do not print addresses as QR codes')
    .option('--password', 'print addresses with their password, also where output may be kept as a log')
    .option('--no-password', 'print addresses without their password, also on a first start and on a terminal')
    .addHelpText('after', HELP)
    .action(start);
}
