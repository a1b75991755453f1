/** What no single setting of a stack can tell: how they must fit together. */
import { mebibytes } from './fields.ts';
import type { StackConfig } from './schema.ts';

/** Where, and what is wrong there. */
export interface Problem {
  readonly path: string;
  readonly problem: string;
}

type Rule = (stack: StackConfig) => readonly (Problem | false | undefined)[];

const problem = (path: string, text: string): Problem => ({ path, problem: text });

/** Nodes that share nothing are several relays under one name, each with its own half of the queues. */
const sharedStores: Rule = ({ relay, push, redis }) => redis !== undefined ? [] : [
  relay.nodes > 1 && problem('relay.nodes', 'several nodes need the section redis'),
  push !== undefined && push.nodes > 1 && problem('push.nodes', 'several nodes need the section redis'),
];

const sharedFiles: Rule = ({ files, redis, objectStorage }) => [
  files !== undefined && files.nodes > 1 && (redis === undefined || objectStorage === undefined) && problem('files.nodes', 'several nodes need the sections redis and objectStorage'),
  objectStorage !== undefined && redis === undefined && problem('objectStorage', 'needs the section redis, which keeps the records of files'),
  objectStorage !== undefined && files === undefined && problem('objectStorage', 'is for the file server: the section files is missing'),
];

function isShared({ redis, objectStorage }: StackConfig, name: 'relay' | 'files' | 'push'): boolean {
  return redis !== undefined && (name !== 'files' || objectStorage !== undefined);
}

const scaling: Rule = (stack) => (['relay', 'files', 'push'] as const).flatMap((name) => {
  const fleet = stack[name];
  if (fleet?.autoscale === undefined) return [];
  const { maxNodes, connections } = fleet.autoscale;
  return [
    stack.target.kind !== 'kubernetes' && problem(`${name}.autoscale`, 'works on Kubernetes alone; on machines change nodes'),
    !isShared(stack, name) && problem(`${name}.autoscale`, 'needs a store that nodes share'),
    maxNodes <= fleet.nodes && problem(`${name}.autoscale.maxNodes`, `must be more than nodes (${fleet.nodes})`),
    connections !== undefined && stack.monitoring?.customMetrics !== true && problem(`${name}.autoscale.connections`, 'needs monitoring.customMetrics'),
  ];
});

const redisIsDurable: Rule = ({ redis }) => redis === undefined || redis.replicas > 0 ? [] : [
  redis.durability === 'replicated' && redis.replicas === 0 && problem('redis.durability', 'replicated needs replicas'),
  redis.durability === 'auto' && redis.primaries > 1 && redis.replicas === 0
    && problem('redis.durability', 'auto is replicated where there are several primaries, which needs replicas: give them, or choose everysec or fsync'),
];

const redisFits: Rule = ({ redis, target }) => redis === undefined ? [] : [
  redis.primaries === 1 && redis.replicas > 0 && problem('redis.replicas', 'a single Redis has no failover: 0, or three primaries'),
  mebibytes(redis.disk) < 3 * mebibytes(redis.memory) && problem('redis.disk', `must be three times memory (${redis.memory}): a log and its rewrite are on it at once`),
  target.kind !== 'kubernetes' && redis.primaries > 1 && redis.replicas !== 1 && problem('redis.replicas', 'on machines 1: each machine has a primary and the replica of another'),
];

/** What is for one target alone, and what is said where there is another. */
const targetsFit: Rule = ({ target: { kind }, objectStorage, dns, monitoring }) => {
  const forOne = [
    ['kubernetes', objectStorage?.kind === 'in-cluster', 'objectStorage.kind', 'in-cluster is for Kubernetes'],
    ['aws', objectStorage?.kind === 'aws', 'objectStorage.kind', 'aws is for the target aws; elsewhere external, with a key of your own'],
    ['kubernetes', dns.kind === 'external-dns', 'dns.kind', 'external-dns is for Kubernetes'],
    ['hcloud', dns.kind === 'hcloud', 'dns.kind', 'hcloud is for the target hcloud'],
    ['aws', dns.kind === 'route53', 'dns.kind', 'route53 is for the target aws'],
    ['kubernetes', monitoring?.customMetrics === true, 'monitoring.customMetrics', 'is for Kubernetes'],
  ] as const;
  return forOne.map(([target, isAsked, path, text]) => isAsked && kind !== target && problem(path, text));
};

const EVERYBODY = /^(0\.0\.0\.0|::)\/0$/;

const closedToMost: Rule = ({ target }) => [
  target.kind !== 'kubernetes' && target.administrators.some((network) => EVERYBODY.test(network)) && problem('target.administrators', 'SSH must not be open to the whole internet'),
];

/** One balancer, and on one machine one address, has each port once. */
const portsDiffer: Rule = ({ relay, files, push }) => {
  const ports = [['relay', relay.port], ['files', files?.port], ['push', push?.port]] as const;
  return ports.map(([name, value], index) => {
    const other = ports.slice(0, index).find(([, earlier]) => value !== undefined && earlier === value);
    return other !== undefined && problem(`${name}.port`, `is that of ${other[0]} already`);
  });
};

/** Every problem of a configuration whose values are each in order. */
export function problemsOf(stack: StackConfig): readonly Problem[] {
  return [sharedStores, sharedFiles, scaling, redisIsDurable, redisFits, targetsFit, closedToMost, portsDiffer].flatMap((rule) => rule(stack)).filter((found) => found !== false && found !== undefined);
}
