/**
 * How a process ends: the first SIGTERM or SIGINT stops it in order, a second one ends it at once. SIGHUP re-reads
 * what can be re-read while running.
 */
import { errorText } from '@polyplex/base';
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
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

export interface RunOptions {
  readonly log: Logger;
  readonly signals?: SignalSource;
  /** Ends the process at once. */
  readonly exit?: (code: number) => void;
}

const EXIT_CODE_KILLED = 130;

function endProcess(code: number): void {
  process.exit(code);
}

/** Resolves when a signal has come and the service has stopped; rejects when stopping failed. */
export function runUntilSignal(service: Service, { log, signals = process, exit = endProcess }: RunOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let stopping = false;
  const end = (): void => {
    if (stopping) {
      log.warn('second signal: ending at once');
      exit(EXIT_CODE_KILLED);
      return;
    }
    stopping = true;
    log.info('stopping');
    service.stop().then(resolve, reject);
  };
  const reload = (): void => {
    service.reload().then(
      () => log.info('certificates reloaded'),
      (error: unknown) => log.error('reload failed, nothing changed', { error: errorText(error) }),
    );
  };
  const listeners = [['SIGTERM', end], ['SIGINT', end], ['SIGHUP', reload]] as const;
  for (const [signal, listener] of listeners) signals.on(signal, listener);
  return promise.finally(() => {
    for (const [signal, listener] of listeners) signals.off(signal, listener);
  });
}
