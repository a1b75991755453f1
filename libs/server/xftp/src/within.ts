/** Waiting that ends when a signal aborts, whatever it waits for. */
import { CodedError } from '@polyplex/base';

/** Rejects with code `ABORTED` when `signal` aborts first; what was waited for is then nobody's. */
export async function within<T>(signal: AbortSignal, waiting: Promise<T>): Promise<T> {
  if (signal.aborted) {
    waiting.catch(() => undefined);
    throw aborted();
  }
  const end = Promise.withResolvers<never>();
  const abort = (): void => end.reject(aborted());
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([waiting, end.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function aborted(): CodedError<'ABORTED'> {
  return new CodedError('ABORTED', 'waited too long');
}

/** A signal that aborts when `other` does or after `ms`; `end` when it is not needed any more. */
export function deadline(after: (ms: number, task: () => void) => () => void, ms: number, other: AbortSignal): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const cancel = after(ms, abort);
  if (other.aborted) abort();
  else other.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    end() {
      cancel();
      other.removeEventListener('abort', abort);
    },
  };
}
