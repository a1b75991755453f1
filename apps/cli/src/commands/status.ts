/** `polyplex status`: the whole fleet in the terminal, once or live, by way of the admin ports (SMP §9.5, XFTP §7.5). */
import { processEnvironment, readSecret } from '@polyplex/config';
import { Command, InvalidArgumentError } from 'commander';
import { adminUrl } from '../admin-client.ts';
import { loadSettings, withOnlyOption } from '../config-options.ts';
import { type AdminFlags, withAdminOptions } from '../control/admin-flags.ts';
import { CliError } from '../report-failure.ts';
import { ADMIN_SECTIONS, SERVICE_NAMES, SERVICE_NOUNS, servicesOf } from '../settings/servers.ts';
import { askFleet, type FleetView, type StatusTarget } from '../status/ask-fleet.ts';
import { fleetLines, isWell } from '../status/fleet-text.ts';
import { inColour, inPlain, type Paint } from '../status/table.ts';
import { watchFleet } from '../status/watch-fleet.ts';

interface Flags extends AdminFlags {
  /** Seconds; true for the default. */
  readonly watch?: number | true;
}

/** Nobody answered: 1, as for all that fails. */
const STATUS_EXIT = { ready: 0, notReady: 2 } as const;
const DEFAULT_INTERVAL_SECONDS = 2;
const MAX_INTERVAL_SECONDS = 3600;
/** Of a file or a pipe. */
const PLAIN_WIDTH = 160;

async function status(flags: Flags): Promise<void> {
  const targets = targetsOf(flags);
  const { stdin, stdout } = process;
  const isLive = flags.watch !== undefined && flags.json === undefined && stdout.isTTY;
  if (isLive) {
    const seconds = flags.watch === true ? DEFAULT_INTERVAL_SECONDS : (flags.watch ?? DEFAULT_INTERVAL_SECONDS);
    const seen = await watchFleet({ targets, intervalMs: seconds * 1000, paint: paintFor(true), input: stdin, output: stdout });
    return seen === null ? undefined : finish(seen);
  }
  const view = await askFleet(targets);
  if (flags.json !== undefined) stdout.write(`${JSON.stringify(jsonOf(view), null, 2)}\n`);
  else if (view.answered) stdout.write(`${fleetLines(view, { width: stdout.isTTY ? stdout.columns : PLAIN_WIDTH, paint: paintFor(stdout.isTTY) }).join('\n')}\n`);
  finish(view);
}

/** Throws `CliError` FAILED where nobody answered. */
function finish(view: FleetView): void {
  if (!view.answered) throw new CliError('FAILED', view.problems.join('\n'));
  process.exitCode = isWell(view) ? STATUS_EXIT.ready : STATUS_EXIT.notReady;
}

function jsonOf({ at, nodes, problems }: FleetView) {
  return { at: at.toISOString(), complete: problems.length === 0, problems, nodes };
}

function paintFor(isTerminal: boolean): Paint {
  return isTerminal && !processEnvironment()['NO_COLOR'] ? inColour : inPlain;
}

function targetsOf(flags: Flags): StatusTarget[] {
  const { url, tokenFile } = flags;
  const given = tokenFile === undefined ? null : readSecret('--token-file', tokenFile);
  if (url !== undefined) return [{ noun: 'server', url, token: given }];
  const config = loadSettings(flags).values;
  return servicesOf(config).map((name) => {
    const section = ADMIN_SECTIONS[name];
    const { host, port, tokenFile: admin, readerTokenFile: reader } = config[section];
    const configured = reader === null ? { name: 'tokenFile', path: admin } : { name: 'readerTokenFile', path: reader };
    const own = given === null && configured.path !== null ? readSecret(`${section}.${configured.name}`, configured.path) : given;
    return { noun: SERVICE_NOUNS[name], url: adminUrl({ host, port }), token: own };
  });
}

function secondsArgument(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > MAX_INTERVAL_SECONDS) throw new InvalidArgumentError(`a number from 1 to ${String(MAX_INTERVAL_SECONDS)}`);
  return seconds;
}

const HELP = `
It asks the admin ports of the servers that the configuration is for, and that of the directory bot where there is one; each
knows the other nodes of its Redis. Rates and latencies are those of the last minute.

Exit codes: 0 all nodes are ready; 1 no admin port answers; 2 a node or server is not ready or could not be asked, or wrong use.

Examples:
  polyplex status
  polyplex status --watch
  polyplex status --only bot
  polyplex status --watch 10 --url https://admin.example.org --token-file reader-token
  polyplex status --json | jq '.nodes[] | {node, state}'`;

export function statusCommand(): Command {
  return withOnlyOption(withAdminOptions(new Command('status')), 'ask one server alone', SERVICE_NAMES)
    .description('show how the whole fleet is, the directory bot included: nodes, traffic, latencies, stores, limits, warnings')
    .option('-w, --watch [seconds]', `live, drawn again every ${String(DEFAULT_INTERVAL_SECONDS)} seconds or as many as given; q ends it; on a terminal only`, secondsArgument)
    .addHelpText('after', HELP)
    .action(status);
}
