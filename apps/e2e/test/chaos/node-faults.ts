/** Faults of relay nodes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerNode } from '@polyplex/local-cluster';
import type { Fault } from './campaign.ts';
import { nameOf, type Network } from './network.ts';

/** Longer than other nodes wait for a sign of life, which is 15 s: then they take the node for gone. */
const FORGOTTEN_MS = 16_000;
/** The balancer's checks find a port that is open: what a check of `/readyz` would do is done for it. */
const NOTICED_MS = 3000;
/** Nodes are stopped one after the other, so that claims move more than once. */
const STAGGER_MS = 1500;

/** The nodes with the most connections first: the others have been hit before, and their clients have left. */
async function busiest({ nodes, balancer }: Network): Promise<readonly ServerNode[]> {
  const states = await balancer.states();
  const connections = (node: ServerNode): number => states.get(nameOf(nodes.indexOf(node)))?.connections ?? 0;
  return nodes.toSorted((a, b) => connections(b) - connections(a));
}

/** The load goes on for so long before each fault: a fault that comes at rest shows little. */
const underLoad = (): Promise<void> => sleep(150 + Math.random() * 300);

export function killNode(network: Network, repeats: number): Fault {
  return {
    name: 'kill -9 of a node', repeats,
    async inject() {
      await underLoad();
      const [node] = await busiest(network);
      await node!.kill();
      await node!.restart();
    },
  };
}

export function killAllNodes({ nodes }: Network, repeats: number): Fault {
  return {
    name: 'kill -9 of all nodes', repeats,
    async inject() {
      await underLoad();
      await Promise.all(nodes.map((node) => node.kill()));
      await Promise.all(nodes.map((node) => node.restart()));
    },
  };
}

export function rollingRestart({ nodes }: Network, repeats: number): Fault {
  return {
    name: 'restart of all nodes in turn', repeats, perRound: nodes.length,
    async inject() {
      for (const node of nodes) {
        await underLoad();
        await node.restart();
      }
    },
  };
}

/** Stops so many of the nodes for longer than others wait; their clients come back elsewhere meanwhile. */
export function stopNodes(network: Network, repeats: number, atOnce: number): Fault {
  return {
    name: 'SIGSTOP of a node for 16 s', repeats, perRound: atOnce,
    async inject() {
      await underLoad();
      const stopped = (await busiest(network)).slice(0, atOnce);
      await Promise.all(stopped.map(async (node, i) => {
        await sleep(i * STAGGER_MS);
        const name = nameOf(network.nodes.indexOf(node));
        node.pause();
        await sleep(NOTICED_MS);
        await network.balancer.disable(name);
        await sleep(FORGOTTEN_MS - NOTICED_MS);
        node.resume();
        await network.balancer.enable(name);
      }));
    },
  };
}
