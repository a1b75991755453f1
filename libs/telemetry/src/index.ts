export * from './active-counts.ts';
export * from './counters.ts';
export * from './distinct-count.ts';
export * from './histogram.ts';
export * from './log-control.ts';
export * from './logger.ts';
