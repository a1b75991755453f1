/**
 * What is due to a token, and its job (see the head of the contract), as functions of its row. Nothing here reads or writes
 * a table: `open-token.ts` does.
 */
import { MINUTE } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { PushOutcome, PushResult, TokenStatus } from '@polyplex/store-contract';
import type { PushRow, TokenRow } from './value-formats.ts';

export interface Due {
  verification: number | null;
  messages: number | null;
  check: number | null;
}

export interface Push {
  due: Due;
  job: (Due & { readonly lease: Uint8Array; readonly until: number }) | null;
  retryAt: number | null;
  attempts: number;
}

const KINDS = ['verification', 'messages', 'check'] as const;
const LEASE_BYTES = 12;
const MAX_ATTEMPTS = 0xffff;
const nothingDue = (): Due => ({ verification: null, messages: null, check: null });

export const idlePush = (): Push => ({ due: nothingDue(), job: null, retryAt: null, attempts: 0 });

export const pushOf = ({ due, job, retryAt, attempts }: PushRow): Push => ({ due: { ...due }, job: job && { ...job }, retryAt, attempts });

const times = (due: Due): number[] => KINDS.map((kind) => due[kind]).filter((time) => time !== null);

/** Whether there is nothing to keep. */
export const isIdle = ({ due, job, retryAt, attempts }: Push): boolean =>
  job === null && retryAt === null && attempts === 0 && times(due).length === 0;

/** What the counts call due or under way. */
export const hasWork = ({ due, job }: Push, status: TokenStatus): boolean =>
  job !== null || due.verification !== null || (due.messages !== null && status === 'ACTIVE');

/** What a job made at this time would have. */
function partOf({ due }: Push, status: TokenStatus, now: number): Due {
  const isActive = status === 'ACTIVE';
  const checkIsDue = isActive && due.check !== null && due.check <= now;
  return { verification: due.verification, messages: isActive ? due.messages : null, check: checkIsDue ? due.check : null };
}

/** From when on `takeDue` gives it; null: never. */
export function dueAt(push: Push, status: TokenStatus): number | null {
  if (push.job !== null) return push.job.until;
  const all = times(partOf(push, status, Infinity));
  return all.length === 0 ? null : Math.max(push.retryAt ?? 0, Math.min(...all));
}

/** When the next check is due, if there is one. */
export function nextCheck({ status, cronMinutes }: Pick<TokenRow, 'status' | 'cronMinutes'>, now: number): number | null {
  return status === 'ACTIVE' && cronMinutes > 0 ? now + cronMinutes * MINUTE : null;
}

export function setCheck(push: Push, at: number | null): void {
  push.due.check = at;
  if (push.job !== null) push.job.check = null;
}

/** No verification is due, and none of the job under way counts. */
export function clearVerification(push: Push): void {
  push.due.verification = null;
  if (push.job !== null) push.job.verification = null;
}

/** There is nothing left to announce. */
export function clearMessages(push: Push): void {
  push.due.messages = null;
  if (push.job !== null) push.job.messages = null;
}

/** What the job has is due again; it is the older part. */
function giveBack(push: Push): void {
  const { job, due } = push;
  if (job === null) return;
  for (const kind of KINDS) due[kind] = job[kind] ?? due[kind];
  push.job = null;
}

/** The job loses its lease, and nothing is held back. */
export function revoke(push: Push): void {
  giveBack(push);
  push.retryAt = null;
  push.attempts = 0;
}

/** Nothing is due any more. */
export function forgetAll(push: Push): void {
  push.job = null;
  push.due = nothingDue();
  push.retryAt = null;
  push.attempts = 0;
}

/** Makes a job of what is due, unless there is nothing, another's lease holds, or a retry is waited for. */
export function makeJob(push: Push, status: TokenStatus, now: number, leaseMs: number): NonNullable<Push['job']> | null {
  if (push.job !== null) {
    if (push.job.until > now) return null;
    giveBack(push);
    push.attempts = Math.min(push.attempts + 1, MAX_ATTEMPTS);
  }
  const part = partOf(push, status, now);
  if (times(part).length === 0 || (push.retryAt ?? 0) > now) return null;
  push.retryAt = null;
  push.job = { ...part, lease: randomBytes(LEASE_BYTES), until: now + leaseMs };
  for (const kind of KINDS) if (part[kind] !== null) push.due[kind] = null;
  return push.job;
}

export const dueSince = (part: Due): number => Math.min(...times(part));

/** The kinds of the job that came to an end, with their results; they are not part of it any more, and what is left is due again. */
export function settleJob(push: Push, outcome: PushOutcome): readonly { readonly kind: keyof Due; readonly result: PushResult }[] {
  const { job } = push;
  if (job === null) return [];
  const named = KINDS.filter((kind) => job[kind] !== null && outcome[kind] !== undefined).map((kind) => ({ kind, result: outcome[kind]! }));
  const ended = named.filter(({ result }) => result !== 'retry');
  for (const { kind } of ended) job[kind] = null;
  const isOver = times(job).length === 0;
  push.retryAt = isOver ? null : outcome.retryAt;
  if (named.length > ended.length) push.attempts = Math.min(push.attempts + 1, MAX_ATTEMPTS);
  else if (ended.length > 0 || isOver) push.attempts = 0;
  giveBack(push);
  return ended;
}

/** The status that an outcome gives the device, if it is not known there. */
export function invalidStatus(results: readonly (PushResult | undefined)[]): TokenStatus | null {
  return (results.find((result) => result?.startsWith('INVALID') === true) as TokenStatus | undefined) ?? null;
}

export const resultsOf = (outcome: PushOutcome): (PushResult | undefined)[] => KINDS.map((kind) => outcome[kind]);
