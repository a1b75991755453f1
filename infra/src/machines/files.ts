/** What is written to a machine: settings, units of `deploy/systemd`, and secrets, which are known by name alone here. */
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { mebibytes } from '../config/fields.ts';
import type { MachineStack, RedisConfig } from '../config/schema.ts';
import type { SecretFile } from '../secrets/names.ts';
import { settingsOf } from '../settings/polyplex-yaml.ts';
import type { Unit } from '../settings/units.ts';
import { backupFiles } from './backup-files.ts';
import { type MachineFile, openFile as open } from './machine-file.ts';
import { monitoringFiles } from './monitoring-files.ts';
import { LEAVE_SECONDS, type Machine, machinePlace, REDIS_PORTS } from './plan.ts';
import { torFiles } from './tor-files.ts';

const DEPLOY = new URL('../../../deploy/', import.meta.url);
const shipped = (path: string): string => readFileSync(new URL(path, DEPLOY), 'utf8');

/** The release brings its own Node, and machines have no other. */
const NODE = '/opt/polyplex/bin/node';
const withNode = (unit: string): string => unit.replaceAll('/usr/bin/node', NODE);

const secret = (path: string, content: string | SecretFile, group = 'polyplex'): MachineFile => ({ path, mode: '640', owner: `root:${group}`, content });

/** Sections of all servers of the machine in one file; where they differ, as in which to run, it is the machine that says. */
function polyplexYaml(stack: MachineStack, machine: Machine, units: readonly Unit[]): string {
  const all = units.map((unit) => settingsOf(stack, unit, machinePlace(stack, machine)));
  const merged: Record<string, object> = {};
  for (const document of all) for (const [section, values] of Object.entries(document)) merged[section] = { ...merged[section], ...values };
  const names = units.map(({ name }) => name);
  const on = (name: Unit['name']): string => (names.includes(name) ? 'on' : 'off');
  if (machine.role === 'all') merged['servers'] = { run: names.includes('files') ? 'all' : 'smp', push: on('push'), bot: on('bot') };
  return stringify(merged, { lineWidth: 0 });
}

/** What a unit reads as its environment: settings that are secrets, and the name of the machine. */
function environmentFiles(machine: Machine, servers: readonly Unit[]): readonly MachineFile[] {
  if (machine.role === 'all') return [];
  const bot = servers.find(({ environment }) => environment !== undefined);
  const access = servers.map(({ folder }) => folder['s3.env']).find((file) => file !== undefined);
  if (bot !== undefined) return [secret('/etc/polyplex/bot.env', { secret: 'botRelays', template: 'POLYPLEX_BOT_RELAYS={}\n' })];
  return [secret('/etc/polyplex/node-a.env', access ?? `POLYPLEX_ADMIN_NODE_NAME=${machine.name}\n`)];
}

function unitsOfSystemd({ role }: Machine, servers: readonly Unit[]): readonly string[] {
  if (role === 'all') return ['polyplex.service'];
  return servers.map(({ server }) => (server === 'bot' ? 'polyplex-bot.service' : `polyplex-${server}@.service`));
}

/** Beyond drain and transfers under way. */
const SPARE_SECONDS = 40;

/** What the shipped unit says of the end of a node is for a network by hand: the stack's own drain may be longer. */
function endOf(machine: Machine, unit: string): MachineFile {
  const drain = Math.max(...machine.units.map(({ drainSeconds }) => drainSeconds));
  const stop = drain + SPARE_SECONDS + (machine.role === 'all' ? 0 : LEAVE_SECONDS);
  return open(`/etc/systemd/system/${unit}.d/stack.conf`, `[Service]\nEnvironment=POLYPLEX_SHUTDOWN_DRAIN_TIMEOUT=${drain}s\nTimeoutStopSec=${stop}\n`);
}

function serverFiles(stack: MachineStack, machine: Machine): readonly MachineFile[] {
  const folder = Object.assign({}, ...machine.units.map((unit) => unit.folder)) as Unit['folder'];
  return [
    open('/etc/sysusers.d/polyplex.conf', shipped('systemd/polyplex.sysusers.conf')),
    ...unitsOfSystemd(machine, machine.units).map((unit) => open(`/etc/systemd/system/${unit}`, withNode(shipped(`systemd/${unit}`)))),
    ...unitsOfSystemd(machine, machine.units).map((unit) => endOf(machine, unit)),
    secret('/etc/polyplex/polyplex.yaml', polyplexYaml(stack, machine, machine.units)),
    ...Object.entries(folder).filter(([path]) => path !== 's3.env').map(([path, file]) => secret(`/etc/polyplex/${path}`, file)),
    ...environmentFiles(machine, machine.units),
  ];
}

/** How many servers of Redis run on each machine. */
export const redisPorts = ({ replicas }: RedisConfig): readonly number[] => REDIS_PORTS.slice(0, replicas + 1);

function redisFiles(redis: RedisConfig, machine: Machine): readonly MachineFile[] {
  const configuration = shipped('redis/redis.conf');
  const auth = { secret: 'redisPassword', template: 'requirepass {}\nmasterauth {}\n' } as const;
  return [
    open('/etc/sysusers.d/polyplex.conf', shipped('systemd/polyplex.sysusers.conf')),
    open('/etc/systemd/system/polyplex-redis@.service', shipped('systemd/polyplex-redis@.service')),
    open('/etc/sysctl.d/60-polyplex-redis.conf', 'vm.overcommit_memory = 1\n'),
    secret('/etc/polyplex-redis/redis.conf', [
      redis.primaries === 1 ? configuration.replace(/^cluster-/gm, '# cluster-') : configuration,
      redis.durability === 'fsync' ? 'appendfsync always\n' : '',
    ].join(''), 'polyplex-redis'),
    secret('/etc/polyplex-redis/redis.env', `BIND=${machine.address} 127.0.0.1\nMAXMEMORY=${mebibytes(redis.memory)}mb\n`, 'polyplex-redis'),
    secret('/etc/polyplex-redis/auth.conf', auth, 'polyplex-redis'),
  ];
}

/** All files of a machine. */
export function filesOf(stack: MachineStack, machine: Machine): readonly MachineFile[] {
  return [
    ...(machine.units.length > 0 ? serverFiles(stack, machine) : []),
    ...(machine.role === 'redis' && stack.redis !== undefined ? redisFiles(stack.redis, machine) : []),
    ...(machine.hasMonitoring && stack.monitoring !== undefined ? monitoringFiles(stack, stack.monitoring) : []),
    ...(machine.hasTor ? torFiles(stack) : []),
    ...backupFiles(stack, machine),
  ];
}
