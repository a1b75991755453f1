/** Every component and every example, as Pulumi registers them, with what the clouds would answer made up. */
import * as hcloud from '@pulumi/hcloud';
import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { createPrivateKey } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enforcePolicies, kindOf } from '../src/policy/enforce.ts';
import { textsOf } from '../src/policy/look.ts';
import { deploy } from '../src/program.ts';
import { planMachines } from '../src/machines/plan.ts';
import { kubernetesParts } from '../src/kubernetes/stack.ts';
import { type SecretName, secretEntry, secretsOf } from '../src/secrets/names.ts';
import { everySecret, example, KUBERNETES_EXAMPLES, MACHINE_EXAMPLES, makeConfigFolder, onKubernetes, onMachines } from './support.ts';

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const SECRET = '4dabf18193072939515e22adb298388d';
let made: Made[] = [];
const registered = new Map<string, Promise<readonly Made[]>>();

/** Values as the engine gets them: `{ [SECRET]: …, value }` where one is secret. */
const mocks: pulumi.runtime.Mocks = {
  newResource: ({ type, name, inputs }) => {
    made.push({ type, name, inputs: inputs as Made['inputs'] });
    const number = String(made.length);
    return { id: number, state: { ...(inputs as object), id: number, ipv4Address: '192.0.2.1', ipv6Address: '2001:db8::1', ipv4: '192.0.2.2', ipv6: '2001:db8::2', publicIp: '192.0.2.3', dnsName: 'balancer.example', zoneId: 'Z1', arn: `arn:${name}`, secret: 'secret-of-the-bucket' } };
  },
  call: () => ({ zoneId: 'Z0' }),
};

let folder: string;
let secrets: Readonly<Record<SecretName, string>>;
beforeAll(async () => {
  folder = await makeConfigFolder();
  secrets = await everySecret(folder);
});
afterAll(() => rm(dirname(folder), { recursive: true, force: true }));
async function deployed(name: string): Promise<readonly Made[]> {
  made = [];
  const own = made;
  await pulumi.runtime.setMocks(mocks, 'polyplex', 'test', false);
  const stack = example(name);
  await pulumi.runtime.runInPulumiStack(() => deploy(stack, secrets));
  await pulumi.runtime.disconnect();
  return own;
}

/** Once for each example: it is the same every time. */
async function register(name: string): Promise<readonly Made[]> {
  const before = registered.get(name) ?? deployed(name);
  registered.set(name, before);
  return before;
}

const components = (all: readonly Made[]) => all.filter(({ type }) => type.startsWith('polyplex:')).map(({ type }) => type.split(':')[2]).sort();

test.each([
  ['single', ['Namespace', 'NetworkPolicies', 'RelayFleet', 'FileServers', 'Balancer', 'Backups']],
  ['team', ['Namespace', 'NetworkPolicies', 'RedisCluster', 'RelayFleet', 'FileServers', 'Balancer', 'Monitoring', 'Backups']],
  ['large', ['Namespace', 'NetworkPolicies', 'RedisCluster', 'RelayFleet', 'FileServers', 'PushProxy', 'Bot', 'Balancer', 'OnionService', 'Monitoring', 'Backups']],
  ['single-machine', ['Network', 'ObjectStorage', 'Machine', 'Dns']],
  ['team-hcloud', ['Network', 'ObjectStorage', 'RedisCluster', 'RelayFleet', 'FileServers', 'Monitoring', 'Balancer', 'Dns']],
  ['team-aws', ['Network', 'ObjectStorage', 'RedisCluster', 'RelayFleet', 'FileServers', 'PushProxy', 'Monitoring', 'OnionService', 'Balancer', 'Dns']],
])('%s has its components', async (name, expected) => {
  expect(components(await register(name))).toEqual([...expected].sort());
});

describe.each(KUBERNETES_EXAMPLES)('%s', (name) => {
  test('registers the very objects that are rendered, and their Secrets', async () => {
    const all = await register(name);
    const parts = kubernetesParts(onKubernetes(name));
    const objects = all.filter(({ type }) => type.startsWith('kubernetes:') && kindOf(type) !== 'Secret');
    const rendered = parts.flatMap(({ manifests }) => manifests).map((manifest) => JSON.parse(JSON.stringify(manifest)) as object);
    expect(objects.map(({ inputs }) => inputs)).toEqual(expect.arrayContaining(rendered));
    expect(objects).toHaveLength(rendered.length);
    expect(all.filter(({ type }) => kindOf(type) === 'Secret')).toHaveLength(parts.flatMap((part) => part.secrets).length);
  });
});

describe('secrets', () => {
  /** Everywhere a value is, in plain or in base64, outside what Pulumi marks as secret. */
  function leaks(all: readonly Made[], value: string): readonly string[] {
    const encoded = Buffer.from(value).toString('base64').slice(4, -8);
    const plain = (inner: unknown): unknown => {
      if (typeof inner !== 'object' || inner === null) return inner;
      if (Array.isArray(inner)) return inner.map(plain);
      return SECRET in inner ? '' : Object.fromEntries(Object.entries(inner).map(([key, field]) => [key, plain(field)]));
    };
    return all.filter(({ inputs }) => [value, encoded].some((text) => JSON.stringify(plain(inputs)).includes(text))).map(({ type, name }) => `${type} ${name}`);
  }

  test.each([...KUBERNETES_EXAMPLES, ...MACHINE_EXAMPLES])('of %s are where they are needed, and secret there', async (name) => {
    const all = await register(name);
    for (const secret of secretsOf(example(name))) {
      if ('resource' in secretEntry(secret).source) continue;
      const value = secrets[secret].replaceAll('\n', String.raw`\n`);
      expect([secret, leaks(all, value)]).toEqual([secret, []]);
    }
  });

  /** Every text of every input, what is secret included, also as it is behind base64, twice. */
  function everything(all: readonly Made[]): string {
    const texts = textsOf(all.map(({ inputs }) => inputs)).map(([, text]) => text);
    const decoded = (text: string): string[] => text.split(/\s/).filter((word) => /^[A-Za-z0-9+/]{40,}={0,2}$/.test(word)).map((word) => Buffer.from(word, 'base64').toString('latin1'));
    return [...texts, ...texts.flatMap(decoded), ...texts.flatMap(decoded).flatMap(decoded)].join('\n');
  }

  test.each([...KUBERNETES_EXAMPLES, ...MACHINE_EXAMPLES])('of %s: the server\'s key is uploaded, the CA\'s never, in no form', async (name) => {
    const text = everything(await register(name));
    const body = (pem: string): string => pem.split('\n')[1]!;
    expect(text).toContain(body(secrets.relayKey));
    for (const server of ['', 'xftp/', 'ntf/']) {
      const key = await readFile(join(folder, `${server}ca/ca.key`), 'utf8');
      const seed = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }).subarray(-32);
      for (const form of [body(key), seed.toString('base64').slice(1, 40), seed.toString('hex'), seed.toString('latin1')]) expect(text.includes(form)).toBe(false);
    }
  });

  test.each(['single', 'single-machine', 'team-aws'])('of %s: a CA\'s key in place of the server\'s ends the deployment', async (name) => {
    const values = { ...secrets, relayKey: await readFile(join(folder, 'ca/ca.key'), 'utf8') };
    made = [];
    await expect(deploy(example(name), values)).rejects.toMatchObject({ code: 'CA_KEY' });
    expect(made).toEqual([]);
  });
});

test('a resource that breaks a policy is not registered', async () => {
  made = [];
  await pulumi.runtime.setMocks(mocks, 'polyplex', 'test', false);
  await pulumi.runtime.runInPulumiStack(async () => {
    enforcePolicies();
    expect(() => new k8s.core.v1.ConfigMap('configmap-bad', { metadata: { name: 'bad' }, data: { settings: 'password: hunter2' } })).toThrow(/ConfigMap bad: data\.settings holds a password in a text/);
    expect(() => new hcloud.Firewall('bad', { rules: [{ direction: 'in', protocol: 'tcp', port: '6379', sourceIps: ['0.0.0.0/0'] }] })).toThrow(/hcloud:Firewall bad: port 6379 is open to everybody/);
    new k8s.core.v1.ConfigMap('configmap-good', { metadata: { name: 'good' }, data: { settings: 'passwordFile: password' } });
    return {};
  });
  await pulumi.runtime.disconnect();
  expect(made.map(({ name }) => name).filter((name) => /good|bad/.test(name))).toEqual(['configmap-good']);
});

describe('machines', () => {
  const commands = async (name: string) => (await register(name)).filter(({ type }) => type === 'command:remote:Command');

  test.each(MACHINE_EXAMPLES)('of %s are told nothing secret at their birth, and files over SSH', async (name) => {
    const servers = (await register(name)).filter(({ type }) => ['hcloud:index/server:Server', 'aws:ec2/instance:Instance'].includes(type));
    expect(servers.map((server) => server.name).sort()).toEqual(planMachines(onMachines(name)).map((machine) => machine.name).sort());
    for (const { inputs } of servers) for (const secret of Object.values(secrets)) expect(String(inputs['userData'])).not.toContain(secret.slice(0, 60));
    expect((await commands(name)).filter((command) => command.name.startsWith('apply-')).map(({ name: command }) => command.slice('apply-'.length)).sort()).toEqual(servers.map((server) => server.name).sort());
    for (const { inputs } of await commands(name)) expect(inputs['stdin'] === undefined || SECRET in (inputs['stdin'] as object)).toBe(true);
  });

  test('balancers pass TCP on with a PROXY header, to nodes that say that they are ready', async () => {
    const hcloud = (await register('team-hcloud')).filter(({ type }) => type === 'hcloud:index/loadBalancerService:LoadBalancerService').map(({ inputs }) => inputs);
    expect(hcloud).toHaveLength(2);
    expect(hcloud[0]).toMatchObject({ protocol: 'tcp', listenPort: 5223, destinationPort: 5223, proxyprotocol: true, healthCheck: { protocol: 'http', port: 8080, http: { path: '/readyz' } } });
    const aws = await register('team-aws');
    const groups = aws.filter(({ type }) => type === 'aws:lb/targetGroup:TargetGroup').map(({ inputs }) => inputs);
    expect(groups).toHaveLength(3);
    // With clients' own addresses nodes would take the header for a client's, and refuse.
    expect(groups.map((group) => group['preserveClientIp'])).toEqual(['false', 'false', 'false']);
    for (const group of groups) expect(group['targetHealthStates']).toEqual([{ enableUnhealthyConnectionTermination: false, unhealthyDrainingInterval: 80 }]);
    expect(groups[0]).toMatchObject({ protocol: 'TCP', port: 5223, proxyProtocolV2: true, healthCheck: { protocol: 'HTTP', port: '8080', path: '/readyz' } });
    expect(aws.filter(({ type }) => type === 'aws:lb/listener:Listener').map(({ inputs }) => inputs['port'])).toEqual([443, 5443, 5643]);
  });

  test('names lead to the balancer, or to the one machine', async () => {
    const records = async (name: string, type: string) => (await register(name)).filter((resource) => resource.type === type).map(({ inputs }) => inputs);
    const rrsets = async (name: string) => (await records(name, 'hcloud:index/zoneRrset:ZoneRrset')).map((record) => `${String(record['name'])} ${String(record['type'])} ${(record['records'] as { value: string }[])[0]!.value}`).sort();
    expect(await rrsets('single-machine')).toEqual(['files A 192.0.2.1', 'files AAAA 2001:db8::1', 'smp A 192.0.2.1', 'smp AAAA 2001:db8::1']);
    expect(await rrsets('team-hcloud')).toEqual(['files A 192.0.2.2', 'files AAAA 2001:db8::2', 'smp A 192.0.2.2', 'smp AAAA 2001:db8::2']);
    expect(await records('team-aws', 'aws:route53/record:Record')).toMatchObject(['smp', 'files', 'push'].map((name) => ({ name: `${name}.example.org`, type: 'A', aliases: [{ name: 'balancer.example', zoneId: 'Z1' }] })));
  });

  test('the bucket is private, and its key opens it alone', async () => {
    const all = await register('team-aws');
    expect(all.find(({ type }) => type === 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock')!.inputs).toMatchObject({ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true });
    const policy = JSON.parse(String(all.find(({ type }) => type === 'aws:iam/userPolicy:UserPolicy')!.inputs['policy'])) as { Statement: { Action: string[]; Resource: string[] }[] };
    expect(policy.Statement.flatMap(({ Resource }) => Resource)).toEqual(['arn:bucket', 'arn:bucket/*']);
    expect(policy.Statement.flatMap(({ Action }) => Action)).not.toContain('s3:*');
  });
});
