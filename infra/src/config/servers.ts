/** Sections of a stack's configuration that describe servers of Polyplex. */
import { z } from 'zod';
import { cores, count, hostName, port, size } from './fields.ts';

const setting = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]);

const autoscale = z.strictObject({
  maxNodes: count(2, 500).describe('Most nodes; `nodes` are the least.'),
  cpuPercent: count(20, 95).default(60).describe('Processor time of all nodes, in percent of `cpu`, that is aimed at.'),
  connections: count(100, 1_000_000).optional().describe('Connections of each node that are aimed at. Needs `monitoring` with `customMetrics`.'),
});

/** What all servers have in common. */
const fleet = {
  hosts: z.array(hostName).min(1).max(8).describe('Names in the address, the public one first; an .onion name may follow.'),
  nodes: count(1, 500).default(1).describe('How many nodes serve that address.'),
  cpu: cores.default(1).describe('Cores that each node is sure of; it may use twice as many for a moment.'),
  memory: size.default('2GiB').describe('Memory of each node, a bound.'),
  disk: size.default('10GiB').describe('Disk for what an embedded store keeps.'),
  drainSeconds: count(1, 600).default(20).describe('Time over which a node that stops spreads its clients over the others.'),
  autoscale: autoscale.optional().describe('More nodes under load. On Kubernetes.'),
  settings: z.record(z.string(), z.record(z.string(), setting)).default({}).describe('Any setting of polyplex.yaml, by section; these win.'),
};

export const relaySection = z.strictObject({
  ...fleet,
  port: port.default(5223).describe('The port in the address.'),
  connections: count(100, 10_000_000).default(20_000).describe('Connections of one node at once, a bound.'),
});

export const filesSection = z.strictObject({
  ...fleet,
  port: port.default(5443).describe('The port in the address.'),
  quota: size.default('50GiB').describe('Most bytes of all files together.'),
});

export const pushSection = z.strictObject({
  ...fleet,
  port: port.default(5643).describe('The port in the address.'),
  apns: z.strictObject({
    keyId: z.string().regex(/^[A-Z0-9]{10}$/, 'ten capital letters and digits'),
    teamId: z.string().regex(/^[A-Z0-9]{10}$/, 'ten capital letters and digits'),
    topic: z.string().min(3).max(255),
  }).optional().describe('Apple\'s push service, for an app of your own.'),
});

export const botSection = z.strictObject({
  cpu: fleet.cpu, memory: fleet.memory, disk: fleet.disk, settings: fleet.settings,
  adminPort: port.default(8380).describe('Its admin port.'),
});

export const redisSection = z.strictObject({
  primaries: count(1, 64).refine((value) => value !== 2, 'one, or three and more: two cannot agree on a failure').default(3)
    .describe('Shards. One is a single Redis without failover.'),
  replicas: count(0, 3).default(1).describe('Copies of each shard.'),
  memory: size.default('1GiB').describe('`maxmemory` of each server; it gets twice that, for rewriting its log and feeding replicas.'),
  cpu: cores.default(0.5).describe('Cores of each server.'),
  disk: size.default('10GiB').describe('Disk of each server, three times `memory` and more.'),
  durability: z.enum(['auto', 'everysec', 'replicated', 'fsync']).default('auto').describe('`redis.durability` of the servers.'),
});
