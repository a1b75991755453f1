/** The workers of a swarm: started, looked at together, ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { CodedError, SECOND, toBase64Url } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { AddressText } from '@polyplex/protocol-common';
import type { SwarmReply, WorkerStats } from './protocol.ts';
import type { WorkerOrder } from './run-worker.ts';
import type { SeriesReply } from './series.ts';

export interface StartSwarmOptions {
  readonly address: AddressText;
  readonly files: AddressText | null;
  readonly timeoutMs: number;
  readonly workers: number;
  /** How a worker is started: a program that calls `runWorker`, and its arguments. */
  readonly program: string;
  readonly args: readonly string[];
  /** A worker has ended by itself. */
  readonly onEnd: (worker: number) => void;
}

export interface RunningSwarm {
  /** Where virtual users ask, by worker; a user belongs to one of them. They hold the token: not for logs. */
  readonly urls: readonly string[];
  readonly pids: readonly number[];
  /** By worker; null for one that does not answer. */
  stats(): Promise<readonly (WorkerStats | null)[]>;
  series(): Promise<readonly (SeriesReply | null)[]>;
  /** Everybody comes back for what waits; answers how many accepted messages never came. Null where a worker does not answer. */
  settle(): Promise<number | null>;
  /** Ends all; never rejects. */
  stop(): Promise<void>;
}

/** START: a worker did not start. */
export class SwarmStartError extends CodedError<'START'> {
  override readonly name = 'SwarmStartError';
}

const TOKEN_BYTES = 18;
const START_MS = 30 * SECOND;
const ANSWER_MS = 10 * SECOND;
/** Longer than a worker gives itself. */
const SETTLE_MS = 180 * SECOND;
const END_MS = 5 * SECOND;

interface Worker {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Rejects with `SwarmStartError`; nothing is left running then. */
export async function startSwarm(options: StartSwarmOptions): Promise<RunningSwarm> {
  const started = await Promise.allSettled(Array.from({ length: options.workers }, () => startWorker(options)));
  const workers = started.filter((each) => each.status === 'fulfilled').map(({ value }) => value);
  const failure = started.find((each) => each.status === 'rejected');
  if (failure !== undefined) {
    await Promise.all(workers.map(end));
    throw failure.reason;
  }
  let stopping = false;
  workers.forEach(({ child }, i) => child.once('exit', () => stopping || options.onEnd(i)));
  const page = <T>(name: string) => Promise.all(workers.map(({ url }) => fetched<T>(`${url}/${name}`)));
  return {
    urls: workers.map(({ url }) => url),
    pids: workers.map(({ child }) => child.pid!),
    stats: () => page<WorkerStats>('stats'),
    series: () => page<SeriesReply>('series'),
    async settle() {
      const settled = await Promise.all(workers.map(({ url }) => fetched<SwarmReply<'settle'>>(`${url}/perform`, { method: 'POST', body: '{"op":"settle"}' }, SETTLE_MS)));
      let owed = 0;
      for (const each of settled) {
        if (each === null || !each.ok) return null;
        owed += each.owed;
      }
      return owed;
    },
    async stop() {
      stopping = true;
      await Promise.all(workers.map(end));
    },
  };
}

function startWorker({ address, files, timeoutMs, program, args }: StartSwarmOptions): Promise<Worker> {
  const order: WorkerOrder = { address, files, timeoutMs, token: toBase64Url(randomBytes(TOKEN_BYTES)) };
  const child = spawn(program, [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new SwarmStartError('START', `a worker of the swarm did not start: ${why}`));
    };
    const timer = setTimeout(() => fail('it says nothing'), START_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with ${String(code)}`));
    child.once('message', ({ url }: { url: string }) => {
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve({ child, url });
    });
    child.send(order);
  });
}

async function fetched<T>(url: string, init: RequestInit = {}, timeoutMs: number = ANSWER_MS): Promise<T | null> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    return (await response.json()) as T;
  } catch {
    return null; // it may be too busy, which its parent sees by this
  }
}

/** It closes its connections when the channel breaks. */
async function end({ child }: Worker): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  if (child.connected) child.disconnect();
  await ended;
  clearTimeout(timer);
}
