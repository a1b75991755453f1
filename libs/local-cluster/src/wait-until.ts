/** Waiting for a state of something that does not tell. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '@polyplex/base';
import { LocalClusterError } from './errors.ts';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Asks until the answer is neither undefined nor false, and answers with it. A check that throws an ordinary error is asked again; a
 * `LocalClusterError` is final. Rejects with TIMEOUT and the last error after `timeoutMs` (default 15 s).
 */
export async function waitUntil<T>(what: string, check: () => Promise<T | undefined> | T | undefined, options: WaitOptions = {}): Promise<T> {
  const { timeoutMs = 15_000, intervalMs = 25 } = options;
  const end = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const answer = await check();
      if (isThere(answer)) return answer;
    } catch (error) {
      if (error instanceof LocalClusterError && error.code !== 'TIMEOUT') throw error;
      last = error;
    }
    await sleep(intervalMs);
  } while (performance.now() < end);
  const detail = last === undefined ? '' : `: ${errorText(last)}`;
  throw new LocalClusterError('TIMEOUT', `${what} took longer than ${timeoutMs} ms${detail}`, { cause: last });
}

/** Answers with `promise`, or rejects with TIMEOUT after `timeoutMs`; the promise itself goes on. */
export async function within<T>(what: string, promise: Promise<T>, timeoutMs: number): Promise<T> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new LocalClusterError('TIMEOUT', `${what} took longer than ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

function isThere<T>(answer: T | undefined): answer is T {
  return answer !== undefined && answer !== false;
}
