/** A node of a relay, of a file server or of a push proxy as operators run it: the built `polyplex start` as a process of its own, on ports it keeps. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collected, collectFiles, collectPages } from './collected-output.ts';
import { type Daemon, type Ended, logTail, startDaemon } from './daemon.ts';
import { LocalClusterError } from './errors.ts';
import { freePort, releasePort } from './free-port.ts';
import { waitUntil } from './wait-until.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/polyplex.mjs', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 30_000;

export interface ServerNodeOptions {
  /** The node's own, made when missing: its log, and data where the engine keeps any in files. Stays. */
  readonly folder: string;
  /**
   * Settings, certificates and password; default `config` in `folder`. Nodes of one address share it: the first start
   * makes what is missing, so wait for the first node before starting the next.
   */
  readonly configDir?: string;
  /** The bundle; default `dist/polyplex.mjs` of this workspace. */
  readonly program?: string;
  /** Lines `section.key=value`; the last of several for one setting counts. */
  readonly settings?: readonly string[];
  /** Default free ones. */
  readonly port?: number;
  readonly adminPort?: number;
}

export interface ServerNode {
  readonly port: number;
  /** `http://127.0.0.1:PORT/` */
  readonly adminUrl: string;
  /** `smp://…`, `xftp://…` or `ntf://…` as `start` printed it, password included. */
  readonly address: string;
  readonly pid: number;
  readonly isRunning: boolean;
  readonly logFile: string;
  /** What the present process has written. */
  log(): string;
  /** Default SIGKILL; waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<Ended>;
  /** Starts it again on its ports, ending it by SIGTERM first where it runs; resolves when it is ready. */
  restart(): Promise<void>;
  pause(): void;
  resume(): void;
  /** By SIGTERM, so that it drains; by SIGKILL after half a minute. May be called again. */
  stop(): Promise<Ended>;
}

/** What is started, and how its own settings are called. */
const KINDS = {
  smp: { name: 'relay', listen: 'listen', admin: 'admin' },
  xftp: { name: 'file server', listen: 'xftpListen', admin: 'xftpAdmin' },
  ntf: { name: 'push proxy', listen: 'ntfListen', admin: 'ntfAdmin' },
} as const;
type Kind = keyof typeof KINDS;

/** Resolves when the node is ready; rejects with PROGRAM when the bundle is not built, or START. */
export function startRelayNode(options: ServerNodeOptions): Promise<ServerNode> {
  return startNode('smp', options);
}

/** As `startRelayNode`. */
export function startFileServerNode(options: ServerNodeOptions): Promise<ServerNode> {
  return startNode('xftp', options);
}

/** As `startRelayNode`. */
export function startPushProxyNode(options: ServerNodeOptions): Promise<ServerNode> {
  return startNode('ntf', options);
}

async function startNode(kind: Kind, options: ServerNodeOptions): Promise<ServerNode> {
  const { folder, program = PROGRAM } = options;
  if (!existsSync(program)) throw new LocalClusterError('PROGRAM', `${program} is not built: run \`npm run build\` first`);
  mkdirSync(folder, { recursive: true });
  const ports = [options.port ?? (await freePort()), options.adminPort ?? (await freePort())] as const;
  const logFile = join(folder, `${kind}.log`);
  const launch = async (): Promise<Daemon> => {
    // The memory of `npm start`.
    const daemon = await startDaemon({ program: process.execPath, args: ['--initial-heap-size=256', program, ...argumentsOf(kind, options, ports)], logFile });
    await ready(KINDS[kind].name, daemon);
    return daemon;
  };
  return nodeOf(await launch(), launch, { logFile, ports, data: join(folder, 'data') });
}

function argumentsOf(kind: Kind, { folder, configDir = join(folder, 'config'), settings = [] }: ServerNodeOptions, [port, adminPort]: readonly [number, number]): string[] {
  const { listen, admin } = KINDS[kind];
  const all = [
    `${listen}.host=127.0.0.1`, `${listen}.ports=${port}`, `${admin}.port=${adminPort}`, `storage.dataDir=${join(folder, 'data')}`,
    'shutdown.drainTimeout=1s', ...settings,
  ];
  return ['start', '--only', kind, '--no-qr', '--password', '--config-dir', configDir, ...all.flatMap((setting) => ['--set', setting])];
}

async function ready(name: string, daemon: Daemon): Promise<void> {
  try {
    await waitUntil(`starting the ${name} node`, () => {
      if (!daemon.isRunning()) throw new LocalClusterError('START', `the ${name} node did not start: ${logTail(daemon.output())}`);
      return daemon.output().includes('\nReady.') ? true : undefined;
    }, { timeoutMs: START_TIMEOUT_MS });
  } catch (error) {
    await daemon.end('SIGKILL');
    throw error;
  }
}

interface Place {
  readonly logFile: string;
  readonly ports: readonly [port: number, adminPort: number];
  readonly data: string;
}

function nodeOf(first: Daemon, launch: () => Promise<Daemon>, { logFile, ports, data }: Place): ServerNode {
  let daemon = first;
  const adminUrl = `http://127.0.0.1:${ports[1]}/`;
  const end = async (signal: NodeJS.Signals, graceMs?: number): Promise<Ended> => {
    if (signal === 'SIGTERM' && daemon.isRunning()) await collectPages(adminUrl);
    const ended = await daemon.end(signal, graceMs);
    collected('node.log', daemon.output());
    collectFiles(data);
    return ended;
  };
  return {
    port: ports[0],
    adminUrl,
    address: /(?:smp|xftp|ntf):\/\/\S+/.exec(first.output())?.[0] ?? '',
    get pid() { return daemon.pid; },
    get isRunning() { return daemon.isRunning(); },
    logFile,
    log: () => daemon.output(),
    kill: (signal = 'SIGKILL') => end(signal),
    async restart() {
      await end('SIGTERM', STOP_GRACE_MS);
      daemon = await launch();
    },
    pause: () => daemon.signal('SIGSTOP'),
    resume: () => daemon.signal('SIGCONT'),
    async stop() {
      const ended = await end('SIGTERM', STOP_GRACE_MS);
      ports.forEach(releasePort);
      return ended;
    },
  };
}
