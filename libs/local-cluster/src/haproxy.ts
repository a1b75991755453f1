/** HAProxy as a local process: one port in front of several relay nodes. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Daemon, logTail, startDaemon } from './daemon.ts';
import { LocalClusterError } from './errors.ts';
import { findProgram } from './find-program.ts';
import { freePort, isPortFree, releasePort } from './free-port.ts';
import { BACKEND, haproxyConfig, type HaproxySettings, serverWords } from './haproxy-config.ts';
import { openFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

/** Names are those of HAProxy: letters, digits, `-`, `_`, `.`, `:`. */
export interface Backend {
  readonly name: string;
  /** Of 127.0.0.1. */
  readonly port: number;
}

export interface HaproxyOptions {
  readonly backends: readonly Backend[];
  /** Default `random`. */
  readonly balance?: HaproxySettings['balance'];
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default a free one. */
  readonly port?: number;
  /** Whether backends are told the client's address by PROXY protocol version 2; default not. */
  readonly proxyProtocol?: boolean;
  /** Default 8000, two descriptors each. */
  readonly maxConnections?: number;
}

export interface BackendState {
  /** `maintenance`: disabled; `drain`: gets no new connections. */
  readonly state: 'up' | 'down' | 'drain' | 'maintenance';
  /** Open now. */
  readonly connections: number;
  /** Since it was added. */
  readonly total: number;
}

export interface Haproxy {
  readonly port: number;
  readonly pid: number;
  log(): string;
  states(): Promise<ReadonlyMap<string, BackendState>>;
  /** It gets connections at once, and is checked from now on. */
  add(backend: Backend): Promise<void>;
  /** Ends its connections and forgets it. */
  remove(name: string): Promise<void>;
  /** No new connections for it; those that are open stay. */
  drain(name: string): Promise<void>;
  /** Takes it out, checks included; those that are open stay. */
  disable(name: string): Promise<void>;
  enable(name: string): Promise<void>;
  /** Resolves when the backend is in that state. */
  reached(name: string, state: BackendState['state']): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when it listens; a backend counts as up until two checks of it failed, within a second. Rejects with PROGRAM, PORT or START. */
export async function startHaproxy(options: HaproxyOptions): Promise<Haproxy> {
  const program = findProgram('haproxy');
  await using parts = new AsyncDisposableStack();
  const port = options.port ?? (await freePort());
  parts.defer(() => releasePort(port));
  if (!(await isPortFree(port))) throw new LocalClusterError('PORT', `port ${port} is in use by another program`);
  const folder = await openFolder(undefined, 'haproxy');
  parts.defer(() => folder.remove());
  const [configFile, socketFile] = [join(folder.path, 'haproxy.cfg'), join(folder.path, 'haproxy.sock')];
  const { host = '127.0.0.1', balance = 'random', maxConnections = 8000 } = options;
  writeFileSync(configFile, haproxyConfig({ host, port, socketFile, balance, maxConnections }));
  const daemon = await startDaemon({ program, args: ['-db', '-f', configFile], logFile: join(folder.path, 'haproxy.log') });
  parts.defer(async () => void (await daemon.end('SIGKILL')));
  const haproxy = haproxyOf({ port, daemon, socketFile, proxyProtocol: options.proxyProtocol ?? false, parts });
  await waitUntil('starting HAProxy', async () => {
    if (!daemon.isRunning()) throw new LocalClusterError('START', `HAProxy did not start: ${logTail(daemon.output())}`);
    await haproxy.states();
    return true;
  }, { intervalMs: 10 });
  for (const backend of options.backends) await haproxy.add(backend);
  return { ...haproxy, stop: stopOf(parts.move()) };
}

function stopOf(parts: AsyncDisposableStack): () => Promise<void> {
  return () => parts.disposeAsync();
}

/** It refuses to delete a server until the last of its connections is gone. */
function again(error: LocalClusterError): undefined {
  if (!/still has connections|still.*attached/i.test(error.message)) throw error;
}

/** One command on the socket; rejects with STATE and what HAProxy answers when that is not `expected`. */
async function ask(socketFile: string, command: string, expected: RegExp | null = /^\s*$/): Promise<string> {
  const socket = connect(socketFile);
  socket.end(`${command}\n`);
  const answer = await text(socket);
  if (expected !== null && !expected.test(answer)) throw new LocalClusterError('STATE', `HAProxy, ${command}: ${answer.trim()}`);
  return answer;
}

interface Parts {
  readonly port: number;
  readonly daemon: Daemon;
  readonly socketFile: string;
  readonly proxyProtocol: boolean;
  readonly parts: AsyncDisposableStack;
}

function haproxyOf({ port, daemon, socketFile, proxyProtocol }: Parts): Omit<Haproxy, 'stop'> {
  const states = async (): Promise<Map<string, BackendState>> => parseStates(await ask(socketFile, `show stat ${BACKEND} 4 -1`, /^# /));
  const setState = async (name: string, state: string): Promise<void> => void (await ask(socketFile, `set server ${BACKEND}/${name} state ${state}`));
  let added = 0;
  return {
    port, states,
    pid: daemon.pid,
    log: () => daemon.output(),
    async add({ name, port: target }) {
      added += 1;
      await ask(socketFile, `add server ${BACKEND}/${name} ${serverWords({ id: added, port: target, proxyProtocol })}`, /^(New server registered\.)?\s*$/);
      await ask(socketFile, `enable health ${BACKEND}/${name}`);
      await setState(name, 'ready');
    },
    async remove(name) {
      await setState(name, 'maint');
      await ask(socketFile, `shutdown sessions server ${BACKEND}/${name}`);
      await waitUntil('HAProxy letting go of a backend', async () => ask(socketFile, `del server ${BACKEND}/${name}`, /deleted/).catch(again));
    },
    drain: (name) => setState(name, 'drain'),
    disable: (name) => setState(name, 'maint'),
    enable: (name) => setState(name, 'ready'),
    async reached(name, state) {
      await waitUntil(`backend ${name} being ${state}`, async () => ((await states()).get(name)?.state === state ? true : undefined));
    },
  };
}

const STATES: readonly (readonly [RegExp, BackendState['state']])[] = [
  [/^MAINT/, 'maintenance'],
  [/^DRAIN/, 'drain'],
  [/^(UP|no check)/, 'up'],
];

/** The CSV of `show stat`, whose first line names the columns. */
function parseStates(csv: string): Map<string, BackendState> {
  const [head = '', ...lines] = csv.trim().split('\n').map((line) => line.split(','));
  const column = (line: readonly string[], name: string): string => line[head.indexOf(name)] ?? '';
  return new Map(lines.map((line) => {
    const status = column(line, 'status');
    const state = STATES.find(([pattern]) => pattern.test(status))?.[1] ?? 'down';
    return [column(line, 'svname'), { state, connections: Number(column(line, 'scur')), total: Number(column(line, 'stot')) }];
  }));
}
