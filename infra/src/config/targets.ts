/** Sections of a stack's configuration that say where it runs. */
import { z } from 'zod';
import { label, line, network, sha256, url } from './fields.ts';

const archive = (what: string) => z.strictObject({ url, sha256 }).describe(what);

const kubernetes = z.strictObject({
  kind: z.literal('kubernetes'),
  namespace: label.default('polyplex').describe('Made by the stack.'),
  context: line.optional().describe('Context of the kubeconfig; none is the current one.'),
  storageClass: line.optional().describe('Class of all volumes; none is the cluster\'s default.'),
  balancer: z.strictObject({
    annotations: z.record(z.string(), z.string()).default({}).describe('What the provider wants on services of the type LoadBalancer.'),
    keepAddresses: z.boolean().default(true).describe('`externalTrafficPolicy: Local`: nodes see the addresses of clients, which limits go by.'),
    proxyProtocolFrom: z.array(network).default([]).describe('Networks of balancers that send a PROXY header; turn it on in the annotations too.'),
  }).prefault({}),
});

/** What machines have in common, whatever the cloud. */
const machines = {
  administrators: z.array(network).min(1).describe('Networks from which SSH is open. Not the whole internet.'),
  release: archive('The archive with the program, as `infra/release.sh` makes it.'),
  grafana: archive('Grafana\'s own archive for Linux; without it Prometheus and Alertmanager run alone.').optional(),
  sshUser: label.default('root').describe('Who signs in: the cloud\'s image decides. Must be able to use sudo without a password.'),
};

const types = (defaults: Readonly<Record<'server' | 'redis' | 'monitoring', string>>) => z.strictObject({
  relay: line.default(defaults.server), files: line.default(defaults.server), push: line.default(defaults.server), bot: line.default(defaults.server),
  redis: line.default(defaults.redis), monitoring: line.default(defaults.monitoring), tor: line.default(defaults.monitoring),
}).prefault({}).describe('Kinds of machines.');

const hcloud = z.strictObject({
  kind: z.literal('hcloud'),
  ...machines,
  location: line.default('fsn1'),
  networkZone: line.default('eu-central'),
  image: line.default('debian-12'),
  sshKeys: z.array(line).min(1).describe('Names of SSH keys of the project.'),
  types: types({ server: 'cx23', redis: 'cx33', monitoring: 'cx23' }),
  balancerType: line.default('lb11'),
});

const aws = z.strictObject({
  kind: z.literal('aws'),
  ...machines,
  sshUser: label.default('admin'),
  region: line.default('eu-central-1'),
  zones: z.array(line).min(1).max(3).describe('Availability zones; machines are spread over them.'),
  image: z.string().regex(/^ami-[0-9a-f]{8,17}$/, 'the id of an image, ami-…').describe('Debian 12 or 13 of the region.'),
  keyName: line.describe('Name of the key pair for SSH.'),
  types: types({ server: 't3.small', redis: 'm6i.large', monitoring: 't3.small' }),
});

export const targetSection = z.discriminatedUnion('kind', [kubernetes, hcloud, aws]);
