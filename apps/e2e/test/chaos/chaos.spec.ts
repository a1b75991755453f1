/**
 * A node is killed, a Redis primary is replaced, a node stands still for longer than others wait: once each, under load.
 * Every other fault, and each of them ten times and more: the long tests in this folder.
 */
import { afterAll, expect, test } from 'vitest';
import { FLAWLESS, startCampaign, tableOf } from './campaign.ts';
import { startClusterNetwork } from './network.ts';
import { killNode, stopNodes } from './node-faults.ts';
import { failOver } from './redis-faults.ts';

const campaign = await startCampaign(startClusterNetwork(), { queues: 30, pace: { pauseMs: 200, bodyBytes: 100 } });
const { network, load } = campaign;
afterAll(async () => {
  console.log(tableOf(campaign.rows));
  await campaign.stop();
}, 60_000);

test.for([killNode(network, 1), failOver(network, load, 1), stopNodes(network, 1, 1)])('$name: nothing lost, doubled or stuck', { timeout: 60_000 }, async (fault) => {
  const row = await campaign.run(fault);
  expect(row).toMatchObject(FLAWLESS);
  expect(row.settled).toBe(true);
  expect(row.accepted).toBeGreaterThan(load.history.queues.length);
  expect(load.history.anomalies).toEqual([]);
});
