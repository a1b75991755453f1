/**
 * Redis: one server, or a Redis Cluster with a StatefulSet for each shard, so that a shard's copies are kept on different hosts and
 * restart one by one. deploy/redis/redis.conf is the configuration of both. Never reached from outside the namespace.
 *
 * Pods get new addresses, and servers of a cluster know each other by address. One that starts therefore greets all others by their
 * names in the name service (`CLUSTER MEET`), which corrects addresses on both sides; so even a start of all at once ends well.
 */
import type { Container } from 'kubernetes-types/core/v1.js';
import { readFileSync } from 'node:fs';
import { mebibytes } from '../config/fields.ts';
import type { KubernetesStack, RedisConfig } from '../config/schema.ts';
import { labelsOf, type Manifest, meta, type Part, secretOf } from './manifest.ts';
import { policy } from './network.ts';
import { claim, container, podSpec, resources, scratch } from './pod.ts';
import { REDIS_PORT, redisHost, shardName, shardsOf } from './redis-names.ts';
import { FORM, MEET } from './redis-scripts.ts';

/** `redis` of the official images. */
const USER = 999;
const REDIS_CONF = readFileSync(new URL('../../../deploy/redis/redis.conf', import.meta.url), 'utf8');

/** Twice `maxmemory`: a rewrite of the log copies what changes meanwhile. */
const limit = ({ memory }: RedisConfig): string => `${2 * mebibytes(memory)}MiB`;

function hosts(stack: KubernetesStack, redis: RedisConfig): readonly (readonly string[])[] {
  return shardsOf(redis).map((shard) => [...Array(redis.replicas + 1).keys()].map((copy) => redisHost(stack, shard, copy)));
}

function environment(stack: KubernetesStack, redis: RedisConfig) {
  return [{ name: 'SHARDS', value: hosts(stack, redis).map((copies) => copies.join(',')).join(' ') }];
}

const MOUNTS = [
  { name: 'settings', mountPath: '/etc/redis', readOnly: true },
  { name: 'secrets', mountPath: '/run/secrets', readOnly: true },
  { name: 'tmp', mountPath: '/tmp' },
];
const VOLUMES = [
  { name: 'settings', configMap: { name: 'redis' } },
  { name: 'secrets', secret: { secretName: 'redis', defaultMode: 0o440 } },
  scratch('tmp', '64MiB'),
];

function server(stack: KubernetesStack, redis: RedisConfig): Container {
  const cluster = redis.primaries === 1 ? ['--cluster-enabled', 'no'] : ['--cluster-announce-ip', '$(POD_IP)'];
  const durable = redis.durability === 'fsync' ? ['--appendfsync', 'always'] : [];
  const ping = { exec: { command: ['sh', '-c', 'REDISCLI_AUTH="$(cat /run/secrets/redis-password)" redis-cli ping | grep -qx PONG'] }, timeoutSeconds: 5 };
  return container({
    name: 'redis', image: stack.images.redis, resources: resources(redis.cpu, limit(redis)),
    command: ['redis-server', '/etc/redis/redis.conf', '--dir', '/data', '--maxmemory', `${mebibytes(redis.memory)}mb`, ...cluster, ...durable, '--include', '/run/secrets/redis-auth.conf'],
    env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }, ...environment(stack, redis)],
    ports: [{ name: 'redis', containerPort: REDIS_PORT }, ...(redis.primaries === 1 ? [] : [{ name: 'bus', containerPort: REDIS_PORT + 10_000 }])],
    volumeMounts: [{ name: 'data', mountPath: '/data' }, ...MOUNTS],
    ...(redis.primaries === 1 ? {} : { lifecycle: { postStart: { exec: { command: ['sh', '/etc/redis/meet.sh'] } } } }),
    // Reading a large log takes minutes.
    startupProbe: { ...ping, periodSeconds: 5, failureThreshold: 360 },
    livenessProbe: { ...ping, periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...ping, periodSeconds: 5 },
  });
}

function shard(stack: KubernetesStack, redis: RedisConfig, number: number): Manifest[] {
  const name = shardName(number);
  const labels = { ...labelsOf(stack, 'redis'), 'polyplex/shard': String(number) };
  const selector = { matchLabels: labels };
  const pod = podSpec(stack, { app: 'redis', user: USER, containers: [server(stack, redis)], volumes: VOLUMES, graceSeconds: 60 });
  const apart = { topologyKey: 'kubernetes.io/hostname', labelSelector: selector };
  return [
    {
      apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { ...meta(stack, name, 'redis'), labels },
      spec: {
        replicas: redis.replicas + 1, serviceName: 'redis', selector, minReadySeconds: 15,
        // All at once where all are new: none can be ready before the others are there.
        podManagementPolicy: 'Parallel',
        template: {
          metadata: { labels, annotations: { 'polyplex/secrets-version': String(stack.secretsVersion) } },
          spec: { ...pod, affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [apart] } } },
        },
        volumeClaimTemplates: [claim(stack, 'data', redis.disk)],
      },
    },
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { ...meta(stack, name, 'redis'), labels }, spec: { maxUnavailable: 1, selector } },
  ];
}

/** Forms the cluster once; run again, it takes in servers that are new, and changes nothing else. */
function formJob(stack: KubernetesStack, redis: RedisConfig): Manifest {
  const labels = { ...labelsOf(stack, 'redis-form') };
  const form = container({ name: 'form', image: stack.images.redis, command: ['sh', '/etc/redis/form.sh'], env: environment(stack, redis), resources: resources(0.1, '128MiB'), volumeMounts: MOUNTS });
  return {
    apiVersion: 'batch/v1', kind: 'Job',
    // A Job's pod cannot change: another size is another Job.
    metadata: meta(stack, `redis-form-${redis.primaries}-${redis.replicas}`, 'redis-form'),
    spec: { backoffLimit: 20, template: { metadata: { labels }, spec: { ...podSpec(stack, { app: 'redis-form', user: USER, containers: [form], volumes: VOLUMES }), restartPolicy: 'OnFailure' } } },
  };
}

/** Empty where the relay keeps its own queues. */
export function redisParts(stack: KubernetesStack): readonly Part[] {
  const { redis } = stack;
  if (redis === undefined) return [];
  const isCluster = redis.primaries > 1;
  const ports = isCluster ? [REDIS_PORT, REDIS_PORT + 10_000] : [REDIS_PORT];
  const auth = { secret: 'redisPassword', template: 'requirepass {}\nmasterauth {}\n' } as const;
  const scripts = isCluster ? { 'meet.sh': MEET, 'form.sh': FORM } : {};
  return [{
    type: 'RedisCluster', name: 'redis', secrets: [secretOf(stack, 'redis', { 'redis-password': { secret: 'redisPassword' }, 'redis-auth.conf': auth })],
    manifests: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(stack, 'redis'), data: { 'redis.conf': REDIS_CONF, ...scripts } },
      { apiVersion: 'v1', kind: 'Service', metadata: meta(stack, 'redis'), spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: { ...labelsOf(stack, 'redis') }, ports: [{ name: 'redis', port: REDIS_PORT }] } },
      policy(stack, 'redis', {
        from: [{ peer: ['relay', 'files', 'push', 'backup', 'redis-form'], ports: [REDIS_PORT] }, { peer: ['redis'], ports }],
        to: [{ peer: ['redis'], ports }],
      }),
      ...(isCluster ? [policy(stack, 'redis-form', { to: [{ peer: ['redis'], ports: [REDIS_PORT] }] })] : []),
      ...shardsOf(redis).flatMap((number) => shard(stack, redis, number)),
      ...(isCluster ? [formJob(stack, redis)] : []),
    ],
  }];
}
