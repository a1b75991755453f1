/**
 * Relay, file servers, push proxy and bot. Nodes that share a store are a Deployment, of which one more than needed runs during an
 * update and none is missing; a server with a store of its own is a StatefulSet of one, whose update is a stop of seconds.
 *
 * A node's end: it leaves the balancer's list while it still takes connections (`preStop`), then SIGTERM has it close its connections
 * over `drainSeconds`, and only long after that it is killed.
 */
import type { Container, EnvVar, PodTemplateSpec, Volume } from 'kubernetes-types/core/v1.js';
import type { MetricSpec } from 'kubernetes-types/autoscaling/v2.js';
import { createHash } from 'node:crypto';
import type { KubernetesStack } from '../config/schema.ts';
import { type Place, polyplexYaml } from '../settings/polyplex-yaml.ts';
import { type Unit, unitsOf } from '../settings/units.ts';
import { balancerService } from './balancer.ts';
import { labelsOf, type Manifest, meta, type Part, secretOf } from './manifest.ts';
import { type Flow, policy } from './network.ts';
import { claim, container, httpProbe, podSpec, resources, scratch } from './pod.ts';
import { REDIS_PORT, redisUrls } from './redis-names.ts';
import { S3_PORT, s3Endpoint } from './storage-names.ts';

/** `node` of the image. */
export const POLYPLEX_USER = 1000;
/** In which balancers notice that a node left. */
const LEAVE_SECONDS = 10;
/** Beyond drain and transfers under way. */
const SPARE_SECONDS = 40;

function placeOf(stack: KubernetesStack): Place {
  const { keepAddresses, proxyProtocolFrom } = stack.target.balancer;
  return {
    dataDir: '/data', redisUrls: redisUrls(stack), trustedProxies: proxyProtocolFrom,
    seesClients: proxyProtocolFrom.length > 0 || keepAddresses, adminHost: '0.0.0.0',
    s3Endpoint: s3Endpoint(stack),
    ...(stack.tor === undefined ? {} : { socksProxy: `tor.${stack.target.namespace}.svc:9050` }),
  };
}

/** The configuration folder: settings and secrets as one, for reading only. */
export function configVolume(unit: Unit): Volume {
  const items = Object.keys(unit.folder).map((path) => ({ key: path.replaceAll('/', '.'), path }));
  return { name: 'config', projected: { defaultMode: 0o440, sources: [{ configMap: { name: unit.name } }, { secret: { name: unit.name, items } }] } };
}

export function configMount() {
  return { name: 'config', mountPath: '/config', readOnly: true };
}

const SECTIONS = { relay: '', files: 'XFTP_', push: 'NTF_', bot: 'BOT_' } as const;

function environment(unit: Unit): EnvVar[] {
  return [
    { name: 'POLYPLEX_CONFIG_DIR', value: '/config' },
    { name: `POLYPLEX_${SECTIONS[unit.name]}ADMIN_NODE_NAME`, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ...Object.keys(unit.environment ?? {}).map((name) => ({ name, valueFrom: { secretKeyRef: { name: unit.name, key: name } } })),
  ];
}

function server(stack: KubernetesStack, unit: Unit): Container {
  const ports = [
    ...(unit.listen === undefined ? [] : [{ name: unit.server, containerPort: unit.listen }]),
    { name: 'admin', containerPort: unit.adminPort },
  ];
  return container({
    name: unit.name, image: stack.images.polyplex, args: ['start', '--no-qr', '--no-password'], resources: resources(unit.cpu, unit.memory),
    env: environment(unit),
    ports,
    volumeMounts: [configMount(), { name: 'data', mountPath: '/data' }, { name: 'tmp', mountPath: '/tmp' }],
    // An embedded store is opened at start, and a large one is checked after a crash.
    startupProbe: httpProbe('/healthz', 'admin', { periodSeconds: 2, failureThreshold: 150 }),
    livenessProbe: httpProbe('/healthz', 'admin', { periodSeconds: 10, failureThreshold: 6 }),
    // Three failures outlast a failover of Redis, which all nodes see at once.
    readinessProbe: httpProbe('/readyz', 'admin', { periodSeconds: 5, failureThreshold: 3 }),
    lifecycle: { preStop: { sleep: { seconds: LEAVE_SECONDS } } },
  });
}

function template(stack: KubernetesStack, unit: Unit, settings: string): PodTemplateSpec {
  const graceSeconds = LEAVE_SECONDS + unit.drainSeconds + SPARE_SECONDS;
  const volumes = [configVolume(unit), scratch('tmp', '64MiB'), ...(unit.isShared ? [scratch('data', '1GiB')] : [])];
  const annotations = {
    'polyplex/settings': createHash('sha256').update(settings).digest('hex').slice(0, 16),
    'polyplex/secrets-version': String(stack.secretsVersion),
  };
  return {
    metadata: { labels: { ...labelsOf(stack, unit.name) }, annotations },
    spec: podSpec(stack, { app: unit.name, user: POLYPLEX_USER, containers: [server(stack, unit)], volumes, graceSeconds }),
  };
}

function workload(stack: KubernetesStack, unit: Unit, pod: PodTemplateSpec): Manifest {
  const selector = { matchLabels: { ...labelsOf(stack, unit.name) } };
  const metadata = meta(stack, unit.name);
  // Where something scales them, their number is not ours.
  const replicas = unit.autoscale === undefined ? { replicas: unit.nodes } : {};
  if (unit.isShared) {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { ...replicas, strategy, minReadySeconds: 10, progressDeadlineSeconds: 900, revisionHistoryLimit: 5, selector, template: pod } };
  }
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { replicas: 1, serviceName: `${unit.name}-nodes`, selector, template: pod, volumeClaimTemplates: [claim(stack, 'data', unit.disk)] } };
}

function scaler(stack: KubernetesStack, unit: Unit): Manifest[] {
  const { autoscale } = unit;
  if (autoscale === undefined) return [];
  const metrics: MetricSpec[] = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: autoscale.cpuPercent } } }];
  if (autoscale.connections !== undefined) {
    metrics.push({ type: 'Pods', pods: { metric: { name: unit.connectionsMetric }, target: { type: 'AverageValue', averageValue: String(autoscale.connections) } } });
  }
  return [{
    apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: meta(stack, unit.name),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: unit.name }, minReplicas: unit.nodes, maxReplicas: autoscale.maxNodes, metrics,
      // Clients of a node that goes come back at once: take one away at a time, and only after a quiet quarter of an hour.
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 60, policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }, { type: 'Pods', value: 2, periodSeconds: 60 }] },
        scaleDown: { stabilizationWindowSeconds: 900, policies: [{ type: 'Pods', value: 1, periodSeconds: 300 }] },
      },
    },
  }];
}

/** Nodes by name, for Prometheus and backups; drained ones too. */
function nodes(stack: KubernetesStack, unit: Unit): Manifest {
  return {
    apiVersion: 'v1', kind: 'Service', metadata: meta(stack, `${unit.name}-nodes`, unit.name),
    spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: { ...labelsOf(stack, unit.name) }, ports: [{ name: 'admin', port: unit.adminPort, targetPort: 'admin' }] },
  };
}

function budget(stack: KubernetesStack, unit: Unit): Manifest {
  return {
    apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: meta(stack, unit.name),
    spec: { maxUnavailable: 1, selector: { matchLabels: { ...labelsOf(stack, unit.name) } } },
  };
}

/** Ports of others that a server connects to, on the internet. */
const OUTSIDE: Readonly<Record<Unit['name'], readonly number[]>> = { relay: [443, 5223], files: [], push: [443, 5223], bot: [443, 5223, 5443] };

/** Servers of this stack that a server meets by their public addresses: within the cluster, a balancer's address becomes that of a pod. */
const OWN: Readonly<Record<Unit['name'], readonly Unit['name'][]>> = { relay: ['relay'], files: [], push: ['relay'], bot: ['relay', 'files'] };

function toOwn(stack: KubernetesStack, unit: Unit): readonly Flow[] {
  return unitsOf(stack).flatMap(({ name, listen }) => (listen !== undefined && OWN[unit.name].includes(name) ? [{ peer: [name], ports: [listen] }] : []));
}

/** Where file servers keep bodies; nobody else goes there. */
function toStorage({ objectStorage: storage }: KubernetesStack): readonly Flow[] {
  if (storage?.kind === 'in-cluster') return [{ peer: ['storage'], ports: [S3_PORT] }];
  return storage?.kind === 'external' ? [{ peer: 'internet', ports: [Number(new URL(storage.endpoint).port || 443)] }] : [];
}

function mayReach(stack: KubernetesStack, unit: Unit): Manifest {
  const outside = OUTSIDE[unit.name];
  return policy(stack, unit.name, {
    from: [
      ...(unit.listen === undefined ? [] : [{ peer: 'anybody' as const, ports: [unit.listen] }]),
      { peer: ['prometheus', 'backup'], ports: [unit.adminPort] },
    ],
    to: [
      ...(unit.isShared ? [{ peer: ['redis'], ports: [REDIS_PORT] }] : []),
      ...(outside.length === 0 ? [] : [{ peer: 'internet' as const, ports: outside }]),
      ...toOwn(stack, unit),
      ...(unit.name === 'files' ? toStorage(stack) : []),
      ...(unit.name === 'relay' && stack.tor !== undefined ? [{ peer: ['tor'], ports: [9050] }] : []),
    ],
  });
}

const TYPES = { relay: 'RelayFleet', files: 'FileServers', push: 'PushProxy', bot: 'Bot' } as const;

/** The part of one server. */
function serverPart(stack: KubernetesStack, unit: Unit): Part {
  const settings = polyplexYaml(stack, unit, placeOf(stack));
  const files = {
    ...Object.fromEntries(Object.entries(unit.folder).map(([path, file]) => [path.replaceAll('/', '.'), file])),
    ...Object.fromEntries(Object.entries(unit.environment ?? {}).map(([name, secret]) => [name, { secret }])),
  };
  return {
    type: TYPES[unit.name], name: unit.name, secrets: [secretOf(stack, unit.name, files)],
    manifests: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(stack, unit.name), data: { 'polyplex.yaml': settings } },
      nodes(stack, unit),
      mayReach(stack, unit),
      ...(unit.isShared ? [budget(stack, unit)] : []),
      workload(stack, unit, template(stack, unit, settings)),
      ...scaler(stack, unit),
    ],
  };
}

/** One for each server. */
export function serverParts(stack: KubernetesStack): readonly Part[] {
  return unitsOf(stack).map((unit) => serverPart(stack, unit));
}

/** The balancer: one service for each server that has an address. */
export function balancerPart(stack: KubernetesStack): Part {
  return { type: 'Balancer', name: 'balancer', secrets: [], manifests: unitsOf(stack).filter(({ port }) => port !== undefined).map((unit) => balancerService(stack, unit)) };
}
