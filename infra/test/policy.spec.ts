/** The policies: every example keeps them, and for every rule there is a mutant that it catches. */
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../src/kubernetes/manifest.ts';
import { kubernetesParts } from '../src/kubernetes/stack.ts';
import { refuseViolations, ruleNames, violationsOf } from '../src/policy/rules.ts';
import { KUBERNETES_EXAMPLES, makeConfigFolder, onKubernetes } from './support.ts';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call, @typescript-eslint/restrict-plus-operands -- mutants are what types forbid */
type Loose = any;

const manifestsOf = (name: string): readonly Manifest[] => kubernetesParts(onKubernetes(name)).flatMap(({ manifests }) => manifests);
const find = (kind: string, name: string): Loose => structuredClone(manifestsOf('large').find((manifest) => manifest.kind === kind && manifest.metadata.name === name));
const broken = (kind: string, body: Loose, name: string = body.metadata?.name ?? 'x'): readonly string[] => [...new Set(violationsOf({ kind, name, body }).map(({ rule }) => rule))];

let folder: string;
beforeAll(async () => {
  folder = await makeConfigFolder();
});
afterAll(() => rm(dirname(folder), { recursive: true, force: true }));

test.each(KUBERNETES_EXAMPLES)('%s keeps all of them', (name) => {
  expect(manifestsOf(name).flatMap((manifest) => violationsOf({ kind: manifest.kind, name: manifest.metadata.name, body: manifest }))).toEqual([]);
});

/** What is done to a thing that is in order, and the rule that then says so. */
const MUTANTS: readonly (readonly [rule: string, what: string, kind: string, name: string, change: (body: Loose, container: Loose, pod: Loose) => unknown])[] = [
  ['no-root', 'root', 'Deployment', 'relay', (_body, _container, pod) => (pod.securityContext.runAsUser = 0)],
  ['no-root', 'whoever the image says', 'Deployment', 'relay', (_body, _container, pod) => delete pod.securityContext.runAsNonRoot],
  ['no-root', 'root in one container', 'Deployment', 'tor', (_body, _container, pod) => (pod.initContainers[0].securityContext.runAsUser = 0)],
  ['no-privileges', 'a capability', 'Deployment', 'relay', (_body, container) => (container.securityContext.capabilities.add = ['NET_ADMIN'])],
  ['no-privileges', 'a way to more', 'StatefulSet', 'redis-0', (_body, container) => delete container.securityContext.allowPrivilegeEscalation],
  ['no-privileges', 'the host\'s network', 'Deployment', 'relay', (_body, _container, pod) => (pod.hostNetwork = true)],
  ['no-privileges', 'the host\'s disk', 'Deployment', 'relay', (_body, _container, pod) => pod.volumes.push({ name: 'host', hostPath: { path: '/' } })],
  ['read-only', 'a disk to write to', 'Deployment', 'relay', (_body, container) => (container.securityContext.readOnlyRootFilesystem = false)],
  ['limits', 'no bound for memory', 'StatefulSet', 'redis-3', (_body, container) => delete container.resources.limits.memory],
  ['limits', 'no resources', 'Job', 'redis-form-12-1', (_body, container) => delete container.resources],
  ['pinned', 'latest', 'Deployment', 'relay', (_body, container) => (container.image = 'registry.example.org/polyplex:latest')],
  ['pinned', 'no version', 'CronJob', 'backup-relay', (_body, container) => (container.image = 'registry.example.org:5000/polyplex')],
  ['no-tokens', 'a token of the API', 'Deployment', 'relay', (_body, _container, pod) => delete pod.automountServiceAccountToken],
  ['redis-is-private', 'a balancer', 'Service', 'redis', (body) => (body.spec.type = 'LoadBalancer')],
  ['redis-is-private', 'a port of each host', 'Service', 'redis', (body) => (body.spec.type = 'NodePort')],
  ['redis-is-private', 'the world', 'NetworkPolicy', 'redis', (body) => body.spec.ingress[0].from.push({ ipBlock: { cidr: '0.0.0.0/0' } })],
  ['redis-is-private', 'everybody, by naming nobody', 'NetworkPolicy', 'redis', (body) => delete body.spec.ingress[0].from],
  ['redis-is-private', 'other namespaces', 'NetworkPolicy', 'redis', (body) => (body.spec.ingress[0].from[0].namespaceSelector = {})],
  ['admin-is-private', 'the admin port', 'Service', 'relay', (body) => body.spec.ports.push({ name: 'admin', port: 8080, targetPort: 'admin' })],
  ['drains', 'killed at once', 'Deployment', 'relay', (_body, _container, pod) => delete pod.terminationGracePeriodSeconds],
  ['drains', 'no time to leave', 'Deployment', 'relay', (_body, container) => delete container.lifecycle],
  ['drains', 'a node missing', 'Deployment', 'relay', (body) => (body.spec.strategy.rollingUpdate.maxUnavailable = 1)],
  ['no-plain-secrets', 'a password in settings', 'ConfigMap', 'relay', (body) => (body.data['polyplex.yaml'] += '\npassword: hunter2\n')],
  ['no-plain-secrets', 'Redis\' password in its configuration', 'ConfigMap', 'redis', (body) => (body.data['redis.conf'] += '\nrequirepass hunter2\n')],
  ['no-plain-secrets', 'a field with a token', 'ConfigMap', 'relay', (body) => (body.data.adminToken = 'hunter2')],
];

const podOf = (body: Loose): Loose => body.spec?.template?.spec ?? body.spec?.jobTemplate?.spec.template.spec;

test.each(MUTANTS)('%s: %s', (rule, _what, kind, name, change) => {
  const body = find(kind, name);
  expect(broken(kind, body)).toEqual([]);
  change(body, podOf(body)?.containers[0], podOf(body));
  expect(broken(kind, body)).toContain(rule);
});

describe('keys', () => {
  test('of a server in a ConfigMap, in plain and in base64', async () => {
    const key = await readFile(join(folder, 'server.key'), 'utf8');
    for (const text of [key, Buffer.from(key).toString('base64')]) expect(broken('ConfigMap', { metadata: { name: 'x' }, data: { file: text } })).toEqual(['no-plain-secrets']);
    expect(broken('Secret', { metadata: { name: 'x' }, data: { file: key } })).toEqual([]);
  });

  test('of a CA beside its certificate, even in a Secret', async () => {
    const [certificate, key, own] = await Promise.all(['server.crt', 'ca/ca.key', 'server.key'].map((name) => readFile(join(folder, name), 'utf8')));
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    expect(broken('Secret', { metadata: { name: 'x' }, data: { 'server.crt': encode(certificate!), 'server.key': encode(own!) } })).toEqual([]);
    expect(broken('Secret', { metadata: { name: 'x' }, data: { 'server.crt': encode(certificate!), 'server.key': encode(key!) } })).toEqual(['no-ca-key']);
  });
});

/** Of clouds: `[rule, kind, in order, broken]`. */
test.each([
  ['firewall', 'hcloud:Firewall', { rules: [{ direction: 'in', protocol: 'tcp', port: '22', sourceIps: ['192.0.2.7/32'] }, { direction: 'in', protocol: 'tcp', port: '5223', sourceIps: ['0.0.0.0/0'] }] }, { rules: [{ direction: 'in', protocol: 'tcp', port: '22', sourceIps: ['0.0.0.0/0'] }] }],
  ['firewall', 'hcloud:Firewall', { rules: [] }, { rules: [{ direction: 'in', protocol: 'tcp', port: '7001', sourceIps: ['192.0.2.0/24', '::/0'] }] }],
  ['firewall', 'aws:SecurityGroup', { ingress: [{ fromPort: 443, toPort: 443, cidrBlocks: ['0.0.0.0/0'] }, { fromPort: 0, toPort: 0, self: true }] }, { ingress: [{ fromPort: 0, toPort: 65_535, cidrBlocks: ['0.0.0.0/0'] }] }],
  ['firewall', 'aws:SecurityGroup', { ingress: [] }, { ingress: [{ fromPort: 6379, toPort: 6379, cidrBlocks: ['10.0.0.0/8'], ipv6CidrBlocks: ['::/0'] }] }],
  ['machines-guarded', 'hcloud:Server', { firewallIds: [undefined] }, { firewallIds: [] }],
  ['disks-encrypted', 'aws:Instance', { rootBlockDevice: { encrypted: true }, metadataOptions: { httpTokens: 'required' } }, { rootBlockDevice: {}, metadataOptions: { httpTokens: 'required' } }],
  ['metadata-guarded', 'aws:Instance', { rootBlockDevice: { encrypted: true }, metadataOptions: { httpTokens: 'required' } }, { rootBlockDevice: { encrypted: true } }],
  ['bucket-private', 'aws:BucketPublicAccessBlock', { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true }, { blockPublicAcls: true }],
])('%s of %s', (rule, kind, good, bad) => {
  expect(broken(kind, good)).toEqual([]);
  expect(broken(kind, bad)).toEqual([rule]);
});

test('no rule is without a mutant', () => {
  const clouds = ['firewall', 'machines-guarded', 'disks-encrypted', 'metadata-guarded', 'bucket-private', 'no-ca-key'];
  expect([...new Set([...MUTANTS.map(([rule]) => rule), ...clouds])].sort()).toEqual([...ruleNames].sort());
});

test('a violation says what is wrong where, and ends the deployment', () => {
  expect(() => refuseViolations([{ rule: 'pinned', where: 'Deployment relay', problem: 'image x has no version' }])).toThrow(/Deployment relay: image x has no version \(pinned\)/);
  expect(() => refuseViolations([])).not.toThrow();
});
