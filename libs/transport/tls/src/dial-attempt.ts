/**
 * One attempt to connect, with its deadline and its caller's abort signal: whichever strikes first destroys the socket
 * of the moment, and with it whatever step is waiting.
 */
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '@polyplex/base';
import { DialError, dialErrorOf } from './dial-error.ts';

export interface DialLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

export interface DialAttempt {
  /** Puts a socket under the deadline; throws `DialError` when it has passed already. */
  own<S extends Duplex>(socket: S): S;
}

/** Runs `steps`; rejects with `DialError` only, and never leaves a socket open when it does. */
export async function dialAttempt<T>(limits: DialLimits, steps: (attempt: DialAttempt) => Promise<T>): Promise<T> {
  const { signal, clock = systemClock } = limits;
  let over: DialError | null = null;
  let owned: Duplex | null = null;
  const failed = Promise.withResolvers<never>();
  const stop = (error: DialError): void => {
    over ??= error;
    owned?.destroy();
    failed.reject(over);
  };
  const onAbort = (): void => stop(new DialError('ABORTED', 'connecting was aborted'));
  if (signal?.aborted === true) throw new DialError('ABORTED', 'connecting was aborted');
  signal?.addEventListener('abort', onAbort, { once: true });
  const cancel = clock.after(limits.timeoutMs, () => stop(new DialError('TIMEOUT', 'connecting took too long')));
  const own = <S extends Duplex>(socket: S): S => {
    owned = socket;
    if (over !== null) {
      socket.destroy();
      throw over;
    }
    return socket;
  };
  try {
    return await Promise.race([steps({ own }), failed.promise]);
  } catch (error) {
    over ??= dialErrorOf(error);
    (owned as Duplex | null)?.destroy();
    throw over;
  } finally {
    cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}
