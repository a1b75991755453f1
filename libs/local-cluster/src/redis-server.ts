/** One Redis (or Valkey) server as a local process that can be killed, stopped, started again and asked. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorText } from '@polyplex/base';
import { type Daemon, logTail, startDaemon } from './daemon.ts';
import { LocalClusterError } from './errors.ts';
import { findProgram } from './find-program.ts';
import { freePort, isPortFree, releasePort } from './free-port.ts';
import { createRedisControl, type RedisControl } from './redis-control.ts';
import { redisConfig } from './redis-settings.ts';
import { openFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

const START_TIMEOUT_MS = 30_000;
const PORT_TRIES = 5;
const NO_ACCESS = /^(NOAUTH|WRONGPASS|NOPERM)/;
const PORT_TAKEN = /Address already in use|Failed listening on port|bind: /;

export interface RedisOptions {
  /** Path or name of the server; default `redis-server`. */
  readonly binary?: string;
  /** Lines of redis.conf, which override the defaults of `redisConfig`. */
  readonly config?: readonly string[];
  readonly password?: string;
  /** Default a free one. */
  readonly port?: number;
  /** Where the data stays; default a temporary folder that goes with `stop`. */
  readonly folder?: string;
}

export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:PORT`, without the password. */
  readonly url: string;
  readonly folder: string;
  /** Of the process that runs, or of the last one. */
  readonly pid: number;
  readonly isRunning: boolean;
  /** What the present process has logged. */
  log(): string;
  /** Ends the process (default SIGKILL) and waits until it is gone; data, port and folder stay. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again with its data on its port, ending it by SIGTERM first where it runs; resolves when it answers. */
  restart(): Promise<void>;
  /** Stands still: connections stay open and nothing is answered. */
  pause(): void;
  resume(): void;
  command: RedisControl['command'];
  bytes: RedisControl['bytes'];
  configSet(name: string, value: string | number): Promise<void>;
  /** What `redis-cli` prints for the arguments. */
  cli(...args: readonly string[]): Promise<string>;
  /** Ends the process and removes its temporary folder; may be called again. */
  stop(): Promise<void>;
}

/** Rejects with PROGRAM, PORT (a given one is taken) or START. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      const again = error instanceof LocalClusterError && error.code === 'PORT' && options.port === undefined;
      if (!again || tries === PORT_TRIES) throw error;
    }
  }
}

async function startOnce(options: RedisOptions): Promise<RedisServer> {
  const program = findProgram(options.binary ?? 'redis-server');
  await using parts = new AsyncDisposableStack();
  const port = options.port ?? (await freePort());
  parts.defer(() => releasePort(port));
  // Asked at once: otherwise the other program would be taken for a Redis that is still loading.
  if (!(await isPortFree(port))) throw portTaken(port);
  const folder = await openFolder(options.folder, 'redis');
  parts.defer(() => folder.remove());
  const configFile = join(folder.path, 'redis.conf');
  const { password, config = [] } = options;
  writeFileSync(configFile, redisConfig({ port, folder: folder.path, password, config }), { mode: 0o600 });
  const control = createRedisControl(port, password);
  parts.defer(() => control.close());
  const launch = () => startDaemon({ program, args: [configFile], logFile: join(folder.path, 'redis.log'), cwd: folder.path });
  const daemon = await launch();
  parts.defer(async () => void (await daemon.end('SIGKILL')));
  await answers(daemon, control, port);
  return serverOf({ port, folder: folder.path, password, isKept: options.folder !== undefined, control, daemon, launch, parts: parts.move() });
}

function portTaken(port: number): LocalClusterError {
  return new LocalClusterError('PORT', `port ${port}, or the cluster's port that belongs to it, is in use by another program`);
}

/** A refused password is final, an error like `LOADING` is not. */
async function ping(control: RedisControl): Promise<unknown> {
  try {
    return await control.command('PING');
  } catch (error) {
    if (!NO_ACCESS.test(errorText(error))) throw error;
    throw new LocalClusterError('STATE', 'Redis wants another password; give it by the option `password`, not by a line of its configuration', { cause: error });
  }
}

/** Resolves when the server has loaded its data and answers. */
async function answers(daemon: Daemon, control: RedisControl, port: number): Promise<void> {
  await waitUntil('starting Redis', async () => {
    if (!daemon.isRunning()) {
      const output = daemon.output();
      if (PORT_TAKEN.test(output)) throw portTaken(port);
      throw new LocalClusterError('START', `Redis did not start: ${logTail(output)}`);
    }
    return (await ping(control)) === 'PONG' ? true : undefined;
  }, { timeoutMs: START_TIMEOUT_MS, intervalMs: 10 });
}

interface Parts {
  readonly port: number;
  readonly folder: string;
  readonly password: string | undefined;
  readonly isKept: boolean;
  readonly control: RedisControl;
  readonly daemon: Daemon;
  readonly launch: () => Promise<Daemon>;
  readonly parts: AsyncDisposableStack;
}

function serverOf({ port, folder, password, isKept, control, daemon: first, launch, parts }: Parts): RedisServer {
  let daemon = first;
  async function end(signal: NodeJS.Signals): Promise<void> {
    await daemon.end(signal);
    control.close();
  }
  return {
    port, folder,
    url: `redis://127.0.0.1:${port}`,
    get pid() { return daemon.pid; },
    get isRunning() { return daemon.isRunning(); },
    log: () => daemon.output(),
    kill: (signal = 'SIGKILL') => end(signal),
    async restart() {
      if (parts.disposed) throw new LocalClusterError('STATE', 'this Redis was stopped for good; start another');
      await end('SIGTERM');
      daemon = await launch();
      await answers(daemon, control, port);
    },
    pause: () => daemon.signal('SIGSTOP'),
    resume: () => daemon.signal('SIGCONT'),
    command: (...args) => control.command(...args),
    bytes: (...args) => control.bytes(...args),
    configSet: async (name, value) => void (await control.command('CONFIG', 'SET', name, value)),
    async cli(...args) {
      const access = ['-h', '127.0.0.1', '-p', String(port), ...(password === undefined ? [] : ['--no-auth-warning', '-a', password])];
      const { stdout } = await promisify(execFile)(findProgram('redis-cli'), [...access, ...args], { timeout: START_TIMEOUT_MS });
      return stdout.trimEnd();
    },
    async stop() {
      // What is kept is left in order; the rest need not be.
      await daemon.end(isKept ? 'SIGTERM' : 'SIGKILL');
      await parts.disposeAsync();
    },
  };
}
