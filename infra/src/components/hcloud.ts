/** Hetzner Cloud. Its firewalls guard public addresses; the private network is the stack's alone. */
import * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';
import type { HcloudStack } from '../config/schema.ts';
import { type Machine, NETWORK, planMachines, zoneNetwork } from '../machines/plan.ts';
import { userData } from '../machines/user-data.ts';
import type { Unit } from '../settings/units.ts';
import type { Cloud, Server, Way } from './cloud.ts';
import type { Component } from './component.ts';

const EVERYBODY = ['0.0.0.0/0', '::/0'];
const BALANCER_ADDRESS = '10.20.0.10';
/** Ids of this provider are numbers in texts. */
const numeric = (id: pulumi.Output<string>): pulumi.Output<number> => id.apply(Number);

/** Made once for a stack. */
interface Shared {
  readonly network: hcloud.Network;
  readonly subnet: hcloud.NetworkSubnet;
  readonly spread: hcloud.PlacementGroup;
  readonly firewalls: ReadonlyMap<string, hcloud.Firewall>;
}

const portsKey = ({ publicPorts }: Machine): string => publicPorts.join('-');

function makeFirewall(stack: HcloudStack, machine: Machine, parent: Component): hcloud.Firewall {
  const key = portsKey(machine);
  const rules = [
    { direction: 'in', protocol: 'icmp', sourceIps: EVERYBODY },
    { direction: 'in', protocol: 'tcp', port: '22', sourceIps: stack.target.administrators },
    ...machine.publicPorts.map((port) => ({ direction: 'in', protocol: 'tcp', port: String(port), sourceIps: EVERYBODY })),
  ];
  return new hcloud.Firewall(key === '' ? 'firewall' : `firewall-${key}`, { name: `${stack.name}${key === '' ? '' : `-${key}`}`, rules }, parent.children);
}

function makeShared(stack: HcloudStack, parent: Component): Shared {
  const network = new hcloud.Network('network', { name: stack.name, ipRange: NETWORK }, parent.children);
  const subnet = new hcloud.NetworkSubnet('subnet', { networkId: numeric(network.id), type: 'cloud', networkZone: stack.target.networkZone, ipRange: zoneNetwork(0) }, parent.children);
  const spread = new hcloud.PlacementGroup('spread', { name: stack.name, type: 'spread' }, parent.children);
  const firewalls = new Map<string, hcloud.Firewall>();
  for (const machine of planMachines(stack)) if (!firewalls.has(portsKey(machine))) firewalls.set(portsKey(machine), makeFirewall(stack, machine, parent));
  return { network, subnet, spread, firewalls };
}

function makeServer(stack: HcloudStack, shared: Shared, machine: Machine, parent: Component): Server {
  const firewall = shared.firewalls.get(portsKey(machine));
  const resource = new hcloud.Server(machine.name, {
    name: machine.name, serverType: machine.type, image: stack.target.image, location: stack.target.location, sshKeys: stack.target.sshKeys, userData: userData(machine),
    networks: [{ networkId: numeric(shared.network.id), ip: machine.address }],
    firewallIds: firewall === undefined ? [] : [numeric(firewall.id)],
    // A group takes ten: those of which one must survive.
    ...(['redis', 'relay'].includes(machine.role) && machine.index < 5 ? { placementGroupId: numeric(shared.spread.id) } : {}),
    labels: { stack: stack.name, role: machine.role },
    deleteProtection: machine.role === 'redis' || machine.role === 'all', rebuildProtection: machine.role === 'redis' || machine.role === 'all',
  // A new image or another birth is no reason to lose the machine: changes come over SSH.
  }, { ...parent.children, dependsOn: [shared.subnet], ignoreChanges: ['userData', 'image', 'sshKeys'] });
  return { machine, resource, address: resource.ipv4Address, ipv6: resource.ipv6Address };
}

function makeBalancer(stack: HcloudStack, shared: Shared, { units, servers, parent }: { units: readonly Unit[]; servers: readonly Server[]; parent: Component }): Way {
  const balancer = new hcloud.LoadBalancer('balancer', { name: stack.name, loadBalancerType: stack.target.balancerType, location: stack.target.location, algorithm: { type: 'least_connections' }, deleteProtection: true }, parent.children);
  const balancerId = numeric(balancer.id);
  const attached = new hcloud.LoadBalancerNetwork('balancer-network', { loadBalancerId: balancerId, subnetId: shared.subnet.id, ip: BALANCER_ADDRESS }, parent.children);
  for (const unit of units) {
    new hcloud.LoadBalancerService(`balancer-${unit.name}`, {
      loadBalancerId: balancer.id, protocol: 'tcp', listenPort: unit.port ?? 0, destinationPort: unit.listen ?? 0, proxyprotocol: true,
      healthCheck: { protocol: 'http', port: unit.adminPort, interval: 5, timeout: 3, retries: 3, http: { path: '/readyz', statusCodes: ['200'] } },
    }, parent.children);
  }
  for (const { machine, resource } of servers) {
    new hcloud.LoadBalancerTarget(`balancer-${machine.name}`, { type: 'server', loadBalancerId: balancerId, serverId: numeric(resource.id), usePrivateIp: true }, { ...parent.children, dependsOn: [attached] });
  }
  return { kind: 'addresses', ipv4: balancer.ipv4, ipv6: balancer.ipv6 };
}

function makeRecord(stack: HcloudStack, host: string, way: Way, parent: Component): void {
  if (stack.dns.kind !== 'hcloud' || way.kind !== 'addresses') return;
  const { zone, ttl } = stack.dns;
  const name = host === zone ? '@' : host.slice(0, -zone.length - 1);
  const records = [['A', way.ipv4], ['AAAA', way.ipv6]] as const;
  for (const [type, value] of records) {
    if (value !== undefined) new hcloud.ZoneRrset(`${type.toLowerCase()}-${host}`, { zone, name, type, ttl, records: [{ value }] }, parent.children);
  }
}

export function hetznerCloud(stack: HcloudStack): Cloud {
  let shared: Shared | undefined;
  const of = (parent: Component): Shared => (shared ??= makeShared(stack, parent));
  return {
    kind: 'hcloud',
    makeNetwork: (parent) => void of(parent),
    makeServer: (machine, parent) => makeServer(stack, of(parent), machine, parent),
    makeBalancer: (units, servers, parent) => makeBalancer(stack, of(parent), { units, servers, parent }),
    wayTo: ({ address, ipv6 }) => ({ kind: 'addresses', ipv4: address, ...(ipv6 === undefined ? {} : { ipv6 }) }),
    makeRecord: (host, way, parent) => makeRecord(stack, host, way, parent),
    // Its object storage is reached by S3 alone: make bucket and key in its console, and use `external`.
    makeStorage: () => ({}),
  };
}
