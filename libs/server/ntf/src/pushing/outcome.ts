/** What a push service's answer means for the job: when it is tried again, or given up, and what is counted (NTF §4.6, §6.3). */
import { MINUTE, SECOND } from '@polyplex/base';
import type { PushAnswer } from '@polyplex/push';
import type { PushJob, PushOutcome, PushResult } from '@polyplex/store-contract';
import { NULL_PROVIDER, type NtfStats } from '../stats.ts';
import type { PushingOptions } from './options.ts';
import type { JobKind } from './push-of.ts';

/** The first one soon: most trouble is that of a connection. */
const WAITS_MS: readonly number[] = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE];

/** In [0, 1), for what shall not happen at once. */
export type Random = () => number;

export interface Judged {
  readonly result: PushResult;
  readonly retryAt: number | null;
}

/** `notBefore`: until when the place is left alone. */
export function judge(job: PushJob, kind: JobKind, answer: PushAnswer, time: { readonly now: number; readonly notBefore: number; readonly random: Random; readonly options: PushingOptions }): Judged {
  const { now, notBefore, random, options } = time;
  if (answer.result === 'delivered') return { result: 'delivered', retryAt: null };
  if (answer.result === 'invalid') return { result: `INVALID,${answer.reason}`, retryAt: null };
  if (answer.result === 'refused' || isGivenUp(job, kind, now, options)) return { result: 'dropped', retryAt: null };
  const waitMs = WAITS_MS[Math.min(job.attempts, WAITS_MS.length - 1)]!;
  const spread = 1 + random() / 4;
  const at = Math.max(now + Math.max(answer.afterMs ?? 0, waitMs) * spread, notBefore + random() * SECOND);
  return { result: 'retry', retryAt: Math.round(at) };
}

/** A check is dropped soon, as the next one comes anyway. */
function isGivenUp(job: PushJob, kind: JobKind, now: number, options: PushingOptions): boolean {
  const tries = job.attempts + 1;
  if (kind === 'check') return tries >= options.giveUpCheckTries;
  return tries >= options.giveUpTries && now - job.dueSince >= options.giveUpAfterMs;
}

export function outcomeOf(kind: JobKind, { result, retryAt }: Judged): PushOutcome {
  return { [kind]: result, retryAt };
}

/** The reference's counters; what will be tried again counts when it is over. */
export function countResult(stats: NtfStats, job: PushJob, kind: JobKind, result: { readonly result: PushResult; readonly ownHost: string | null }): void {
  if (job.token.device.provider === NULL_PROVIDER || result.result === 'retry') return;
  const isDelivered = result.result === 'delivered';
  if (kind === 'messages') return (isDelivered ? stats.delivered : stats.failed).count(result.ownHost);
  if (kind === 'check') return (isDelivered ? stats.checksDelivered : stats.checksFailed).add();
  (isDelivered ? stats.verificationsDelivered : stats.verificationsFailed).add();
  if (result.result.startsWith('INVALID')) stats.verificationsInvalid.add();
}
