/** `polyplex check ADDRESS…`: do SMP, XFTP and NTF servers work, from where you stand, and how fast? */
import { errorText, SECOND } from '@polyplex/base';
import { http2Dial, tlsDial } from '@polyplex/client';
import type { HostPort } from '@polyplex/node';
import { type AddressText, parseAddress } from '@polyplex/protocol-common';
import { Command, InvalidArgumentError } from 'commander';
import { fileRoundTrip } from '../check/file-round-trip.ts';
import { fileVerdictOf } from '../check/file-verdict.ts';
import { pushRoundTrip } from '../check/push-round-trip.ts';
import { pushVerdictOf } from '../check/push-verdict.ts';
import { roundTrip } from '../check/round-trip.ts';
import type { CheckReport, StepResult } from '../check/steps.ts';
import { CHECK_EXIT, type Verdict, verdictOf } from '../check/verdict.ts';
import { SOCKS_PORT, socksArgument } from '../socks-argument.ts';

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

function causeText(failure: unknown): string {
  const cause = failure instanceof Error && failure.cause !== undefined ? `: ${errorText(failure.cause)}` : '';
  return errorText(failure) + cause;
}

function line({ name, milliseconds, failure }: StepResult): string {
  const mark = failure === null ? 'ok  ' : 'FAIL';
  return `  ${mark} ${name.padEnd(40)} ${milliseconds.toFixed(1).padStart(8)} ms${failure === null ? '' : `  ${causeText(failure)}`}\n`;
}

interface Checked {
  readonly address: AddressText;
  readonly report: CheckReport;
  readonly verdict: Verdict;
}

function reportFor({ address, report: { version, steps } }: Checked) {
  const shown = steps.map(({ name, milliseconds, failure }) => ({
    name,
    milliseconds: Math.round(milliseconds * 10) / 10,
    failure: failure === null ? null : causeText(failure),
  }));
  return { protocol: address.scheme, version, ok: steps.every(({ failure }) => failure === null), steps: shown };
}

/** How a server of each protocol is checked. */
const CHECKS: Readonly<Record<string, (address: AddressText, flags: Flags, onStep: (step: StepResult) => void) => Promise<Checked>>> = {
  smp: async (address, flags, onStep) => {
    const { timeoutMs, socks, ...connect } = connectOptions(flags);
    const report = await roundTrip({ address, connect: { ...connect, dial: tlsDial({ socks }), requestTimeoutMs: timeoutMs }, onStep });
    return { address, report, verdict: verdictOf(report, address.password !== null) };
  },
  xftp: async (address, flags, onStep) => {
    const { timeoutMs, socks, ...connect } = connectOptions(flags);
    const timeouts = { requestMs: timeoutMs, chunkMs: timeoutMs };
    const report = await fileRoundTrip({ address, connect: { ...connect, dial: http2Dial({ socks }), timeouts }, onStep });
    return { address, report, verdict: fileVerdictOf(report, address.password !== null) };
  },
  ntf: async (address, flags, onStep) => {
    const { timeoutMs, socks, ...connect } = connectOptions(flags);
    const report = await pushRoundTrip({ address, connect: { ...connect, dial: tlsDial({ socks }), requestTimeoutMs: timeoutMs }, onStep });
    return { address, report, verdict: pushVerdictOf(report) };
  },
};

function connectOptions({ timeout, socks, legacy }: Flags) {
  const timeoutMs = timeout * SECOND;
  return {
    timeoutMs,
    socks: socks === undefined ? undefined : ({ ...socks, mode: 'onion' } as const),
    hosts: { onionReachable: socks !== undefined },
    connectTimeoutMs: timeoutMs,
    ...(legacy === true ? { alpn: null } : {}),
  };
}

/** Null when one of them is no address that can be checked. */
function readAddresses(texts: readonly string[]): AddressText[] | null {
  const addresses = texts.flatMap((text) => text.split(/\s+/)).filter((text) => text !== '').map(parseAddress);
  return addresses.every((address) => address !== null && address.scheme in CHECKS) && addresses.length > 0 ? (addresses as AddressText[]) : null;
}

async function check(texts: readonly string[], flags: Flags): Promise<number> {
  const addresses = readAddresses(texts);
  if (addresses === null) {
    process.stderr.write('polyplex check: not an address of an SMP, XFTP or NTF server; it looks like smp://<fingerprint>[:<password>]@<host>[:<port>]\n');
    return CHECK_EXIT.usage;
  }
  const all: Checked[] = [];
  for (const address of addresses) {
    if (flags.json !== true && addresses.length > 1) process.stdout.write(`${all.length === 0 ? '' : '\n'}${address.scheme.toUpperCase()} server at ${address.hosts.join(', ')}\n`);
    const checked = await CHECKS[address.scheme]!(address, flags, (step) => {
      if (flags.json !== true) process.stdout.write(line(step));
    });
    all.push(checked);
    if (flags.json !== true) process.stdout.write(`\n${summary(checked)}\n`);
  }
  if (flags.json === true) process.stdout.write(asJson(all));
  return all.find(({ verdict }) => verdict.exitCode !== CHECK_EXIT.ok)?.verdict.exitCode ?? CHECK_EXIT.ok;
}

function summary({ address, report, verdict: { exitCode, advice } }: Checked): string {
  if (exitCode === CHECK_EXIT.ok) return `The server works (${address.scheme.toUpperCase()} version ${report.version}).`;
  return `The server does not work as it should. ${advice}`.trim();
}

/** One report, or a list of them where several addresses were given. */
function asJson(all: readonly Checked[]): string {
  const reports = all.map(reportFor);
  return `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`;
}

const HELP = `
Exit codes: 0 it works, 1 it refused or misbehaved, 2 wrong use, 3 it cannot be reached, 4 another server answers; of several
servers, that of the first which does not work.

Examples:
  polyplex check "$(polyplex address)"
  polyplex check --json smp://<fingerprint>@smp.example.org
  polyplex check xftp://<fingerprint>@files.example.org
  polyplex check ntf://<fingerprint>@push.example.org`;

export function checkCommand(): Command {
  return new Command('check')
    .description('make a full round trip through SMP, XFTP and NTF servers and time each step')
    .argument('<address...>', 'smp://, xftp:// or ntf://<fingerprint>[:<password>]@<host>[:<port>]')
    .option('--timeout <seconds>', 'for connecting, for each command and for the delivery', seconds, 15)
    .option('--socks <host:port>', `SOCKS5 proxy for .onion hosts (default port ${SOCKS_PORT})`, socksArgument)
    .option('--legacy', 'connect without ALPN, as very old clients do (SMP version 6, XFTP and NTF version 1)')
    .option('--json', 'print a report for programs')
    .addHelpText('after', HELP)
    .action(async (addresses: string[], flags: Flags) => {
      process.exitCode = await check(addresses, flags);
    });
}
