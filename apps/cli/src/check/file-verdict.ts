/** What the check of a file server found: how it ends for scripts, and what an operator can do about it. */
import { CodedError, errorText, hasCode } from '@polyplex/base';
import { XftpClientError, XftpRefusedError } from '@polyplex/client';
import type { XftpError } from '@polyplex/protocol-xftp';
import type { CheckReport } from './steps.ts';
import { CHECK_EXIT, OTHER_SERVER, SILENT, UNREACHABLE, type Verdict, WORKS } from './verdict.ts';

/** Advice is empty where the failure says all that is known. */
export function fileVerdictOf({ steps }: Pick<CheckReport, 'steps'>, hasPassword: boolean): Verdict {
  const failure = steps.at(-1)?.failure ?? null;
  if (failure === null) return WORKS;
  if (isOtherServer(failure)) return OTHER_SERVER;
  if (steps.length === 1 && isUnreachable(failure)) return UNREACHABLE;
  return { exitCode: CHECK_EXIT.refused, advice: adviceOf(failure, hasPassword, steps.length) };
}

/** The transport has one code for all that is wrong with a chain; only this reason compares fingerprints. */
function isOtherServer(failure: unknown): boolean {
  if (!hasCode(failure, 'IDENTITY')) return false;
  return failure.cause instanceof Error ? failure.cause.message.endsWith('unknown-ca') : true;
}

const NO_CONNECTION: readonly unknown[] = ['NETWORK', 'TIMEOUT', 'HOST'];

/** No connection at all, as the transport says; what fails after that has no cause there. */
function isUnreachable(failure: unknown): boolean {
  if (!(failure instanceof XftpClientError)) return false;
  return failure.code === 'HOST' || (failure.cause instanceof CodedError && NO_CONNECTION.includes(failure.cause.code));
}

/** The steps before a file is created. */
const CONNECTING = 2;

const REFUSALS: Partial<Readonly<Record<XftpError['type'], string>>> = {
  QUOTA: 'It has no room for more files: its operator must raise the quota or wait for files to expire.',
  FILE_IO: 'It could not write or read the file: its operator finds the reason in the log.',
  TIMEOUT: 'The upload took too long for it: look at the connection, and at its load.',
};

function adviceOf(failure: unknown, hasPassword: boolean, steps: number): string {
  if (failure instanceof XftpRefusedError) {
    const { type } = failure.error;
    if (type === 'AUTH' && steps === CONNECTING + 1) return passwordAdvice(hasPassword);
    return REFUSALS[type] ?? '';
  }
  return failure instanceof XftpClientError ? connectionAdvice(failure) : '';
}

function connectionAdvice({ code, cause }: XftpClientError): string {
  if (code === 'IDENTITY') {
    return `Its certificates are not acceptable (${errorText(cause)}): its operator must renew them; on a Polyplex server, "polyplex cert rotate".`;
  }
  if (hasCode(cause, 'TLS')) return 'What answers there does not speak TLS as XFTP servers do: check the port.';
  if (code === 'VERSION') return 'It speaks other versions of the protocol than this program: update the older of the two.';
  return code === 'NETWORK' || code === 'TIMEOUT' ? SILENT : '';
}

function passwordAdvice(hasPassword: boolean): string {
  return hasPassword
    ? 'The server refused: is the password in the address the right one, and does it allow new files?'
    : 'The server refused: it may need a password (xftp://<fingerprint>:<password>@<host>), or allow no new files.';
}
