/**
 * Which machines a stack has, what runs on each, and under which address of the private network. Without Redis there is one machine
 * with everything on it and nothing in front; with it each fleet has machines of its own behind a balancer, and Redis as many as it has
 * primaries, each with the replica of its neighbour.
 */
import { mebibytes } from '../config/fields.ts';
import type { MachineStack } from '../config/schema.ts';
import type { Place } from '../settings/polyplex-yaml.ts';
import { type Unit, type UnitName, unitsOf } from '../settings/units.ts';

export type Role = UnitName | 'redis' | 'monitoring' | 'tor' | 'all';

export interface Machine {
  /** `team-relay-0`, in the cloud and as host name. */
  readonly name: string;
  readonly role: Role;
  readonly index: number;
  /** Which of the target's zones. */
  readonly zone: number;
  /** In the private network. */
  readonly address: string;
  readonly type: string;
  readonly diskGiB: number;
  /** Servers of Polyplex on it. */
  readonly units: readonly Unit[];
  readonly hasMonitoring: boolean;
  readonly hasTor: boolean;
  /** Ports that the world reaches on the machine itself. */
  readonly publicPorts: readonly number[];
}

/** All addresses of the stack are in it. */
export const NETWORK = '10.20.0.0/16';
/** Zones are a quarter each. */
const ZONE_SIZE = 64;
const ROLES: readonly Role[] = ['all', 'relay', 'files', 'push', 'bot', 'redis', 'monitoring', 'tor'];
const SYSTEM_GIB = 10;

/** The part of the network that a zone has: `10.20.64.0/18`. */
export const zoneNetwork = (zone: number): string => `10.20.${zone * ZONE_SIZE}.0/18`;

const zonesOf = ({ target }: MachineStack): number => (target.kind === 'aws' ? target.zones.length : 1);

interface Wanted {
  readonly role: Role;
  readonly count: number;
  readonly units?: readonly Unit[];
  readonly diskGiB?: number;
  readonly publicPorts?: readonly number[];
}

function typeOf({ target }: MachineStack, role: Role): string {
  return target.types[role === 'all' ? 'relay' : role];
}

function machines(stack: MachineStack, { role, count, units = [], diskGiB = 10, publicPorts = [] }: Wanted): readonly Machine[] {
  return [...Array(count).keys()].map((index) => {
    const zone = index % zonesOf(stack);
    return {
      name: role === 'all' ? stack.name : `${stack.name}-${role}-${index}`, role, index, zone,
      address: `10.20.${zone * ZONE_SIZE + 1 + ROLES.indexOf(role)}.${10 + index}`,
      type: typeOf(stack, role), diskGiB: diskGiB + SYSTEM_GIB, units, publicPorts,
      hasMonitoring: stack.monitoring !== undefined && (role === 'monitoring' || role === 'all'),
      hasTor: stack.tor !== undefined && (role === 'tor' || role === 'all'),
    };
  });
}

const gibibytes = (size: string): number => Math.ceil(mebibytes(size) / 1024);

/** Everything on one machine. */
function together(stack: MachineStack, units: readonly Unit[]): readonly Machine[] {
  const disks = [...units.map(({ disk }) => disk), ...(stack.monitoring === undefined ? [] : [stack.monitoring.disk])];
  const ports = units.flatMap(({ port }) => (port === undefined ? [] : [port]));
  // Of what the balancer would do nothing is left: it listens where addresses say.
  const direct = units.map((unit) => (unit.port === undefined ? unit : { ...unit, listen: unit.port }));
  return machines(stack, { role: 'all', count: 1, units: direct, diskGiB: disks.map(gibibytes).reduce((sum, disk) => sum + disk, 0), publicPorts: ports });
}

/** All machines of a stack. */
export function planMachines(stack: MachineStack): readonly Machine[] {
  const units = unitsOf(stack);
  if (stack.redis === undefined) return together(stack, units);
  return [
    ...machines(stack, { role: 'redis', count: stack.redis.primaries, diskGiB: gibibytes(stack.redis.disk) * (stack.redis.replicas + 1) }),
    ...units.flatMap((unit) => machines(stack, { role: unit.name, count: unit.nodes, units: [unit], diskGiB: unit.isShared ? 10 : gibibytes(unit.disk) })),
    ...(stack.monitoring === undefined ? [] : machines(stack, { role: 'monitoring', count: 1, diskGiB: gibibytes(stack.monitoring.disk) })),
    ...(stack.tor === undefined ? [] : machines(stack, { role: 'tor', count: 1 })),
  ];
}

/** Ports of the servers of Redis on each machine: its primary, and the replica of another's. */
export const REDIS_PORTS = [7001, 7002] as const;

/** Of every server of Redis, primaries first, each replica on the machine after its primary's. */
export function redisServers(stack: MachineStack): { readonly primaries: readonly string[]; readonly replicas: readonly string[] } {
  const hosts = planMachines(stack).filter(({ role }) => role === 'redis').map(({ address }) => address);
  const replicas = (stack.redis?.replicas ?? 0) === 0 ? [] : [...hosts.slice(1), ...hosts.slice(0, 1)].map((host) => `${host}:${REDIS_PORTS[1]}`);
  return { primaries: hosts.map((host) => `${host}:${REDIS_PORTS[0]}`), replicas };
}

/** Three checks of a balancer (components/hcloud.ts, aws.ts) and a little more: it does not try another node where one refuses. */
export const LEAVE_SECONDS = 17;

/** What machines decide about a server's settings. */
export function machinePlace(stack: MachineStack, machine: Machine): Place {
  const isAlone = machine.role === 'all';
  const tor = planMachines(stack).find(({ hasTor }) => hasTor);
  return {
    dataDir: isAlone ? '/var/lib/polyplex' : `/var/lib/polyplex/${machine.role === 'bot' ? 'directory-bot' : 'a'}`,
    redisUrls: redisServers(stack).primaries.slice(0, 16).map((server) => `redis://${server}`),
    trustedProxies: isAlone ? [] : [NETWORK], seesClients: true,
    adminHost: isAlone ? '127.0.0.1' : machine.address,
    ...(isAlone ? {} : { leaveSeconds: LEAVE_SECONDS }),
    ...(tor === undefined ? {} : { socksProxy: `${isAlone ? '127.0.0.1' : tor.address}:9050` }),
  };
}
