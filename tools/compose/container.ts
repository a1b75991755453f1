/** A container of one service: namespaces of its own, on the bridge of the world. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { type ContainerSpec, containerScript } from './container-script.ts';
import { firstChild } from './first-child.ts';

const run = promisify(execFile);

export const BRIDGE = 'inside';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Container {
  private readonly child: ChildProcess;
  private readonly spec: ContainerSpec;
  private readonly ending: Promise<Ended>;
  /** Of its process 1, as others see it. */
  private pid = 0;

  private constructor(spec: ContainerSpec, child: ChildProcess) {
    this.spec = spec;
    this.child = child;
    this.ending = once(child, 'exit').then(() => ({ code: child.exitCode, signal: child.signalCode }));
  }

  /** Starts it, at an address of the bridge or without a network; what it writes goes to `logFile`. */
  static async start(spec: ContainerSpec, { address, logFile }: { readonly address: string | null; readonly logFile: string }): Promise<Container> {
    mkdirSync(spec.folder, { recursive: true });
    const child = spawn('unshare', ['--mount', '--pid', '--net', '--ipc', '--uts', '--fork', 'bash', '-c', containerScript(spec)], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const container = new Container(spec, child);
    container.pid = await firstChild(child);
    if (address !== null) await joinBridge(container.pid, address);
    child.stdin.end('go\n');
    return container;
  }

  /** Runs a command inside, as its user; false when it fails. */
  async succeeds(argv: readonly string[]): Promise<boolean> {
    const { image, environment } = this.spec;
    const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
    const enter = ['--target', String(this.pid), '--mount', '--pid', '--net', '--ipc', '--uts', '--root', '--wd', '--setuid', String(image.user), '--setgid', String(image.user), '--'];
    return run('nsenter', [...enter, 'env', '-i', ...variables, ...argv]).then(() => true, () => false);
  }

  /** What it prints; rejects when it fails. */
  async prints(argv: readonly string[]): Promise<string> {
    const { environment } = this.spec;
    const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
    const { stdout } = await run('nsenter', ['--target', String(this.pid), '--mount', '--net', '--root', '--wd', '--', 'env', '-i', ...variables, ...argv]);
    return stdout;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  ended(): Promise<Ended> {
    return this.ending;
  }

  /** As an engine stops it: SIGTERM to process 1, SIGKILL after the grace. */
  async stop(graceMs: number): Promise<Ended> {
    if (this.isRunning) this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    return this.ending.finally(() => clearTimeout(timer));
  }

  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

async function joinBridge(pid: number, address: string): Promise<void> {
  const link = `v${String(pid)}`;
  const inside = (...words: string[]): Promise<unknown> => run('nsenter', ['--target', String(pid), '--net', 'ip', ...words]);
  await run('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  await run('ip', ['link', 'set', link, 'master', BRIDGE, 'up']);
  await inside('address', 'add', `${address}/24`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
}
