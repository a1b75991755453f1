/**
 * Signals that come before the servers run. To most processes their default would do; from process 1 of a container the
 * kernel keeps every signal without a handler, and `docker stop` would wait for its time-out. Nothing is to be drained yet,
 * and stores survive the end of a process at any moment.
 */
const EXITS = { SIGTERM: 143, SIGINT: 130 } as const;

/** Until the returned function is called, a signal ends the process with the status of one that it killed. */
export function endOnEarlySignal(): () => void {
  const listeners = (Object.keys(EXITS) as (keyof typeof EXITS)[]).map((signal) => [signal, () => process.exit(EXITS[signal])] as const);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}
