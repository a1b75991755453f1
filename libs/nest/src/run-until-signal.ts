/**
 * How a process ends: the first SIGTERM or SIGINT stops it in order, a second one ends it at once. SIGHUP re-reads
 * what can be re-read while running.
 */
import { type Clock, errorText, SECOND, systemClock } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';

export interface Service {
  /** Stops in order; afterwards nothing is left to lose. */
  stop(): Promise<void>;
  /** For SIGHUP; rejects when what was read cannot be used, and then nothing has changed. */
  reload(): Promise<void>;
}

/** The part of `process` that is needed. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

export interface RunOptions {
  readonly log: Logger;
  readonly signals?: SignalSource;
  readonly clock?: Clock;
  /** Ends the process at once. */
  readonly exit?: (code: number) => void;
}

const EXIT_CODE_KILLED = 130;
/** One Ctrl-C can come twice: the terminal signals everybody in the foreground, and npm passes on what it got. */
const SAME_SIGNAL_MS = SECOND;

function endProcess(code: number): void {
  process.exit(code);
}

/** Resolves when a signal has come and the service has stopped; rejects when stopping failed. The process is to end then. */
export function runUntilSignal(service: Service, options: RunOptions): Promise<void> {
  const { log, signals = process, clock = systemClock, exit = endProcess } = options;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let state: 'running' | 'just told to stop' | 'stopping' = 'running';
  const end = (): void => {
    if (state === 'running') {
      state = 'just told to stop';
      clock.after(SAME_SIGNAL_MS, () => (state = 'stopping'));
      log.info('stopping');
      service.stop().then(resolve, reject);
    } else if (state === 'stopping') {
      log.warn('second signal: ending at once');
      exit(EXIT_CODE_KILLED);
    }
  };
  const reload = (): void => {
    service.reload().then(
      () => log.info('certificates reloaded'),
      (error: unknown) => log.error('reload failed, nothing changed', { error: errorText(error) }),
    );
  };
  // They stay: the echo of the signal may come when all has stopped, and would kill what only has to end.
  signals.on('SIGTERM', end);
  signals.on('SIGINT', end);
  signals.on('SIGHUP', reload);
  return promise;
}
