/** Two agents over a relay of three nodes that are killed one after the other while both talk: nothing is lost, and nothing comes twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leftOver, listen, type Side, speak, words } from './support/talk.ts';
import { introduced, TestAgent } from './support/test-agent.ts';
import { startThreeNodes, type ThreeNodes } from './support/three-nodes.ts';

const WORDS = 10;
const LONG_MS = 180_000;

let relay: ThreeNodes;
const agents: TestAgent[] = [];
beforeAll(async () => {
  relay = await startThreeNodes();
}, LONG_MS);
afterAll(async () => {
  for (const { agent } of agents) agent.close();
  await relay.stop();
}, LONG_MS);

test('each node is killed once while messages go', async () => {
  agents.push(new TestAgent([relay.address]), new TestAgent([relay.address]));
  const [first, second] = agents as [TestAgent, TestAgent];
  const { atA, atB } = await introduced(first, second);
  const [a, b]: [Side, Side] = [{ who: first, connectionId: atA }, { who: second, connectionId: atB }];
  for (const [index, node] of relay.nodes.entries()) {
    const [ofA, ofB] = [words(`a, node ${String(index)},`, WORDS), words(`b, node ${String(index)},`, WORDS)];
    const heard = Promise.all([listen(a, WORDS), listen(b, WORDS)]);
    await Promise.all([speak(a, ofA), speak(b, ofB), node.kill()]);
    expect(await heard).toEqual([ofB, ofA]);
    await node.restart();
  }
  expect([a, b].map(leftOver)).toEqual([[], []]);
}, LONG_MS);
