/**
 * The compose file of the cluster, its services in namespaces of this machine: it comes up, carries the smoke profile, and takes a
 * new version of every relay under load without losing a message.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@polyplex/local-cluster';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workspaceRoot } from '../workspaces.ts';

const PROGRAM = join(workspaceRoot, 'dist/polyplex.mjs');

interface Line {
  readonly state: string;
  readonly pid?: number;
  readonly relay?: string;
  readonly files?: string;
  readonly name?: string;
  readonly code?: number | null;
}

let folder: string;
let world: ChildProcess;
let output = '';

function lines(state: string): Line[] {
  const whole = output.slice(0, output.lastIndexOf('\n') + 1).split('\n').filter((line) => line.startsWith('{'));
  return whole.map((line) => JSON.parse(line) as Line).filter((line) => line.state === state);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'polyplex-compose-'));
  world = spawn(process.execPath, [join(workspaceRoot, 'tools/compose-up.ts'), '--folder', join(folder, 'world'), '--profile', 'push', '--env', 'RELAY_DRAIN=4s'], { stdio: ['pipe', 'pipe', 'pipe'] });
  for (const stream of [world.stdout!, world.stderr!]) stream.on('data', (text: Buffer) => (output += text.toString()));
  await waitUntil('the services', async () => {
    if (world.exitCode !== null) throw new Error(output);
    return lines('up').length > 0 ? true : undefined;
  }, { timeoutMs: 180_000 });
}, 200_000);
afterAll(async () => {
  await end();
  rmSync(folder, { recursive: true, force: true });
}, 90_000);

async function end(): Promise<void> {
  world.kill('SIGTERM');
  await waitUntil('its end', async () => (world.exitCode !== null || world.signalCode !== null ? true : undefined), { timeoutMs: 60_000 }).catch(() => world.kill('SIGKILL'));
}

/** Command lines of processes that name the folder, as the script does with which each service is started. */
function runningOf(place: string): string[] {
  const commands = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return ''; // it has ended meanwhile
    }
  });
  return commands.filter((command) => command.includes(place));
}

/** A script in the network of the services. */
function inside(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<{ readonly code: number | null; readonly output: string }> } {
  const child = spawn('nsenter', ['--target', String(lines('entered')[0]!.pid), '--net', process.execPath, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
  return { child, ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, output: text }))) };
}

test('relay and file server work through the balancer', async () => {
  const { relay, files } = lines('up')[0]!;
  const { code, output: text } = await inside(PROGRAM, 'check', relay!, files!).ended;
  expect({ code, text }).toMatchObject({ code: 0 });
});

test('the smoke profile loses nothing', async () => {
  const out = join(folder, 'smoke');
  const { output: text } = await inside(PROGRAM, 'loadtest', '--target', lines('up')[0]!.relay!, '--duration', '10s', '--delivery-p99', '60s', '--out', out).ended;
  const { totals } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as { readonly totals: { readonly sent: number; readonly lost: number } };
  expect({ text, ...totals }).toMatchObject({ lost: 0 });
  expect(totals.sent).toBeGreaterThan(0);
});

test('relays are replaced one after another under load, and no message is lost', async () => {
  const { child, ended } = inside(join(workspaceRoot, 'tools/compose/carry.ts'), lines('up')[0]!.relay!);
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  const relays = ['relay-1', 'relay-2', 'relay-3'];
  for (const relay of relays) world.stdin!.write(`restart ${relay}\n`);
  await waitUntil('the last relay', async () => (lines('restarted').length === relays.length ? true : undefined), { timeoutMs: 180_000 });
  child.stdin!.end();
  const { code, output: text } = await ended;
  expect({ code, text }).toMatchObject({ code: 0 });
  expect(lines('restarted')).toEqual(relays.map((name) => ({ state: 'restarted', name, code: 0, signal: null })));
  const { accepted, missing } = JSON.parse(text.trimEnd().split('\n').at(-1)!) as { readonly accepted: number; readonly missing: number };
  expect(missing).toBe(0);
  expect(accepted).toBeGreaterThan(50);
});

test('nothing of it goes on when it has ended', async () => {
  expect(runningOf(folder).length).toBeGreaterThan(0);
  await end();
  expect(runningOf(folder)).toEqual([]);
}, 90_000);
