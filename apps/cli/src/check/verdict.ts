/** What the check of a relay found: how it ends for scripts, and what an operator can do about it, by the step that failed and why. */
import { CodedError, errorText, hasCode } from '@polyplex/base';
import { RefusedError, SmpClientError } from '@polyplex/client';
import type { CheckReport } from './steps.ts';

/** `refused`: it is reached and does not do what it should. */
export const CHECK_EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3, identity: 4 } as const;

export interface Verdict {
  readonly exitCode: number;
  readonly advice: string;
}

/** No step failed. */
export const WORKS: Verdict = { exitCode: CHECK_EXIT.ok, advice: '' };
export const OTHER_SERVER: Verdict = {
  exitCode: CHECK_EXIT.identity,
  advice: 'Another server answers there: the fingerprint in the address is not that of its certificate.',
};
export const UNREACHABLE: Verdict = {
  exitCode: CHECK_EXIT.unreachable,
  advice: 'The server cannot be reached: check host, port, firewall, and that it is running.',
};

export const SILENT = 'It accepted the connection, and then was silent or hung up: look at its log, its load and limits, and whether its store can be reached.';

/** Advice is empty where the failure says all that is known. */
export function verdictOf({ steps }: Pick<CheckReport, 'steps'>, hasPassword: boolean): Verdict {
  const failure = steps.at(-1)?.failure ?? null;
  if (failure === null) return WORKS;
  if (isOtherServer(failure)) return OTHER_SERVER;
  if (steps.length === 1 && isUnreachable(failure)) return UNREACHABLE;
  return { exitCode: CHECK_EXIT.refused, advice: adviceOf(failure, hasPassword) };
}

/** The transport has one code for all that is wrong with a chain; only this reason compares fingerprints. */
export function isOtherServer(failure: unknown): boolean {
  if (!(failure instanceof SmpClientError)) return false;
  const { broker, cause } = failure;
  const inHello = broker.type === 'TRANSPORT' && broker.error === 'HANDSHAKE IDENTITY';
  return inHello || (hasCode(cause, 'IDENTITY') && cause.message.endsWith('unknown-ca'));
}

const NO_CONNECTION: readonly unknown[] = ['NETWORK', 'TIMEOUT', 'HOST'];

/** No connection at all, as the transport says; what fails after that has no cause there. */
export function isUnreachable(failure: unknown): boolean {
  if (!(failure instanceof SmpClientError)) return false;
  return failure.code === 'HOST' || (failure.cause instanceof CodedError && NO_CONNECTION.includes(failure.cause.code));
}

function adviceOf(failure: unknown, hasPassword: boolean): string {
  if (failure instanceof RefusedError) return refusalAdvice(failure, hasPassword);
  if (!(failure instanceof SmpClientError)) return '';
  const { code, broker, cause } = failure;
  if (hasCode(cause, 'IDENTITY')) {
    return `Its certificates are not acceptable (${errorText(cause)}): its operator must renew them; on a Polyplex relay, "polyplex cert rotate".`;
  }
  if (hasCode(cause, 'TLS')) return 'What answers there does not speak TLS as SMP servers do: check the port.';
  if (broker.type === 'TRANSPORT' && broker.error === 'VERSION') return 'It speaks other versions of the protocol than this program: update the older of the two.';
  return code === 'NETWORK' || code === 'TIMEOUT' ? SILENT : '';
}

function refusalAdvice({ error }: RefusedError, hasPassword: boolean): string {
  if (error.type !== 'AUTH') return '';
  return hasPassword
    ? 'The server refused: is the password in the address the right one, and does it allow new queues?'
    : 'The server refused: it may need a password (smp://<fingerprint>:<password>@<host>).';
}
