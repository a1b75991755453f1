/** A server in a process of its own, with its CPU time and memory as the kernel counts them (Linux). */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ServerAddress } from '@polyplex/protocol-common';

/** USER_HZ: what `/proc` counts CPU time in on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface ServerProcess {
  readonly address: ServerAddress;
  /** CPU time so far, microseconds, all threads; a tick is 10 000. */
  cpuMicros(): number;
  /** Resident memory in bytes. */
  residentBytes(): number;
  /** Collects garbage, so that memory counts what is held. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

function fieldsOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function residentOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line?.[1] ?? 0) * 1024;
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (value) => resolve(value as T));
    child.once('exit', (code) => reject(new Error(`the server process ended with ${code}`)));
  });
}

/** The heap as `npm start` begins with it, and a way to collect garbage. */
const NODE_FLAGS = ['--initial-heap-size=256', '--expose-gc'];

/** Starts `bench/servers/<name>.ts`; it tells its address when it listens. */
export async function startServer(name: string, ...args: readonly string[]): Promise<ServerProcess> {
  const path = fileURLToPath(new URL(`../servers/${name}.ts`, import.meta.url));
  const child = fork(path, args, { execArgv: NODE_FLAGS, serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { port, fingerprint } = await message<{ port: number; fingerprint: Uint8Array }>(child);
  const pid = child.pid!;
  return {
    address: { hosts: ['127.0.0.1'], port: String(port), keyHash: fingerprint },
    cpuMicros() {
      const fields = fieldsOf(pid);
      return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND;
    },
    residentBytes: () => residentOf(pid),
    async settle() {
      const settled = message(child);
      child.send('settle');
      await settled;
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.send('stop');
      await ended;
    },
  };
}
