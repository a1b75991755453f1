/** `polyplex check ADDRESS`: does an SMP server work, from where you stand, and how fast? */
import { errorText, SECOND } from '@polyplex/base';
import { tlsDial } from '@polyplex/client';
import { parseAddress } from '@polyplex/protocol-common';
import { Command, InvalidArgumentError } from 'commander';
import { type HostPort, readHostPort } from 'smp-server';
import { type CheckReport, roundTrip, type StepResult } from '../check/round-trip.ts';
import { CHECK_EXIT, verdictOf } from '../check/verdict.ts';

const SOCKS_PORT = 9050;
const MAX_TIMEOUT_S = 3600;

interface Flags {
  readonly timeout: number;
  readonly json?: true;
  readonly socks?: HostPort;
  readonly legacy?: true;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= MAX_TIMEOUT_S)) throw new InvalidArgumentError(`a number of seconds up to ${MAX_TIMEOUT_S} is needed`);
  return value;
}

function socksArgument(text: string): HostPort {
  const at = readHostPort(text) ?? readHostPort(`${text}:${SOCKS_PORT}`);
  if (at === null) throw new InvalidArgumentError('host:port is needed; IPv6 addresses go in brackets');
  return at;
}

function causeText(failure: unknown): string {
  const cause = failure instanceof Error && failure.cause !== undefined ? `: ${errorText(failure.cause)}` : '';
  return errorText(failure) + cause;
}

function line({ name, milliseconds, failure }: StepResult): string {
  const mark = failure === null ? 'ok  ' : 'FAIL';
  return `  ${mark} ${name.padEnd(40)} ${milliseconds.toFixed(1).padStart(8)} ms${failure === null ? '' : `  ${causeText(failure)}`}\n`;
}

function asJson({ version, steps }: CheckReport): string {
  const shown = steps.map(({ name, milliseconds, failure }) => ({
    name,
    milliseconds: Math.round(milliseconds * 10) / 10,
    failure: failure === null ? null : causeText(failure),
  }));
  return `${JSON.stringify({ version, ok: steps.every(({ failure }) => failure === null), steps: shown }, null, 2)}\n`;
}

async function check(text: string, flags: Flags): Promise<number> {
  const address = parseAddress(text);
  if (address?.scheme !== 'smp') {
    process.stderr.write('polyplex check: not an SMP address; it looks like smp://<fingerprint>[:<password>]@<host>[:<port>]\n');
    return CHECK_EXIT.usage;
  }
  const { socks } = flags;
  const timeoutMs = flags.timeout * SECOND;
  const report = await roundTrip({
    address,
    connect: {
      dial: tlsDial({ socks: socks === undefined ? undefined : { ...socks, mode: 'onion' } }),
      hosts: { onionReachable: socks !== undefined },
      connectTimeoutMs: timeoutMs,
      requestTimeoutMs: timeoutMs,
      ...(flags.legacy === true ? { alpn: null } : {}),
    },
    onStep: (step) => {
      if (flags.json !== true) process.stdout.write(line(step));
    },
  });
  const { exitCode, advice } = verdictOf(report, address.password !== null);
  const summary = exitCode === CHECK_EXIT.ok ? `The server works (SMP version ${report.version}).` : `The server does not work as it should. ${advice}`;
  process.stdout.write(flags.json === true ? asJson(report) : `\n${summary.trim()}\n`);
  return exitCode;
}

const HELP = `
Exit codes: 0 it works, 1 it refused or misbehaved, 2 wrong use, 3 it cannot be reached, 4 another server answers.

Examples:
  polyplex check "$(polyplex address)"
  polyplex check --json smp://<fingerprint>@smp.example.org`;

export function checkCommand(): Command {
  return new Command('check')
    .description('make a full round trip through an SMP server and time each step')
    .argument('<address>', 'smp://<fingerprint>[:<password>]@<host>[:<port>]')
    .option('--timeout <seconds>', 'for connecting, for each command and for the delivery', seconds, 15)
    .option('--socks <host:port>', `SOCKS5 proxy for .onion hosts (default port ${SOCKS_PORT})`, socksArgument)
    .option('--legacy', 'connect without ALPN, as very old clients do (SMP version 6)')
    .option('--json', 'print a report for programs')
    .addHelpText('after', HELP)
    .action(async (address: string, flags: Flags) => {
      process.exitCode = await check(address, flags);
    });
}
