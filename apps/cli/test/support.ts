/** The command line as users run it: the built bundle, in a folder of its own and with an environment of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../../dist/polyplex.mjs', import.meta.url));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polyplex-cli-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  readonly finished: Promise<Finished>;
}

type Variables = Readonly<Record<string, string>>;

/** Starts a command in `folder`; nobody's own settings reach it. `user`: as whom, where tests run as root. */
export function launch(folder: string, args: readonly string[], variables: Variables = {}, user?: number, stdin: 'ignore' | 'pipe' = 'ignore'): Running {
  if (!existsSync(PROGRAM)) throw new Error('the program is not built: run `npm run build` first');
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...variables },
    stdio: [stdin, 'pipe', 'pipe'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (text: Buffer) => (output.stdout += text.toString()));
  child.stderr!.on('data', (text: Buffer) => (output.stderr += text.toString()));
  const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
  cleanups.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await finished;
  });
  return { child, output, finished };
}

/** Runs a command to its end. */
export function polyplex(folder: string, args: readonly string[], variables?: Variables): Promise<Finished> {
  return launch(folder, args, variables).finished;
}

/** Content by path. */
export function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'latin1')]));
}

const READY_TIMEOUT_MS = 60_000;
/** Of all servers; and no waiting, nor a disk that must be half empty. */
const TEST_SETTINGS = [
  'listen.host=127.0.0.1', 'listen.ports=0', 'admin.port=0', 'xftpListen.host=127.0.0.1', 'xftpListen.ports=0', 'xftpAdmin.port=0',
  'ntfListen.host=127.0.0.1', 'ntfListen.ports=0', 'ntfAdmin.port=0', 'ntfPushes.timeout=1s',
  'botAdmin.port=0', 'botWeb.port=0',
  'xftpStorage.reserve=0', 'xftpLimits.drainTransfers=0', 'shutdown.drainTimeout=0',
];
export const FREE_PORTS = TEST_SETTINGS.flatMap((setting) => ['--set', setting]);

/** `polyplex start` on free ports, when it says that it is ready. */
export async function startReady(folder: string, args: readonly string[] = [], variables?: Variables): Promise<Running> {
  const running = launch(folder, ['start', '--no-qr', ...FREE_PORTS, ...args], variables);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!running.output.stdout.includes('Ready.')) {
    if (running.child.exitCode !== null || Date.now() > deadline) throw new Error(`not ready: ${running.output.stdout}${running.output.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return running;
}
