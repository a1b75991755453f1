/**
 * A stack on machines of a cloud. Machines of a fleet are made together and brought up one after another, over SSH: each command waits
 * for the one before, and a node's command ends when the node is ready, so that an update misses one node at a time.
 */
import { remote } from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import type { MachineStack } from '../config/schema.ts';
import { applyScript, bundle, formScript } from '../machines/apply.ts';
import { filesOf } from '../machines/files.ts';
import { planMachines, redisServers, type Role } from '../machines/plan.ts';
import type { SecretName } from '../secrets/names.ts';
import { unitsOf } from '../settings/units.ts';
import type { Cloud, Server, Way } from './cloud.ts';
import { Component, type SecretValues } from './component.ts';

const TYPES: Readonly<Record<Role, string>> = {
  all: 'Machine', relay: 'RelayFleet', files: 'FileServers', push: 'PushProxy', bot: 'Bot', redis: 'RedisCluster', monitoring: 'Monitoring', tor: 'OnionService',
};

/** By root's shell. Nothing secret is in it, so it may be seen in the machine's list of processes. */
function asRoot(script: string): string {
  return `sudo -n bash --norc -c "$(echo ${Buffer.from(script).toString('base64')} | base64 -d)"`;
}

/** The key for SSH is the agent's of whoever runs Pulumi; it is in no state. */
function connectionTo(stack: MachineStack, { address }: Server) {
  return { host: address, user: stack.target.sshUser, agentSocketPath: new pulumi.Config('polyplex').get('sshAgent') ?? '', dialErrorLimit: 60 };
}

function stdinOf(stack: MachineStack, { machine }: Server, values: SecretValues): pulumi.Output<string> {
  return pulumi.secret(pulumi.all(values as Readonly<Record<SecretName, pulumi.Output<string>>>).apply((known) => bundle(filesOf(stack, machine), known)));
}

function applyTo(stack: MachineStack, server: Server, { values, after, parent }: { values: SecretValues; after: readonly pulumi.Resource[]; parent: Component }): remote.Command {
  const script = asRoot(applyScript(stack, server.machine));
  return new remote.Command(`apply-${server.machine.name}`, {
    connection: connectionTo(stack, server), create: script, update: script, stdin: stdinOf(stack, server, values), logging: 'stderr',
  }, { ...parent.children, dependsOn: [server.resource, ...after], additionalSecretOutputs: ['stdin'] });
}

interface Group {
  readonly component: Component;
  readonly servers: readonly Server[];
  readonly last: readonly pulumi.Resource[];
}

/** One fleet: its machines, and the chain of commands that brings them up. */
function makeGroup(stack: MachineStack, cloud: Cloud, role: Role, { values, after }: { values: SecretValues; after: readonly pulumi.Resource[] }): Group {
  const component = new Component(`${cloud.kind}:${TYPES[role]}`, role);
  const servers = planMachines(stack).filter((machine) => machine.role === role).map((machine) => cloud.makeServer(machine, component));
  let last: readonly pulumi.Resource[] = after;
  for (const server of servers) last = [applyTo(stack, server, { values, after: last, parent: component })];
  if (role === 'redis' && (stack.redis?.primaries ?? 0) > 1) last = [formCluster(stack, servers, last, component)];
  return { component: component.finish(), servers, last };
}

function formCluster(stack: MachineStack, servers: readonly Server[], after: readonly pulumi.Resource[], parent: Component): remote.Command {
  const servers_ = redisServers(stack);
  const script = asRoot(formScript(servers_));
  return new remote.Command('form-redis', { connection: connectionTo(stack, servers[0]!), create: script, triggers: [servers_.primaries.join(), servers_.replicas.join()] }, { ...parent.children, dependsOn: [...after] });
}

function makeWay(stack: MachineStack, cloud: Cloud, servers: readonly Server[]): Way {
  const units = unitsOf(stack).filter(({ port }) => port !== undefined);
  if (stack.redis === undefined) return cloud.wayTo(servers[0]!);
  const balancer = new Component(`${cloud.kind}:Balancer`, 'balancer');
  const way = cloud.makeBalancer(units, servers.filter(({ machine }) => units.some(({ name }) => name === machine.role)), balancer);
  balancer.finish();
  return way;
}

function makeRecords(stack: MachineStack, cloud: Cloud, way: Way): void {
  if (stack.dns.kind === 'none') return;
  const dns = new Component(`${cloud.kind}:Dns`, 'dns');
  const hosts = new Set(unitsOf(stack).flatMap(({ hosts: names }) => names).filter((host) => !host.endsWith('.onion')));
  for (const host of hosts) cloud.makeRecord(host, way, dns);
  dns.finish();
}

/** Registers everything; returns what the operator is told. */
export function deployMachines(stack: MachineStack, cloud: Cloud, values: SecretValues): pulumi.Inputs {
  const network = new Component(`${cloud.kind}:Network`, 'network');
  cloud.makeNetwork(network);
  network.finish();
  const storage = new Component(`${cloud.kind}:ObjectStorage`, 'storage');
  const all = { ...values, ...cloud.makeStorage(storage) };
  storage.finish();
  const roles = [...new Set(planMachines(stack).map(({ role }) => role))];
  const groups: Group[] = [];
  let after: readonly pulumi.Resource[] = [];
  for (const role of roles) {
    const group = makeGroup(stack, cloud, role, { values: all, after });
    groups.push(group);
    // Fleets wait for Redis, not for each other.
    if (role === 'redis') after = group.last;
  }
  const servers = groups.flatMap((group) => group.servers);
  const way = makeWay(stack, cloud, servers);
  makeRecords(stack, cloud, way);
  return {
    hosts: unitsOf(stack).flatMap(({ hosts }) => hosts),
    machines: Object.fromEntries(servers.map(({ machine, address }) => [machine.name, address])),
    pointTo: way.kind === 'name' ? way.name : way.ipv4,
  };
}
