/** `polyplex check ADDRESS`: does an SMP server work, from where you stand, and how fast? */
import { errorText } from '@polyplex/base';
import { RefusedError, SmpClientError, tlsDial, type TlsDialOptions } from '@polyplex/client';
import { parseAddress } from '@polyplex/protocol-common';
import { Command, InvalidArgumentError } from 'commander';
import { type CheckReport, roundTrip, type StepResult } from '../check/round-trip.ts';

const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3, identity: 4 } as const;

interface Flags {
  readonly timeout: number;
  readonly json?: true;
  readonly socks?: string;
  readonly legacy?: true;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a positive number of seconds is needed');
  return value;
}

function socksOf(text: string | undefined): TlsDialOptions['socks'] {
  if (text === undefined) return undefined;
  const [host, port = '9050'] = text.split(':');
  return { host: host === undefined || host === '' ? '127.0.0.1' : host, port: Number(port), mode: 'onion' };
}

function exitCodeOf(failure: unknown): number {
  if (failure === null) return EXIT.ok;
  if (!(failure instanceof SmpClientError)) return EXIT.refused;
  const cause = failure.cause as { readonly code?: unknown } | undefined;
  if (cause?.code === 'IDENTITY' || failure.code === 'TRANSPORT') return EXIT.identity;
  return failure.code === 'NETWORK' || failure.code === 'TIMEOUT' || failure.code === 'HOST' ? EXIT.unreachable : EXIT.refused;
}

function causeText(failure: unknown): string {
  const cause = failure instanceof Error && failure.cause !== undefined ? `: ${errorText(failure.cause)}` : '';
  return errorText(failure) + cause;
}

/** What an operator can do about it. */
function advice(failure: unknown, hasPassword: boolean): string | null {
  if (failure instanceof RefusedError && failure.error.type === 'AUTH') {
    return hasPassword
      ? 'The server refused: is the password in the address the right one, and does it allow new queues?'
      : 'The server refused: it may need a password (smp://<fingerprint>:<password>@<host>).';
  }
  switch (exitCodeOf(failure)) {
    case EXIT.unreachable:
      return 'The server cannot be reached: check host, port, firewall, and that it is running.';
    case EXIT.identity:
      return 'Another server answers there: the fingerprint in the address is not that of its certificate.';
    default:
      return null;
  }
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

function conclude({ version }: CheckReport, failure: unknown, hasPassword: boolean): void {
  if (failure === null) {
    process.stdout.write(`\nThe server works (SMP version ${version}).\n`);
    return;
  }
  const hint = advice(failure, hasPassword);
  process.stdout.write(`\nThe server does not work as it should.${hint === null ? '' : ` ${hint}`}\n`);
}

async function check(text: string, flags: Flags): Promise<number> {
  const address = parseAddress(text);
  if (address?.scheme !== 'smp') {
    process.stderr.write('polyplex check: not an SMP address; it looks like smp://<fingerprint>[:<password>]@<host>[:<port>]\n');
    return EXIT.usage;
  }
  const socks = socksOf(flags.socks);
  const timeoutMs = flags.timeout * 1000;
  const report = await roundTrip({
    address,
    connect: {
      dial: tlsDial({ socks }),
      hosts: { onionReachable: socks !== undefined },
      connectTimeoutMs: timeoutMs,
      requestTimeoutMs: timeoutMs,
      ...(flags.legacy === true ? { alpn: null } : {}),
    },
    onStep: (step) => {
      if (flags.json !== true) process.stdout.write(line(step));
    },
  });
  const failure = report.steps.at(-1)?.failure ?? null;
  if (flags.json === true) process.stdout.write(asJson(report));
  else conclude(report, failure, address.password !== null);
  return exitCodeOf(failure);
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
    .option('--timeout <seconds>', 'for connecting and for each command', seconds, 15)
    .option('--socks <host:port>', 'SOCKS5 proxy for .onion hosts (default port 9050)')
    .option('--legacy', 'connect without ALPN, as very old clients do (SMP version 6)')
    .option('--json', 'print a report for programs')
    .addHelpText('after', HELP)
    .action(async (address: string, flags: Flags) => {
      process.exitCode = await check(address, flags);
    });
}
