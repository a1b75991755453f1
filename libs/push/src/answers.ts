/** Answers that all push services share: what went wrong on the way, and how long they want to be left alone. */
import { MINUTE, SECOND } from '@polyplex/base';
import { PublicHttpError, type PublicHttpErrorCode, type PublicHttpResponse } from '@polyplex/transport-http2';
import type { PushAnswer, PushCause } from './push-sender.ts';

export const DELIVERED: PushAnswer = { result: 'delivered' };

export const refused = (cause: PushCause): PushAnswer => ({ result: 'refused', cause });

/** Later, for this device alone. */
export const later = (cause: PushCause, afterMs: number | null = null): PushAnswer => ({ result: 'retry', afterMs, cause, place: false });

/** Later, for all devices of this push service. */
export const allLater = (cause: PushCause, afterMs: number | null = null): PushAnswer => ({ result: 'retry', afterMs, cause, place: true });

/** However long a service wants: beyond this it is asked again. */
const MAX_RETRY_AFTER_MS = 15 * MINUTE;

/** `Retry-After` (RFC 9110 §10.2.3), seconds or a date; null where there is none that can be read. */
export function retryAfterMs(headers: PublicHttpResponse['headers'], now: number): number | null {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return null;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * SECOND : Date.parse(value) - now;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

const TROUBLE: Readonly<Record<PublicHttpErrorCode, PushAnswer>> = {
  CONNECT: allLater('connection'),
  TLS: allLater('tls'),
  NOT_ALLOWED: refused('not-allowed'),
  // One that waits too long, or whose stream broke, may be the only one.
  TIMEOUT: later('timeout'),
  BROKEN: later('connection'),
  UNPROCESSED: allLater('unavailable'),
  CLOSED: later('closed'),
};

export function answerOfTrouble(error: unknown): PushAnswer {
  return error instanceof PublicHttpError ? TROUBLE[error.code] : later('connection');
}
