/** A server in a process of its own, with its CPU time and memory as the kernel counts them (Linux). */
import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import type { ServerAddress } from '@polyplex/protocol-common';
import { ask, told } from './ask-child.ts';

/** USER_HZ: what `/proc` counts CPU time in on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface ServerProcess {
  readonly address: ServerAddress;
  readonly pid: number;
  /** CPU time so far, microseconds, all threads; a tick is 10 000. */
  cpuMicros(): number;
  /** Resident memory in bytes. */
  residentBytes(): number;
  /** Of these, what is the process's own; the rest are pages of files, which the kernel takes back when it needs memory. */
  anonymousBytes(): number;
  /** Open file descriptors, sockets among them. */
  descriptors(): number;
  /** What it holds after collecting garbage. */
  held(): Promise<Held>;
  /** Collects garbage, so that memory counts what is held. */
  settle(): Promise<void>;
  /** A CPU profile of its main thread over `work`. */
  profile(work: () => Promise<void>): Promise<Profiler.Profile>;
  /** Milliseconds of each pause of its garbage collector since the last call. */
  pauses(): Promise<readonly number[]>;
  /** Asks what only this server knows, one thing after another. */
  ask<T>(question: object): Promise<T>;
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

/** What a server holds after collecting garbage, in bytes. */
export interface Held {
  readonly heap: number;
  /** Outside of the heap and known to the collector: buffers, and what they wrap. */
  readonly external: number;
  /** Sockets, timers and other handles of the event loop. */
  readonly handles: number;
}

function fieldsOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function memoryOf(pid: number, name: 'VmRSS' | 'RssAnon'): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line?.[1] ?? 0) * 1024;
}

/**
 * CPU time of any process so far, microseconds, all threads that it has: as the scheduler counts it, in nanoseconds, where there is
 * that; else in ticks of 10 ms, of which the echo's round in the gate has four.
 */
export function cpuMicrosOf(pid: number): number {
  return scheduledMicros(pid) ?? tickedMicros(pid);
}

function scheduledMicros(pid: number): number | null {
  try {
    const nanos = readdirSync(`/proc/${pid}/task`).map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]));
    return nanos.reduce((sum, each) => sum + each, 0) / 1000;
  } catch {
    return null;
  }
}

function tickedMicros(pid: number): number {
  const fields = fieldsOf(pid);
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND;
}

/** The heap as `npm start` begins with it, and a way to collect garbage. */
const NODE_FLAGS = ['--initial-heap-size=256', '--expose-gc'];

/** Starts `bench/servers/<name>.ts`; it tells its address when it listens. */
export async function startServer(name: string, ...args: readonly string[]): Promise<ServerProcess> {
  const path = fileURLToPath(new URL(`../servers/${name}.ts`, import.meta.url));
  const child = fork(path, args, { execArgv: NODE_FLAGS, serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { port, fingerprint } = await told<{ port: number; fingerprint: Uint8Array }>(child, name);
  const pid = child.pid!;
  return {
    address: { hosts: ['127.0.0.1'], port: String(port), keyHash: fingerprint },
    pid,
    cpuMicros: () => cpuMicrosOf(pid),
    residentBytes: () => memoryOf(pid, 'VmRSS'),
    anonymousBytes: () => memoryOf(pid, 'RssAnon'),
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    held: () => ask(child, name, 'held'),
    settle: () => ask(child, name, 'settle'),
    async profile(work) {
      await ask(child, name, 'profile');
      await work();
      return ask<Profiler.Profile>(child, name, 'profile');
    },
    pauses: () => ask(child, name, 'pauses'),
    ask: (question) => ask(child, name, question),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.send('stop');
      await ended;
    },
    async kill() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}
