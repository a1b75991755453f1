/** What can be done to a running network from the keyboard: a letter or number, then Enter. */
import type { Network, Say } from './network.ts';

export const KEYS = `  1, 2, …  Enter   kill that relay node by SIGKILL, or start it again
  f        Enter   kill a Redis primary, wait for its replica to take over, bring it back
  s        Enter   state of all parts
  Ctrl-C           drain the nodes and stop everything; once more: stop at once`;

/** Carries out one line; says what it did, and what failed. */
export async function press(network: Network, line: string, say: Say): Promise<void> {
  const word = line.trim();
  if (word === 's') return state(network, say);
  if (word === 'f') return failOver(network, say);
  const node = network.nodes[Number(word) - 1];
  if (node === undefined) return say(`Press one of these:\n${KEYS}`);
  if (node.isRunning) {
    await node.kill();
    return say(`Node ${word} was killed; ${word} starts it again.`);
  }
  await node.restart();
  say(`Node ${word} runs again.`);
}

async function failOver({ cluster }: Network, say: Say): Promise<void> {
  if (cluster === null) return say('There is one Redis alone; start without --single for a cluster.');
  const [primary] = (await cluster.primaries()).filter(({ isRunning }) => isRunning);
  if (primary === undefined) return say('No primary runs.');
  say(`Killing the Redis primary on port ${primary.port} …`);
  const { promoted, tookMs } = await cluster.failOver(primary);
  say(`Its replica on port ${promoted.port} took over after ${tookMs} ms.`);
  await cluster.rejoin(primary);
  say(`The node on port ${primary.port} is back, as a replica.`);
}

async function state({ nodes, balancer, cluster }: Network, say: Say): Promise<void> {
  const backends = await balancer.states();
  for (const [index, node] of nodes.entries()) {
    const { state, connections } = backends.get(`node-${index + 1}`)!;
    say(`  node ${index + 1}   ${runs(node)}, ${state} for the balancer, ${connections} connections`);
  }
  for (const node of cluster?.nodes ?? []) {
    say(`  Redis    port ${node.port}: ${node.isRunning ? await node.role() : 'ended'}`);
  }
}

function runs({ isRunning }: { readonly isRunning: boolean }): string {
  return isRunning ? 'runs' : 'ended';
}
