/** What the process itself takes: processor, memory, and how late its event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

export interface ProcessNumbers {
  readonly cpuSeconds: () => number;
  readonly gauges: () => { readonly memoryBytes: number; readonly heapBytes: number; readonly loopLagSeconds: number };
  /** Begins the next period of the lag, which is that of the last period and the present one. */
  readonly nextPeriod: () => void;
  readonly stop: () => void;
}

export function watchProcess(): ProcessNumbers {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let lastPeriod = 0;
  /** What is measured is the time between two runs of a timer. */
  const lag = (): number => (delay.count === 0 ? 0 : Math.max(0, delay.percentile(99) / NANOSECONDS - RESOLUTION_MS / 1000));
  return {
    cpuSeconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / MICROSECONDS;
    },
    gauges: () => ({ memoryBytes: process.memoryUsage.rss(), heapBytes: process.memoryUsage().heapUsed, loopLagSeconds: Math.max(lastPeriod, lag()) }),
    nextPeriod: () => {
      lastPeriod = lag();
      delay.reset();
    },
    stop: () => void delay.disable(),
  };
}
