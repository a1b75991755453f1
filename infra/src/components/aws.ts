/** Amazon's cloud. */
import * as ec2 from '@pulumi/aws/ec2/index.js';
import * as lb from '@pulumi/aws/lb/index.js';
import * as route53 from '@pulumi/aws/route53/index.js';
import { Provider } from '@pulumi/aws/provider.js';
import type * as pulumi from '@pulumi/pulumi';
import type { AwsStack } from '../config/schema.ts';
import { type Machine, NETWORK, zoneNetwork } from '../machines/plan.ts';
import { userData } from '../machines/user-data.ts';
import type { Unit } from '../settings/units.ts';
import { makeBucket } from './aws-storage.ts';
import type { Cloud, Server, Way } from './cloud.ts';
import type { Component } from './component.ts';

interface Shared {
  readonly provider: Provider;
  readonly vpc: ec2.Vpc;
  readonly subnets: readonly ec2.Subnet[];
  readonly inside: ec2.SecurityGroup;
}

type Options = pulumi.CustomResourceOptions;
const optionsOf = ({ provider }: Pick<Shared, 'provider'>, parent: Component): Options => ({ ...parent.children, provider });
const EVERYBODY = { cidrBlocks: ['0.0.0.0/0'], ipv6CidrBlocks: ['::/0'] };
/** Beyond the drain. */
const SPARE_SECONDS = 60;
const EVERYTHING = { protocol: '-1', fromPort: 0, toPort: 0 };

function makeShared(stack: AwsStack, parent: Component): Shared {
  const provider = new Provider('aws', { region: stack.target.region as never, defaultTags: { tags: { stack: stack.name } } }, { parent });
  const options = optionsOf({ provider }, parent);
  const vpc = new ec2.Vpc('network', { cidrBlock: NETWORK, enableDnsHostnames: true, assignGeneratedIpv6CidrBlock: false, tags: { Name: stack.name } }, options);
  const gateway = new ec2.InternetGateway('gateway', { vpcId: vpc.id }, options);
  const table = new ec2.RouteTable('routes', { vpcId: vpc.id, routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: gateway.id }] }, options);
  const subnets = stack.target.zones.map((availabilityZone, zone) => {
    const subnet = new ec2.Subnet(`subnet-${zone}`, { vpcId: vpc.id, cidrBlock: zoneNetwork(zone), availabilityZone, mapPublicIpOnLaunch: true }, options);
    new ec2.RouteTableAssociation(`routes-${zone}`, { subnetId: subnet.id, routeTableId: table.id }, options);
    return subnet;
  });
  const inside = new ec2.SecurityGroup('inside', {
    name: `${stack.name}-inside`, description: 'Machines of the stack among themselves, and SSH for its operators', vpcId: vpc.id,
    ingress: [
      { ...EVERYTHING, self: true },
      { protocol: 'tcp', fromPort: 22, toPort: 22, cidrBlocks: stack.target.administrators.filter((network) => !network.includes(':')), ipv6CidrBlocks: stack.target.administrators.filter((network) => network.includes(':')) },
    ],
    egress: [{ ...EVERYTHING, ...EVERYBODY }],
  }, options);
  return { provider, vpc, subnets, inside };
}

/** For ports that the world reaches on a machine or on the balancer. */
function openTo(stack: AwsStack, shared: Shared, { name, ports, parent }: { name: string; ports: readonly number[]; parent: Component }): ec2.SecurityGroup {
  return new ec2.SecurityGroup(`open-${name}`, {
    name: `${stack.name}-${name}`, description: 'What clients reach', vpcId: shared.vpc.id,
    ingress: ports.map((port) => ({ protocol: 'tcp', fromPort: port, toPort: port, ...EVERYBODY })), egress: [{ ...EVERYTHING, ...EVERYBODY }],
  }, optionsOf(shared, parent));
}

function makeServer(stack: AwsStack, shared: Shared, machine: Machine, parent: Component): Server {
  const options = optionsOf(shared, parent);
  const open = machine.publicPorts.length === 0 ? [] : [openTo(stack, shared, { name: machine.name, ports: machine.publicPorts, parent }).id];
  const resource = new ec2.Instance(machine.name, {
    ami: stack.target.image, instanceType: machine.type, keyName: stack.target.keyName, subnetId: shared.subnets[machine.zone]!.id, privateIp: machine.address,
    vpcSecurityGroupIds: [shared.inside.id, ...open], userData: userData(machine), userDataReplaceOnChange: false,
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
    rootBlockDevice: { volumeType: 'gp3', volumeSize: machine.diskGiB, encrypted: true, deleteOnTermination: true },
    disableApiTermination: machine.role === 'redis' || machine.role === 'all', tags: { Name: machine.name, role: machine.role },
  // A newer image is no reason to lose the machine: changes come over SSH.
  }, { ...options, ignoreChanges: ['ami', 'userData'] });
  if (machine.publicPorts.length === 0) return { machine, resource, address: resource.publicIp };
  const address = new ec2.Eip(machine.name, { instance: resource.id, domain: 'vpc' }, options);
  return { machine, resource, address: address.publicIp };
}

function makeListener(stack: AwsStack, shared: Shared, { unit, balancer, servers, parent }: { unit: Unit; balancer: lb.LoadBalancer; servers: readonly Server[]; parent: Component }): void {
  const options = optionsOf(shared, parent);
  const group = new lb.TargetGroup(`targets-${unit.name}`, {
    name: `${stack.name}-${unit.name}`, vpcId: shared.vpc.id, protocol: 'TCP', port: unit.listen ?? 0, targetType: 'instance', proxyProtocolV2: true,
    // Clients' addresses come in the header, which nodes take from addresses of this network alone; and a node reaches itself by the public name.
    preserveClientIp: 'false',
    // A node that drains closes its connections itself.
    deregistrationDelay: unit.drainSeconds, connectionTermination: false,
    // Else all clients of a node that is not ready are cut off at once: those of one that leaves, and of all while Redis fails over.
    targetHealthStates: [{ enableUnhealthyConnectionTermination: false, unhealthyDrainingInterval: unit.drainSeconds + SPARE_SECONDS }],
    healthCheck: { protocol: 'HTTP', port: String(unit.adminPort), path: '/readyz', interval: 5, timeout: 3, healthyThreshold: 2, unhealthyThreshold: 3, matcher: '200' },
  }, options);
  new lb.Listener(`listener-${unit.name}`, { loadBalancerArn: balancer.arn, protocol: 'TCP', port: unit.port ?? 0, tcpIdleTimeoutSeconds: 3600, defaultActions: [{ type: 'forward', targetGroupArn: group.arn }] }, options);
  for (const { machine, resource } of servers.filter(({ machine: { role } }) => role === unit.name)) {
    new lb.TargetGroupAttachment(`target-${machine.name}`, { targetGroupArn: group.arn, targetId: resource.id, port: unit.listen ?? 0 }, options);
  }
}

function makeBalancer(stack: AwsStack, shared: Shared, { units, servers, parent }: { units: readonly Unit[]; servers: readonly Server[]; parent: Component }): Way {
  const options = optionsOf(shared, parent);
  const open = openTo(stack, shared, { name: 'balancer', ports: units.map(({ port }) => port ?? 0), parent });
  const balancer = new lb.LoadBalancer('balancer', {
    name: stack.name, loadBalancerType: 'network', internal: false, subnets: shared.subnets.map(({ id }) => id), securityGroups: [open.id, shared.inside.id],
    enableCrossZoneLoadBalancing: true, enableDeletionProtection: true,
  }, options);
  for (const unit of units) makeListener(stack, shared, { unit, balancer, servers, parent });
  return { kind: 'name', name: balancer.dnsName, zone: balancer.zoneId };
}

function makeRecord(stack: AwsStack, shared: Shared, { host, way, parent }: { host: string; way: Way; parent: Component }): void {
  if (stack.dns.kind !== 'route53') return;
  const options = optionsOf(shared, parent);
  const zoneId = route53.getZoneOutput({ name: stack.dns.zone }, options).zoneId;
  const target = way.kind === 'name' ? { aliases: [{ name: way.name, zoneId: way.zone, evaluateTargetHealth: false }] } : { ttl: stack.dns.ttl, records: [way.ipv4] };
  new route53.Record(`a-${host}`, { zoneId, name: host, type: 'A', ...target }, options);
}

export function amazon(stack: AwsStack): Cloud {
  let shared: Shared | undefined;
  const of = (parent: Component): Shared => (shared ??= makeShared(stack, parent));
  return {
    kind: 'aws',
    makeNetwork: (parent) => void of(parent),
    makeServer: (machine, parent) => makeServer(stack, of(parent), machine, parent),
    makeBalancer: (units, servers, parent) => makeBalancer(stack, of(parent), { units, servers, parent }),
    wayTo: ({ address }) => ({ kind: 'addresses', ipv4: address }),
    makeRecord: (host, way, parent) => makeRecord(stack, of(parent), { host, way, parent }),
    makeStorage: (parent) => makeBucket(stack, optionsOf(of(parent), parent)),
  };
}
