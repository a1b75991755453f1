/** Prometheus as a local process with a configuration of the caller's: scrapes, records, and is asked in PromQL. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Daemon, logTail, startDaemon } from './daemon.ts';
import { LocalClusterError } from './errors.ts';
import { findProgram } from './find-program.ts';
import { freePort, isPortFree, releasePort } from './free-port.ts';
import { openFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

export interface PrometheusOptions {
  /** The text of its configuration; paths in it are absolute. */
  readonly config: string;
  /** Whether others may write into it, at `api/v1/write`; default false. */
  readonly remoteWrite?: boolean;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN and infinities included. */
  readonly value: number;
}

export interface Prometheus {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  log(): string;
  /** The `data` of an answer of its HTTP API, such as `alerts` or `query?query=up`; rejects with STATE and what it says. */
  api(path: string): Promise<unknown>;
  /** The samples of an expression now, for one that answers a vector. */
  query(expr: string): Promise<readonly Sample[]>;
  /** Ends the process and removes its data; may be called again. */
  stop(): Promise<void>;
}

/** Resolves when it is ready to be asked. Rejects with PROGRAM, or START and what it said. */
export async function startPrometheus({ config, remoteWrite = false }: PrometheusOptions): Promise<Prometheus> {
  const program = findProgram('prometheus');
  await using parts = new AsyncDisposableStack();
  const port = await freePort();
  parts.defer(() => releasePort(port));
  if (!(await isPortFree(port))) throw new LocalClusterError('PORT', `port ${port} is in use by another program`);
  const folder = await openFolder(undefined, 'prometheus');
  parts.defer(() => folder.remove());
  const configFile = join(folder.path, 'prometheus.yaml');
  await writeFile(configFile, config, { mode: 0o600 });
  const args = [`--config.file=${configFile}`, `--storage.tsdb.path=${join(folder.path, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn', ...(remoteWrite ? ['--web.enable-remote-write-receiver'] : [])];
  const daemon = await startDaemon({ program, args, logFile: join(folder.path, 'prometheus.log') });
  parts.defer(async () => void (await daemon.end('SIGKILL')));
  const url = `http://127.0.0.1:${port}`;
  await waitUntil('starting Prometheus', () => isReady(daemon, url));
  const kept = parts.move();
  const api = (path: string): Promise<unknown> => ask(`${url}/api/v1/${path}`);
  return {
    url, api,
    log: () => daemon.output(),
    query: async (expr) => samplesOf(await api(`query?${new URLSearchParams({ query: expr }).toString()}`)),
    stop: () => kept.disposeAsync(),
  };
}

async function isReady(daemon: Daemon, url: string): Promise<true | undefined> {
  if (!daemon.isRunning()) throw new LocalClusterError('START', `Prometheus did not start: ${logTail(daemon.output())}`);
  const answer = await fetch(`${url}/-/ready`).catch(() => null);
  return answer?.ok === true ? true : undefined;
}

interface Answer {
  readonly status: 'success' | 'error';
  readonly data?: unknown;
  readonly error?: string;
}

async function ask(url: string): Promise<unknown> {
  const answer = (await (await fetch(url)).json()) as Answer;
  if (answer.status !== 'success') throw new LocalClusterError('STATE', `Prometheus, ${decodeURIComponent(url)}: ${answer.error ?? 'no reason'}`);
  return answer.data;
}

interface Vector {
  readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [time: number, value: string] }[];
}

function samplesOf(data: unknown): readonly Sample[] {
  const { result } = data as Vector;
  return result.map(({ metric, value: [, text] }) => ({ labels: metric, value: text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text) }));
}
