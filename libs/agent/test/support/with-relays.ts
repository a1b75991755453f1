/** Relays for all tests of a spec, and agents that end with the test that made them. */
import { join } from 'node:path';
import type { AgentOptions } from '@polyplex/agent';
import { type DataFolder, openFolder, type ServerNode, startRelayNode } from '@polyplex/local-cluster';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { TestAgent } from './test-agent.ts';

export interface WithRelays {
  /** There when the tests begin. */
  readonly relays: readonly ServerNode[];
  /** Another agent; its new queues are at these relays unless others are given. */
  agent(options?: Partial<AgentOptions>, servers?: readonly string[]): TestAgent;
}

/** Called once, at the top of a spec. `settings`: of each relay. */
export function withRelays(count = 1, settings: (index: number) => readonly string[] = () => []): WithRelays {
  let folder: DataFolder;
  const relays: ServerNode[] = [];
  const agents: TestAgent[] = [];
  beforeAll(async () => {
    folder = await openFolder(undefined, 'agent');
    relays.push(...(await Promise.all(Array.from({ length: count }, (_, i) => startRelayNode({ folder: join(folder.path, String(i)), settings: settings(i) })))));
  });
  afterEach(() => {
    for (const { agent } of agents.splice(0)) agent.close();
  });
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await folder.remove();
  });
  return {
    relays,
    agent(options = {}, servers = relays.map(({ address }) => address)) {
      const made = new TestAgent(servers, options);
      agents.push(made);
      return made;
    },
  };
}
