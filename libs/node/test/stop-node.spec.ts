/** The order in which a node ends. */
import { createFakeClock } from '@polyplex/testing';
import { silentLogger } from '@polyplex/telemetry';
import { expect, test } from 'vitest';
import { type StopOptions, type StoppableParts, stopNode } from '../src/stop-node.ts';

/** Parts that write down what is done with them. */
function partsOf(done: string[]): Required<StoppableParts> & Pick<StopOptions, 'stores'> {
  const step = (name: string) => (): Promise<void> => Promise.resolve(void done.push(name));
  return { server: { drain: step('drain') }, listener: { connections: [], close: step('ports') }, admin: { close: step('admin') }, stores: { records: { close: step('store') } } };
}

const options = { log: silentLogger, drainMs: 0, work: 'sessions' };

test('it goes on while balancers notice that it leaves, then takes nobody, drains, and closes its stores last', async () => {
  const [done, clock]: [string[], ReturnType<typeof createFakeClock>] = [[], createFakeClock()];
  const { stores, ...parts } = partsOf(done);
  const stopped = stopNode(parts, { ...options, stores, leaveMs: 15_000, clock });
  clock.advance(14_999);
  await Promise.resolve();
  expect(done).toEqual([]);
  clock.advance(1);
  await stopped;
  expect(done).toEqual(['ports', 'drain', 'admin', 'store']);
});

test('one that never began to serve leaves at once', async () => {
  const [done, clock]: [string[], ReturnType<typeof createFakeClock>] = [[], createFakeClock()];
  const { stores, listener } = partsOf(done);
  await stopNode({ listener }, { ...options, stores, leaveMs: 15_000, clock });
  expect([done, clock.pending]).toEqual([['ports', 'store'], 0]);
});
