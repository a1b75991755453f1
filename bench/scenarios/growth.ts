/**
 * What does it cost to be many: CPU of a delivered message over all nodes, Redis shown apart, at one, two and four nodes
 * with the same load. Senders and recipients are spread over the nodes, so that of four nodes three messages in four are
 * sent at another node than they are received at. The networks share one Redis and take turns within the run.
 */
import { startRedis } from '@polyplex/local-cluster';
import { randomBytes } from '@polyplex/crypto';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { type Channel, closeAll, pair, run } from '../lib/channels.ts';
import { type Figure, median } from '../lib/measure.ts';
import { cpuMicrosOf, type ServerProcess, startServer } from '../lib/server-process.ts';

const NODES = [1, 2, 4] as const;
const PAIRS = 8;
const MESSAGES_A_ROUND = 4000;
const ROUNDS = 8;
const WARM_UP_A_NODE = 8000;
const VERSION = 18;

interface Network {
  readonly nodes: readonly ServerProcess[];
  readonly channels: readonly Channel[];
  readonly node: number[];
  readonly redis: number[];
}

async function network(size: number, redisPort: number): Promise<Network> {
  const nodes = await Promise.all(Array.from({ length: size }, () => startServer('relay', String(redisPort), `nodes${size}`)));
  // Every sender's node with every recipient's node, equally often.
  const places = Array.from({ length: PAIRS }, (_, i) => [i % size, Math.floor((i * size) / PAIRS) % size] as const);
  const channels = await Promise.all(places.map(([from, to]) =>
    pair({ sender: nodes[from]!.address, recipient: nodes[(from + to) % size]!.address, version: VERSION })));
  return { nodes, channels: channels.flat(), node: [], redis: [] };
}

async function round({ nodes, channels, node, redis }: Network, redisPid: number, body: Uint8Array): Promise<void> {
  const cpu = (): number => nodes.reduce((sum, each) => sum + each.cpuMicros(), 0);
  const [nodesBefore, redisBefore] = [cpu(), cpuMicrosOf(redisPid)];
  await run(channels, MESSAGES_A_ROUND, body);
  node.push((cpu() - nodesBefore) / MESSAGES_A_ROUND);
  redis.push((cpuMicrosOf(redisPid) - redisBefore) / MESSAGES_A_ROUND);
}

export async function growth(): Promise<readonly Figure[]> {
  const redis = await startRedis();
  const networks = await Promise.all(NODES.map((size) => network(size, redis.port)));
  const body = randomBytes(maxBodyBytes(VERSION));
  // Each process has to be warm: of four nodes, each gets a quarter of the load.
  for (const each of networks) await run(each.channels, WARM_UP_A_NODE * each.nodes.length, body);
  for (let i = 0; i < ROUNDS; i++) for (const each of networks) await round(each, redis.pid, body);
  for (const { channels, nodes } of networks) {
    closeAll(channels);
    for (const node of nodes) await node.stop();
  }
  await redis.stop();
  const [one] = networks;
  return networks.flatMap(({ nodes, node, redis: redisCosts }) => [
    { name: `delivered message, ${nodes.length} node${nodes.length === 1 ? '' : 's'} on one Redis`, value: median(node), unit: 'us CPU' },
    { name: '  Redis', value: median(redisCosts), unit: 'us CPU' },
    { name: '  nodes, against one node', value: median(node.map((cost, i) => cost / one!.node[i]!)), unit: 'x' },
  ]);
}
