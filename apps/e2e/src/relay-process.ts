/** The relay as users run it: the built `polyplex start` in a folder and a process of its own, on free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { collected, collectFiles, collectPages } from '@polyplex/local-cluster';

const PROGRAM = fileURLToPath(new URL('../../../dist/polyplex.mjs', import.meta.url));
const START_TIMEOUT_MS = 30_000;

export interface RelayProcess {
  /** What `start` printed as its address, password included. */
  readonly address: string;
  readonly adminUrl: string;
  readonly pid: number;
  readonly output: () => string;
  /** Sends a signal and waits for the end; answers with the exit code, null when the signal killed it. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null>;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The relay alone, on free ports. */
const TEST_SETTINGS = ['servers.run=smp', 'listen.host=127.0.0.1', 'listen.ports=0', 'admin.port=0', 'shutdown.drainTimeout=1s'];

function flags(settings: readonly string[]): string[] {
  return [...TEST_SETTINGS, ...settings].flatMap((setting) => ['--set', setting]);
}

function launch(args: readonly string[]): { child: ChildProcess; stdout: () => string; stderr: () => string } {
  if (!existsSync(PROGRAM)) throw new Error('the program is not built: run `npm run build` first');
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  return { child, stdout: () => stdout, stderr: () => stderr };
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once('close', (code) => resolve(code));
  });
}

/** Runs any command of the program to its end. */
export async function polyplex(...args: readonly string[]): Promise<Finished> {
  const { child, stdout, stderr } = launch(args);
  const code = await ended(child);
  collected(`${args[0] ?? ''}.out`, stdout() + stderr());
  return { code, stdout: stdout(), stderr: stderr() };
}

/** Starts the relay of a folder, making it on the first start; resolves when it is ready. */
export async function startRelay(folder: string, ...settings: readonly string[]): Promise<RelayProcess> {
  const { child, stdout, stderr } = launch([
    'start', '--no-qr', '--password', '--config-dir', `${folder}/config`, ...flags([`storage.dataDir=${folder}/data`, ...settings]),
  ]);
  const output = (): string => stdout() + stderr();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => fail('was not ready in time'), START_TIMEOUT_MS);
    const fail = (what: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`the relay ${what}:\n${output()}`));
    };
    child.once('exit', () => fail('ended'));
    child.stdout!.on('data', () => {
      if (!stdout().includes('Ready.')) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve();
    });
  });
  const adminUrl = /http:\/\/\S+/.exec(stdout())![0];
  return {
    address: /smp:\/\/\S+/.exec(stdout())![0],
    adminUrl,
    pid: child.pid!,
    output,
    async end(signal) {
      if (signal !== 'SIGKILL') await collectPages(adminUrl);
      child.kill(signal);
      const code = await ended(child);
      collected('relay.log', output());
      collectFiles(`${folder}/data`);
      return code;
    },
  };
}
