/** A program as process of its own: in a session of its own, its output in a file, killed when this process is gone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { LocalClusterError } from './errors.ts';
import { forgetProcess, guardProcess } from './watchdog.ts';
import { within } from './wait-until.ts';

const LOG_TAIL_CHARACTERS = 2000;

export interface Ended {
  /** Null when a signal killed it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DaemonOptions {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** Output is appended here. */
  readonly logFile: string;
  readonly cwd?: string;
}

export interface Daemon {
  readonly pid: number;
  readonly isRunning: () => boolean;
  /** What it has written since it started. */
  readonly output: () => string;
  /** Does nothing when it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal, and SIGKILL when that has not ended it after `graceMs`; answers how it ended. */
  end(signal: NodeJS.Signals, graceMs?: number): Promise<Ended>;
}

/** Rejects with PROGRAM when the program cannot be run; what it says then is for the caller to see. */
export async function startDaemon({ program, args, logFile, cwd }: DaemonOptions): Promise<Daemon> {
  const log = openSync(logFile, 'a', 0o600);
  const start = statSync(logFile).size;
  let child: ChildProcess;
  try {
    child = spawn(program, args, { stdio: ['ignore', log, log], detached: true, ...(cwd === undefined ? {} : { cwd }) });
  } finally {
    closeSync(log);
  }
  const { pid } = child;
  if (pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw new LocalClusterError('PROGRAM', `${program} cannot be run: ${error.message}`, { cause: error });
  }
  guardProcess(pid);
  // Whoever forgets to stop it must be able to end; the watchdog does the rest.
  child.unref();
  child.once('exit', () => forgetProcess(pid));
  return daemonOf(child, pid, () => readFileSync(logFile).subarray(start).toString());
}

function daemonOf(child: ChildProcess, pid: number, output: () => string): Daemon {
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const ended = async (): Promise<Ended> => {
    child.ref();
    if (isRunning()) await once(child, 'exit');
    return { code: child.exitCode, signal: child.signalCode };
  };
  const signal = (name: NodeJS.Signals): void => {
    if (isRunning()) child.kill(name);
  };
  return {
    pid, isRunning, output, signal,
    async end(name, graceMs = 10_000) {
      signal(name);
      // A stopped process gets no other signal until it goes on.
      if (name !== 'SIGKILL') signal('SIGCONT');
      return within(`ending process ${pid}`, ended(), graceMs).catch(() => {
        signal('SIGKILL');
        return ended();
      });
    },
  };
}

/** The end of a log as the end of a message. */
export function logTail(output: string): string {
  const text = output.trim();
  return text === '' ? 'it wrote nothing' : text.slice(-LOG_TAIL_CHARACTERS);
}
