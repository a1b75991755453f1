/**
 * `polyplex start --workers N`: N nodes on the same ports of this machine, which the kernel shares among them
 * (SO_REUSEPORT). Each has admin ports of its own, counted up from the configured ones. What keeps its data in one folder is
 * for one process: a relay is then refused, and a file server or push proxy runs once, in a process beside the relay's, as the directory bot always does.
 */
import { join } from 'node:path';
import type { Service } from '@polyplex/nest';
import { hasRepeats, statisticsFolder } from '@polyplex/node';
import type { Logger } from '@polyplex/telemetry';
import { CliError } from '../report-failure.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { ADMIN_SECTIONS, listed, onlySettings, runsBot, SERVER_NAMES, type ServerName, serversOf } from '../settings/servers.ts';
import { Worker } from './worker.ts';

export const MAX_WORKERS = 64;
const MAX_PORT = 65_535;

export interface WorkersOptions {
  readonly count: number;
  /** What `start` was given besides `--workers` and `--only`. */
  readonly flags: readonly string[];
  readonly log: Logger;
}

export interface Workers extends Service {
  /** Of each server's nodes; 0 for any free one. */
  readonly adminPorts: Readonly<Record<ServerName, readonly number[]>>;
}

/** How many nodes of each server are to run. */
type Counts = Readonly<Record<ServerName, number>>;

/** What sharing its ports and its store between workers needs of a server. */
interface WorkerFacts {
  /** Whether its engine is one for many nodes. */
  isShared(config: PolyplexConfig): boolean;
  ports(config: PolyplexConfig): readonly (number | null)[];
  readonly listen: 'listen' | 'xftpListen' | 'ntfListen';
  /** What to set, where it is the only server. */
  readonly advice: string;
}

const FACTS: Readonly<Record<ServerName, WorkerFacts>> = {
  smp: {
    isShared: ({ storage }) => storage.engine === 'redis',
    ports: ({ listen }) => [...listen.ports, listen.sharedPort, listen.webSocketPort],
    listen: 'listen',
    advice: 'set storage.engine=redis and redis.urls (a Redis on this machine will do)',
  },
  xftp: {
    isShared: ({ xftpStorage }) => xftpStorage.engine === 'redis-s3',
    ports: ({ xftpListen }) => xftpListen.ports,
    listen: 'xftpListen',
    advice: 'set xftpStorage.engine=redis-s3, redis.urls and section s3',
  },
  ntf: {
    isShared: ({ ntfStorage }) => ntfStorage.engine === 'redis',
    ports: ({ ntfListen }) => ntfListen.ports,
    listen: 'ntfListen',
    advice: 'set ntfStorage.engine=redis and redis.urls',
  },
};

/** The first server runs in every worker; of the others, one whose engine is for one process runs in one of its own. */
function countsOf(config: PolyplexConfig, count: number): Counts {
  const on = serversOf(config);
  const of = (name: ServerName): number => (!on.includes(name) ? 0 : name === on[0] || FACTS[name].isShared(config) ? count : 1);
  return { smp: of('smp'), xftp: of('xftp'), ntf: of('ntf') };
}

function portsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (first === 0 ? 0 : first + i));
}

/** Of each server's nodes. */
function adminPortsOf(config: PolyplexConfig, counts: Counts): Workers['adminPorts'] {
  const of = (name: ServerName): number[] => portsFrom(config[ADMIN_SECTIONS[name]].port, counts[name]);
  return { smp: of('smp'), xftp: of('xftp'), ntf: of('ntf') };
}

/** Throws `CliError` USAGE where the configuration cannot serve several. */
function checkConfig(config: PolyplexConfig, counts: Counts): void {
  const problem = engineProblem(config) ?? portProblem(config, counts);
  if (problem !== null) throw new CliError('USAGE', problem);
}

function engineProblem(config: PolyplexConfig): string | null {
  const [first] = serversOf(config);
  return first === undefined || FACTS[first].isShared(config) ? null : `several workers need a store that they share: ${FACTS[first].advice}`;
}

function portProblem(config: PolyplexConfig, counts: Counts): string | null {
  const on = SERVER_NAMES.filter((name) => counts[name] > 0);
  const unshared = on.find((name) => (name === 'smp' || counts[name] > 1) && FACTS[name].ports(config).includes(0));
  if (unshared !== undefined) return `several workers need a port that they share: give fixed ones instead of 0 in section ${FACTS[unshared].listen}`;
  const adminPorts = adminPortsOf(config, counts);
  const beyond = on.find((name) => adminPorts[name].some((port) => port > MAX_PORT));
  if (beyond !== undefined) return `${ADMIN_SECTIONS[beyond]}.port leaves no ${String(counts[beyond])} ports above it: give a lower one`;
  if (hasRepeats(on.flatMap((name) => [...FACTS[name].ports(config), ...adminPorts[name]]))) {
    return `admin ports are counted up from ${listed(on.map((name) => `${ADMIN_SECTIONS[name]}.port`))}, one for each worker, and meet another port: give others`;
  }
  return null;
}

/** Starts all; when one cannot start, ends the others and rejects. */
export async function startWorkers(config: PolyplexConfig, { count, flags, log }: WorkersOptions): Promise<Workers> {
  const counts = countsOf(config, count);
  checkConfig(config, counts);
  const adminPorts = adminPortsOf(config, counts);
  const all = [...processes(counts, adminPorts), ...(runsBot(config) ? [onlySettings('bot')] : [])];
  const workers = all.map((settings, i) => new Worker(i + 1, argsOf(flags, [...settings, ...nodeNames(config, i), ...statisticsOf(config, i)]), log));
  const stop = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()));
  };
  try {
    await Promise.all(workers.map((worker) => worker.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    adminPorts,
    stop,
    reload: async () => {
      for (const worker of workers) worker.signal('SIGHUP');
      return Promise.resolve();
    },
  };
}

/** Settings of each process: servers of as many nodes as there are workers run together. */
function processes(counts: Counts, adminPorts: Workers['adminPorts']): string[][] {
  const most = Math.max(...Object.values(counts));
  const groups = Map.groupBy(SERVER_NAMES.filter((name) => counts[name] > 0), (name) => counts[name]);
  return [...groups].toSorted(([a], [b]) => b - a).flatMap(([count, names]) => {
    // Beside workers, those of one node each have a process of their own.
    const together = count < most ? names.map((name) => [name]) : [names];
    return together.flatMap((each) => Array.from({ length: count }, (_, i) => [...whichServers(each), ...each.flatMap((name) => ofNode(name, adminPorts[name][i] ?? 0, count > 1))]));
  });
}

function ofNode(name: ServerName, adminPort: number, isShared: boolean): string[] {
  return [`${ADMIN_SECTIONS[name]}.port=${String(adminPort)}`, ...(isShared || name === 'smp' ? [`${FACTS[name].listen}.reusePort=true`] : [])];
}

function whichServers(names: readonly ServerName[]): string[] {
  const others = names.filter((name) => name !== 'ntf');
  if (others.length === 0) return onlySettings('ntf');
  return [`servers.run=${others.length > 1 ? 'all' : (others[0] ?? 'smp')}`, `servers.push=${names.includes('ntf') ? 'on' : 'off'}`, 'servers.bot=off'];
}

/** A name of its own for each worker, where the operator gave one; without one each has a port of its own in its name. */
function nodeNames({ admin, xftpAdmin, ntfAdmin }: PolyplexConfig, i: number): string[] {
  return Object.entries({ admin, xftpAdmin, ntfAdmin }).flatMap(([section, { nodeName }]) => (nodeName === null ? [] : [`${section}.nodeName=${nodeName}-${String(i + 1)}`]));
}

/** Files of statistics have one writer. */
function statisticsOf(config: PolyplexConfig, i: number): string[] {
  return config.statistics.daily ? [`statistics.folder=${join(statisticsFolder(config), `worker-${String(i + 1)}`)}`] : [];
}

function argsOf(flags: readonly string[], settings: readonly string[]): string[] {
  return ['start', ...flags, '--no-qr', '--no-password', ...settings.flatMap((setting) => ['--set', setting])];
}
