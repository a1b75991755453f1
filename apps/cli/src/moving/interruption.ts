/** Ctrl-C while something long runs: it ends in order, and says how to go on. Another one, a second later or more, ends the process. */
import { SECOND } from '@polyplex/base';

const EXIT_CODE_KILLED = 130;

/** Handlers stay: the echo of the signal may come when all has ended, and would kill what only has to say so. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const interrupt = (): void => {
    if (!controller.signal.aborted) {
      firstAt = Date.now();
      controller.abort();
    } else if (Date.now() - firstAt > SECOND) process.exit(EXIT_CODE_KILLED);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}
