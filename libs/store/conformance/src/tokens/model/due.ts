/** What is due to a token of the model, and its jobs (see the head of the contract). */
import { idKey } from '@polyplex/base';
import type { PushJob, PushOutcome, PushResult, TokenRecord, TokenStatus } from '@polyplex/store-contract';
import { change, type Due, type ModelToken, sameDevice, type State, tokenOf } from './state.ts';

const KINDS = ['verification', 'messages', 'check'] as const;
const MINUTE_MS = 60_000;

export function becomeActive(token: ModelToken, now: number): void {
  change(token, { status: 'ACTIVE' });
  token.due.check = nextCheck(token, now);
}

function nextCheck({ record }: ModelToken, now: number): number | null {
  return record.status === 'ACTIVE' && record.cronMinutes > 0 ? now + record.cronMinutes * MINUTE_MS : null;
}

/** Any status but ACTIVE: no checks. */
export function becomeInactive(token: ModelToken, parts: Partial<TokenRecord> & { readonly status: TokenStatus }): void {
  change(token, parts);
  token.due.check = null;
  if (token.job !== null) token.job.check = null;
}

function invalidate(token: ModelToken, status: TokenStatus): void {
  if (token.record.status !== status) becomeInactive(token, { status });
  token.due = { verification: null, messages: null, check: null };
  token.job = null;
  token.retryAt = null;
  token.attempts = 0;
}

/** What a job has goes back to what is due. */
function giveBack(token: ModelToken): void {
  if (token.job === null) return;
  for (const kind of KINDS) token.due[kind] = token.job[kind] ?? token.due[kind];
  token.job = null;
}

/** What a job made now would have. */
function dueNow({ due, record }: ModelToken, now: number): Due {
  const isActive = record.status === 'ACTIVE';
  return {
    verification: due.verification,
    messages: isActive ? due.messages : null,
    check: isActive && due.check !== null && due.check <= now ? due.check : null,
  };
}

const times = (due: Due): number[] => KINDS.flatMap((kind) => due[kind] ?? []);

/** From when on `takeDue` would give it; null: never. */
export function dueAt(token: ModelToken): number | null {
  if (token.job !== null) return token.job.until;
  const all = times(dueNow(token, Infinity));
  return all.length === 0 ? null : Math.max(token.retryAt ?? 0, Math.min(...all));
}

/** Leases the token's job, if there is one that is nobody's. */
export function lease(token: ModelToken, now: number, leaseMs: number): PushJob | null {
  if (token.job !== null) {
    if (token.job.until > now) return null;
    giveBack(token);
    token.attempts++;
  }
  const due = dueNow(token, now);
  if (times(due).length === 0 || (token.retryAt ?? 0) > now) return null;
  token.retryAt = null;
  token.jobs++;
  token.job = { ...due, lease: `${idKey(token.record.tokenId)} ${token.jobs}`, until: now + leaseMs };
  for (const kind of KINDS) if (due[kind] !== null) token.due[kind] = null;
  return {
    token: token.record,
    verification: due.verification !== null,
    messages: due.messages === null ? [] : token.notifications,
    check: due.check !== null,
    attempts: token.attempts,
    dueSince: Math.min(...times(due)),
    lease: token.job.lease,
  };
}

export function takeDue(state: State, now: number, limit: number, leaseMs: number): PushJob[] {
  const waiting = [...state.tokens.values()].map((token) => ({ token, at: dueAt(token) })).filter(({ at }) => at !== null && at <= now);
  waiting.sort((a, b) => a.at! - b.at!);
  const jobs: PushJob[] = [];
  for (const { token } of waiting) {
    if (jobs.length >= limit) break;
    const job = lease(token, now, leaseMs);
    if (job !== null) jobs.push(job);
  }
  return jobs;
}

type Settled = Pick<PushJob, 'token' | 'lease'>;

export function settle(state: State, job: Settled, { outcome, now, leaseMs }: { outcome: PushOutcome; now: number; leaseMs: number }): PushJob | null {
  const token = tokenOf(state, job.token.tokenId);
  if (token === null) return null;
  const invalid = KINDS.map((kind) => outcome[kind]).find((result) => result?.startsWith('INVALID') === true);
  if (token.job?.lease !== job.lease) {
    if (invalid !== undefined && sameDevice(token.record.device, job.token.device)) invalidate(token, invalid as TokenStatus);
    return null;
  }
  const results: PushResult[] = [];
  for (const kind of KINDS) {
    const result = token.job[kind] === null ? undefined : outcome[kind];
    if (result === undefined) continue;
    results.push(result);
    if (result !== 'retry') settled(token, kind, result, now);
  }
  const invalidHere = results.find((result) => result.startsWith('INVALID'));
  if (invalidHere !== undefined) {
    invalidate(token, invalidHere as TokenStatus);
    return null;
  }
  token.retryAt = times(token.job).length > 0 ? outcome.retryAt : null;
  if (results.includes('retry')) token.attempts++;
  else if (results.length > 0 || times(token.job).length === 0) token.attempts = 0;
  giveBack(token);
  return lease(token, now, leaseMs);
}

/** One kind of the job is over. */
function settled(token: ModelToken, kind: keyof Due, result: PushResult, now: number): void {
  token.job![kind] = null;
  if (kind === 'verification' && result === 'delivered' && !['CONFIRMED', 'ACTIVE'].includes(token.record.status)) {
    change(token, { status: 'CONFIRMED' });
  }
  if (kind !== 'check') return;
  if (result === 'delivered') token.record = { ...token.record, cronSentAt: Math.floor(now / 1000) };
  token.due.check = nextCheck(token, now);
}
