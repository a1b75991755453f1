/** Two agents over a relay of three nodes whose parts fail while both talk: nothing is lost, and nothing comes twice. */
import { openSmpRelays } from '@polyplex/agent';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leftOver, listen, type Side, speak, words } from './support/talk.ts';
import { introduced, TestAgent } from './support/test-agent.ts';
import { startThreeNodes, type ThreeNodes } from './support/three-nodes.ts';

const WORDS = 10;
const LONG_MS = 180_000;

/** Longer than a node waits for Redis. */
const REQUEST_MS = 4000;
const AWAY_MS = 8000;

let relay: ThreeNodes;
const agents: TestAgent[] = [];

async function meet(): Promise<[Side, Side]> {
  const made = [0, 1].map(() => new TestAgent([relay.address], { openRelays: (onMessage) => openSmpRelays({ requestTimeoutMs: REQUEST_MS }, onMessage) }));
  agents.push(...made);
  const [first, second] = made as [TestAgent, TestAgent];
  const { atA, atB } = await introduced(first, second);
  return [{ who: first, connectionId: atA }, { who: second, connectionId: atB }];
}

beforeAll(async () => {
  relay = await startThreeNodes();
}, LONG_MS);
afterAll(async () => {
  for (const { agent } of agents) agent.close();
  await relay.stop();
}, LONG_MS);

test('each node is killed once while messages go', async () => {
  const [a, b] = await meet();
  for (const [index, node] of relay.nodes.entries()) {
    const [ofA, ofB] = [words(`a, node ${String(index)},`, WORDS), words(`b, node ${String(index)},`, WORDS)];
    const heard = Promise.all([listen(a, WORDS), listen(b, WORDS)]);
    await Promise.all([speak(a, ofA), speak(b, ofB), node.kill()]);
    expect(await heard).toEqual([ofB, ofA]);
    await node.restart();
  }
  expect([a, b].map(leftOver)).toEqual([[], []]);
}, LONG_MS);

test('Redis is away for longer than nodes wait for it, while messages go and an agent begins', async () => {
  const [a, b] = await meet();
  const [ofA, ofB] = [words('a, away,', WORDS), words('b, away,', WORDS)];
  const heard = Promise.all([listen(a, WORDS), listen(b, WORDS)]);
  await relay.redis.kill();
  b.who.restart();
  await Promise.all([speak(a, ofA), speak(b, ofB), new Promise((resolve) => setTimeout(resolve, AWAY_MS))]);
  await relay.redis.restart();
  expect(await heard).toEqual([ofB, ofA]);
  expect([a, b].map(leftOver)).toEqual([[], []]);
}, LONG_MS);
