/** Which counters of a relay move while something is done, and by how much: all of them, under the reference's names and ours. */
import { expect } from 'vitest';
import { referenceCounters, type SmpStats } from '../../src/index.ts';
import type { TestRelay } from './relay.ts';

export type Moves = Readonly<Record<string, number>>;

/** Ours that have no name in the reference. */
function ownCounters(stats: SmpStats): [string, number][] {
  const families = { command: stats.commands, error: stats.errors, refusedNew: stats.newQueueRefusals };
  return [
    ...Object.entries(families).flatMap(([name, { values }]) => [...values].map(([label, count]): [string, number] => [`${name} ${label}`, count])),
    ['delivered', stats.messagesDelivered.value],
    ['ended', stats.subscriptionsEnded.value],
    ['acknowledged', stats.acknowledgeSeconds.count],
    ['unacknowledged', stats.pendingDeliveries.count],
    ['internal', stats.internalErrors.value],
    ...[...stats.commandSeconds.values].map(([tag, { count }]): [string, number] => [`timed ${tag}`, count]),
  ];
}

function countersOf({ nodes }: TestRelay): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { server: { stats } } of nodes) {
    for (const [name, value] of [...Object.entries(referenceCounters(stats)), ...ownCounters(stats)]) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}

function difference(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): Moves {
  const moves = [...now].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(moves.filter(([, by]) => by !== 0));
}

/** Expects that `act` moves these counters, by so much, and no others. Events may come after its answers. */
export async function expectMoves(relay: TestRelay, act: () => Promise<unknown>, moves: Moves): Promise<void> {
  const before = countersOf(relay);
  await act();
  await expect.poll(() => difference(before, countersOf(relay)), { timeout: 10_000 }).toEqual(moves);
}
