/**
 * Every fault of a network, ten times and more, under load: see `verdict.ts` for what is counted. Two networks side by
 * side, one over a Redis Cluster and one over a single Redis, since faults are waiting for the most part.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { FLAWLESS } from './campaign.ts';
import { dropInboxes, dropInboxSilently, overflowInbox } from './inbox-faults.ts';
import { type Lane, startLane } from './lane.ts';
import { type Network, startClusterNetwork, startSingleNetwork } from './network.ts';
import { killAllNodes, killNode, rollingRestart, stopNodes } from './node-faults.ts';
import { addShard, failOver, moveSlots } from './redis-faults.ts';
import { cutLine, fullRedis, goneRedis, killRedis, overfullRedis, slowRedis } from './single-faults.ts';

const QUEUES = 40;
const TIMEOUT_MS = 400_000;

/** How often words were lost, and how often an inbox overflowed: whether these faults were any. */
const hits = { losses: 0, overflows: 0 };

const [cluster, single] = await Promise.all([
  startLane(startClusterNetwork(), { queues: QUEUES, pace: { pauseMs: 250, bodyBytes: 100 } }, ({ network, load }) => [
    killNode(network, 10),
    killAllNodes(network, 10),
    rollingRestart(network, 2),
    failOver(network, load, 10),
    moveSlots(network, 10),
    addShard(network, 10),
    dropInboxes(network, 4),
    dropInboxSilently(network, 10, (count) => (hits.losses += count)),
    overflowInbox(network, 10, (count) => (hits.overflows += count)),
  ]),
  startLane(startSingleNetwork(), { queues: QUEUES, pace: { pauseMs: 250, bodyBytes: 4000 } }, ({ network, load }) => [
    stopNodes(network, 4, 3),
    cutLine(network, 10),
    killRedis(network, 10),
    slowRedis(network, 3),
    fullRedis(network, load, 2),
    overfullRedis(network, load, 2),
    goneRedis(network, load, 1),
  ]),
]);
const lanes: readonly Lane<Network>[] = [cluster, single];
afterAll(async () => {
  console.log(['Redis Cluster, durability replicated', cluster.table(), 'Single Redis, durability everysec', single.table()].join('\n\n'));
  await Promise.all(lanes.map((lane) => lane.stop()));
}, TIMEOUT_MS);

describe.each([['a cluster', cluster], ['a single Redis', single]] as const)('over %s', (_, lane: Lane<Network>) => {
  test.for(lane.names)('%s: nothing lost, doubled or stuck', { timeout: TIMEOUT_MS }, async (name) => {
    const row = await lane.result(name);
    expect(row, row.findings.join('\n')).toMatchObject(FLAWLESS);
    expect(row.accepted).toBeGreaterThan(QUEUES);
    expect(row.endsByClosed).toBeLessThan(QUEUES / 4);
  });

  test('nothing came that no client should see', () => {
    expect(lane.campaign.load.history.anomalies).toEqual([]);
  });
});

test('inboxes had something to lose, and overflowed', () => {
  expect(hits.losses).toBeGreaterThan(10);
  expect(hits.overflows).toBeGreaterThan(5);
});
