/**
 * The cluster of deploy/compose without a container engine: each service of compose.yaml in namespaces of its own, at the address
 * that the file gives it, from the programs of this machine. Shows that the file holds together; for root, on Linux.
 *
 *   node tools/compose-up.ts [--folder FOLDER] [--profile NAME…] [--env NAME=VALUE…]
 *
 * Lines on the standard input: `restart SERVICE`; its end, or a signal, stops all. Lines on the standard output are JSON.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { readCompose } from './compose/compose-file.ts';
import { firstChild } from './compose/first-child.ts';
import { addressOf, World } from './compose/world.ts';
import { workspaceRoot } from './workspaces.ts';

const { values } = parseArgs({ options: { folder: { type: 'string' }, profile: { type: 'string', multiple: true, default: [] }, env: { type: 'string', multiple: true, default: [] }, inside: { type: 'boolean', default: false } } });

function tell(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The same again in a network, with mounts and processes of its own, all of which are gone with it. */
async function enter(): Promise<void> {
  const args = ['--net', '--mount', '--pid', '--mount-proc', '--fork', '--kill-child', process.execPath, ...process.execArgv, ...process.argv.slice(1), '--inside'];
  const child = spawn('unshare', args, { stdio: 'inherit' });
  child.once('exit', (code, signal) => process.exit(signal === null ? code : 1));
  const pid = await firstChild(child);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.kill(pid, signal));
  // Others enter its network by that: nsenter --target PID --net.
  tell({ state: 'entered', pid });
}

async function up(): Promise<void> {
  const folder = resolve(values.folder ?? mkdtempSync(join(tmpdir(), 'polyplex-compose-')));
  const place = join(folder, 'deploy');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  // The passwords are made beside the file.
  cpSync(join(workspaceRoot, 'deploy'), place, { recursive: true });
  execFileSync(join(place, 'compose/secrets.sh'));
  const path = join(place, 'compose/compose.yaml');
  const balancer = addressOf((await readCompose(path)).services['balancer']!)!;
  const variables = Object.fromEntries(values.env.map((each) => each.split('=', 2) as [string, string]));
  const world = new World(await readCompose(path, { profiles: values.profile, environment: { POLYPLEX_HOST: balancer, ...variables } }), folder);
  try {
    await world.up();
    const [relay, files] = await Promise.all([world.prints('relay-1', ['polyplex', 'address', '--only', 'smp']), world.prints('files', ['polyplex', 'address', '--only', 'xftp'])]);
    tell({ state: 'up', folder, relay: relay.trim(), files: files.trim() });
    await obey(world);
  } finally {
    await world.down();
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function obey(world: World): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => lines.close());
  for await (const line of lines) {
    const [, name = ''] = /^restart (\S+)$/.exec(line) ?? [];
    if (name === '') tell({ state: 'unknown', line });
    else tell({ state: 'restarted', name, ...(await world.restart(name)) });
  }
}

if (values.inside) await up();
else await enter();
