/** One node of several on this machine: a process of its own that runs `start` and is started again when it ends by itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { SECOND } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';

const FIRST_PAUSE_MS = SECOND;
const LONGEST_PAUSE_MS = 30 * SECOND;
/** A worker that ran for so long was well. */
const WELL_AFTER_MS = 60 * SECOND;
const READY = 'Ready.';

export class Worker {
  private readonly number: number;
  private readonly args: readonly string[];
  private readonly log: Logger;
  private child: ChildProcess | null = null;
  private pauseMs = FIRST_PAUSE_MS;
  private timer: NodeJS.Timeout | null = null;
  private stopping = false;
  restarts = 0;

  constructor(number: number, args: readonly string[], log: Logger) {
    this.number = number;
    this.args = args;
    this.log = log;
  }

  /** Resolves when it serves; rejects with its exit code when it ends before. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = this.launch();
      child.once('exit', (code) => reject(new WorkerEnded(code ?? 1)));
      ready(child).then(() => {
        child.removeAllListeners('exit');
        this.watch(child, performance.now());
        resolve();
      }, reject);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Drains it; resolves when its process has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.timer !== null) clearTimeout(this.timer);
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  private launch(): ChildProcess {
    // The channel is for one word alone: that it broke, which tells a worker that this process is gone.
    // Options of Node itself, such as the size of the heap, are for the workers too.
    const args = [...process.execArgv, process.argv[1]!, ...this.args];
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    return this.child;
  }

  private watch(child: ChildProcess, startedAt: number): void {
    child.once('exit', (code, signal) => {
      if (this.stopping) return;
      if (performance.now() - startedAt > WELL_AFTER_MS) this.pauseMs = FIRST_PAUSE_MS;
      this.log.error('a worker ended and is started again', { worker: this.number, code: code ?? String(signal), afterSeconds: this.pauseMs / SECOND });
      this.timer = setTimeout(() => this.again(), this.pauseMs);
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    });
    if (child.exitCode !== null || child.signalCode !== null) child.emit('exit', child.exitCode, child.signalCode);
  }

  private again(): void {
    this.restarts++;
    const child = this.launch();
    child.stdout!.resume();
    this.watch(child, performance.now());
  }
}

/** The process of a worker ended before it served. */
export class WorkerEnded extends Error {
  override readonly name = 'WorkerEnded';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('a worker did not start: see what it wrote above');
    this.exitCode = exitCode;
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      if (text === READY) return;
      text += chunk.toString();
      if (!text.includes(READY)) return;
      text = READY;
      resolve();
    });
  });
}
