/** The values of all nodes as one: added up, but for what they share and for what has no sum. */
import { ROOM, roomName, type Sample, type Values } from './sample.ts';

/** Of the store, which nodes of one network share: each of them tells the same. */
const SHARED: readonly string[] = [
  'queues', 'messages', 'notifiers', 'notifications', 'files', 'fileBytes', 'quotaBytes', 'tokens', 'activeTokens', 'watchedQueues', 'pushesDue', 'oldestDueSeconds',
];
/** The slowest node counts. */
const isWorst = (name: string): boolean => name.includes('.p') || ['loopLagSeconds', 'oldestApprovalSeconds', 'listingAgeSeconds'].includes(name);
/** The least room counts. */
const isLeast = (name: string): boolean => name === ROOM || name.startsWith(roomName(''));

/** null where one of those that have the value does not know it, for then nobody knows the sum. */
export function combined(samples: readonly Sample[]): Values {
  const names = new Set(samples.flatMap(({ values }) => Object.keys(values)));
  return Object.fromEntries([...names].map((name) => [name, together(name, samples.map(({ values }) => values[name]).filter((value) => value !== undefined))]));
}

function together(name: string, values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  if (SHARED.includes(name) || isWorst(name)) return Math.max(...known);
  if (isLeast(name)) return Math.min(...known);
  return known.length < values.length ? null : known.reduce((sum, value) => sum + value, 0);
}
