export { type Trace, TraceFinder } from './privacy/find-traces.ts';
export { suspicion } from './privacy/suspicious-lines.ts';
export { UsedIds, usedIn, type Used } from './privacy/used-ids.ts';
export * from './relay-process.ts';
