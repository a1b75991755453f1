/** What the check of a push proxy found: how it ends for scripts, and what an operator can do about it. */
import { errorText, hasCode } from '@polyplex/base';
import { NtfRefusedError, SmpClientError } from '@polyplex/client';
import type { NtfError } from '@polyplex/protocol-ntf';
import type { CheckReport } from './steps.ts';
import { CHECK_EXIT, isOtherServer, isUnreachable, OTHER_SERVER, SILENT, UNREACHABLE, type Verdict, WORKS } from './verdict.ts';

/** Advice is empty where the failure says all that is known. */
export function pushVerdictOf({ steps }: Pick<CheckReport, 'steps'>): Verdict {
  const failure = steps.at(-1)?.failure ?? null;
  if (failure === null) return WORKS;
  if (isOtherServer(failure)) return OTHER_SERVER;
  if (steps.length === 1 && isUnreachable(failure)) return UNREACHABLE;
  return { exitCode: CHECK_EXIT.refused, advice: failure instanceof NtfRefusedError ? (REFUSALS[failure.error.type] ?? '') : adviceOf(failure) };
}

const REFUSALS: Partial<Readonly<Record<NtfError['type'], string>>> = {
  AUTH: 'It refused: it may take no new devices (ntfAccess.newTokens).',
  QUOTA: 'It takes no more devices from this address for a minute (ntfLimits): try again later.',
  STORE: 'Its store does not answer: its operator finds the reason in the log.',
};

function adviceOf(failure: unknown): string {
  if (!(failure instanceof SmpClientError)) return '';
  const { code, broker, cause } = failure;
  if (hasCode(cause, 'IDENTITY')) {
    return `Its certificates are not acceptable (${errorText(cause)}): its operator must renew them; on a Polyplex server, "polyplex cert rotate --only ntf".`;
  }
  if (hasCode(cause, 'TLS')) return 'What answers there does not speak TLS as push proxies do: check the port.';
  if (broker.type === 'TRANSPORT' && broker.error === 'VERSION') return 'It speaks other versions of the protocol than this program: update the older of the two.';
  return code === 'NETWORK' || code === 'TIMEOUT' ? SILENT : '';
}
