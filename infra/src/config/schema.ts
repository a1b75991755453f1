/**
 * The configuration of a stack: one document, typed, checked as a whole before anything is made. `rules.ts` has what no single
 * value can tell. Secrets are never in it: they are Pulumi secrets, or files (`../secrets`).
 */
import { z } from 'zod';
import { cores, count, hostName, image, label, line, schedule, size, url } from './fields.ts';
import { botSection, filesSection, pushSection, redisSection, relaySection } from './servers.ts';
import { targetSection } from './targets.ts';

const images = z.strictObject({
  polyplex: image.default('registry.example.org/polyplex:0.1.0').describe('Yours, built by deploy/container/Dockerfile.'),
  redis: image.default('redis:7.2.5-bookworm'),
  prometheus: image.default('prom/prometheus:v3.5.0'),
  alertmanager: image.default('prom/alertmanager:v0.28.1'),
  grafana: image.default('grafana/grafana:12.1.0'),
  prometheusAdapter: image.default('registry.k8s.io/prometheus-adapter/prometheus-adapter:v0.12.0'),
  seaweedfs: image.default('chrislusf/seaweedfs:3.97'),
  tor: image.default('registry.example.org/tor:0.4.8').describe('Tor as an ordinary user; there is no official image.'),
}).prefault({}).describe('Container images. Give digests where builds must be the same for ever.');

const objectStorage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('external'), endpoint: url, bucket: label, region: line.default('us-east-1'), accessKeyId: line, pathStyle: z.boolean().default(true) }),
  z.strictObject({ kind: z.literal('in-cluster'), bucket: label.default('xftp'), disk: size.default('200GiB') }),
  z.strictObject({ kind: z.literal('aws'), bucket: label }),
]);

const alerts = z.strictObject({
  email: z.strictObject({ to: line, from: line, smarthost: line, username: line }).optional().describe('Needs the secret `alertPassword`.'),
  webhook: z.boolean().default(false).describe('To the link in the secret `alertWebhook`.'),
});

const monitoring = z.strictObject({
  retentionDays: count(1, 730).default(30),
  disk: size.default('20GiB'),
  memory: size.default('2GiB'),
  cpu: cores.default(0.5),
  customMetrics: z.boolean().default(false).describe('The adapter that lets Kubernetes scale by connections. One to a cluster: leave it off where there is one.'),
  alerts: alerts.prefault({}).describe('Where alerts go. Without any they are shown, and nobody is woken.'),
});

export const stackSchema = z.strictObject({
  name: label.describe('Of the network; begins the names of all that is made.'),
  target: targetSection,
  images,
  relay: relaySection,
  files: filesSection.optional(),
  push: pushSection.optional(),
  bot: botSection.optional(),
  redis: redisSection.optional().describe('With it relays share their queues; without it the one relay keeps them itself.'),
  objectStorage: objectStorage.optional().describe('With it file servers share their files; needs `redis`.'),
  dns: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('external-dns'), ttl: count(30, 86_400).default(300) }),
    z.strictObject({ kind: z.literal('hcloud'), zone: hostName, ttl: count(60, 86_400).default(300) }),
    z.strictObject({ kind: z.literal('route53'), zone: hostName, ttl: count(30, 86_400).default(300) }),
  ]).default({ kind: 'none' }).describe('Who keeps the records. `none`: you do; the outputs say what they must be.'),
  monitoring: monitoring.optional(),
  tor: z.strictObject({ memory: size.default('256MiB') }).optional().describe('An onion service; needs the secrets `onionKey`, `onionPublicKey` and `onionName`.'),
  backups: z.strictObject({
    schedule: schedule.default('17 3 * * *').describe('When, in UTC. On machines the day is every day, at that hour and minute.'),
    keep: count(1, 90).default(7),
    disk: size.default('20GiB').describe('Volume for exports of a network on Redis.'),
    remote: line.optional().describe('On machines: where rsync carries backups, such as backup@host:polyplex.'),
  }).optional(),
  secretsVersion: count(1, 1_000_000).default(1).describe('Raise it after secrets were replaced: nodes restart one by one and read the new ones.'),
});

/** A checked configuration. */
export type StackConfig = z.infer<typeof stackSchema>;
export type RedisConfig = NonNullable<StackConfig['redis']>;
export type MonitoringConfig = NonNullable<StackConfig['monitoring']>;
type Of<Kind> = StackConfig & { readonly target: Extract<StackConfig['target'], { readonly kind: Kind }> };
export type KubernetesStack = Of<'kubernetes'>;
export type HcloudStack = Of<'hcloud'>;
export type AwsStack = Of<'aws'>;
export type MachineStack = HcloudStack | AwsStack;
