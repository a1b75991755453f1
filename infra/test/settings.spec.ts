/** Settings that the stack writes for servers, judged by the program itself: `polyplex config check`, and a relay that starts from them. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { kubernetesParts } from '../src/kubernetes/stack.ts';
import { bundle } from '../src/machines/apply.ts';
import { filesOf } from '../src/machines/files.ts';
import { planMachines } from '../src/machines/plan.ts';
import { fillIn } from '../src/secrets/names.ts';
import { unitsOf } from '../src/settings/units.ts';
import { everySecret, KUBERNETES_EXAMPLES, MACHINE_EXAMPLES, makeConfigFolder, onKubernetes, onMachines, PROGRAM } from './support.ts';

const run = promisify(execFile);
let source: string;
let secrets: Awaited<ReturnType<typeof everySecret>>;
beforeAll(async () => {
  source = await makeConfigFolder();
  secrets = await everySecret(source);
});
afterAll(() => rm(dirname(source), { recursive: true, force: true }));

async function put(folder: string, path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content, { mode: 0o600 });
}

/** What a pod finds under /config. */
async function podFolder(name: string, unitName: string): Promise<string> {
  const stack = onKubernetes(name);
  const folder = await mkdtemp(join(dirname(source), `${name}-${unitName}-`));
  const unit = unitsOf(stack).find((one) => one.name === unitName)!;
  const settings = kubernetesParts(stack).flatMap(({ manifests }) => manifests).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === unitName) as { data: Record<string, string> };
  await put(folder, 'polyplex.yaml', settings.data['polyplex.yaml']!);
  for (const [path, file] of Object.entries(unit.folder)) await put(folder, path, fillIn(file, secrets[file.secret]));
  return folder;
}

const servers = KUBERNETES_EXAMPLES.flatMap((name) => unitsOf(onKubernetes(name)).map((unit) => [name, unit.name] as const));

test.each(servers)('of %s for %s on Kubernetes are accepted', async (name, unit) => {
  await run(process.execPath, [PROGRAM, 'config', 'check', '--config-dir', await podFolder(name, unit)]);
});

test('that do not exist would not be', async () => {
  const folder = await podFolder('team', 'relay');
  await put(folder, 'polyplex.yaml', `${await readFile(join(folder, 'polyplex.yaml'), 'utf8')}rely:\n  port: 1\n`);
  await expect(run(process.execPath, [PROGRAM, 'config', 'check', '--config-dir', folder])).rejects.toMatchObject({ code: 3 });
});

const machines = MACHINE_EXAMPLES.flatMap((name) => planMachines(onMachines(name)).filter(({ units, index }) => units.length > 0 && index === 0).map((machine) => [name, machine.name, machine] as const));

test.each(machines)('of %s for the machine %s are accepted', async (name, _name, machine) => {
  const folder = await mkdtemp(join(dirname(source), 'machine-'));
  const lines = bundle(filesOf(onMachines(name), machine), secrets).trim().split('\n').map((line) => line.split(' ') as [string, string, string, string]);
  for (const [path, , , content] of lines) {
    if (path.startsWith('/etc/polyplex/')) await put(folder, path.slice('/etc/polyplex/'.length), Buffer.from(content, 'base64').toString());
  }
  const environment = Object.fromEntries([...Buffer.from(lines.find(([path]) => path === '/etc/polyplex/node-a.env')?.[3] ?? '', 'base64').toString().matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]));
  await run(process.execPath, [PROGRAM, 'config', 'check', '--config-dir', folder], { env: environment });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe('the relay of `single`', () => {
  test('starts from its folder, which it may only read, is ready, and makes a backup when its job asks', async () => {
    const folder = await podFolder('single', 'relay');
    const [port, adminPort] = [await freePort(), await freePort()];
    const settings = parse(await readFile(join(folder, 'polyplex.yaml'), 'utf8')) as Record<string, Record<string, unknown>>;
    const data = join(dirname(source), 'single-data');
    const here = { ...settings, storage: { ...settings['storage'], dataDir: data }, listen: { ...settings['listen'], host: '127.0.0.1', ports: [port] }, admin: { ...settings['admin'], host: '127.0.0.1', port: adminPort } };
    await put(folder, 'polyplex.yaml', stringify(here));
    await cp(folder, `${folder}-before`, { recursive: true });
    const relay = spawn(process.execPath, [PROGRAM, 'start', '--no-qr', '--no-password'], { env: { POLYPLEX_CONFIG_DIR: folder }, stdio: 'ignore' });
    const ended = once(relay, 'exit');
    try {
      const url = `http://127.0.0.1:${adminPort}`;
      await expect.poll(async () => fetch(`${url}/readyz`).then(({ status }) => status, () => 0), { timeout: 25_000, interval: 200 }).toBe(200);
      const job = kubernetesParts(onKubernetes('single')).flatMap(({ manifests }) => manifests).find(({ kind, metadata }) => kind === 'CronJob' && metadata.name === 'backup-relay') as { spec: { jobTemplate: { spec: { template: { spec: { containers: { args: string[] }[] } } } } } };
      const args = job.spec.jobTemplate.spec.template.spec.containers[0]!.args.map((word) => word.replace(/^http:.*/, url).replace('/config/', `${folder}/`));
      const { stdout } = await run(process.execPath, [PROGRAM, ...args], { env: { POLYPLEX_CONFIG_DIR: folder } });
      expect(stdout).toMatch(/smp-\d{8}-\d{6}/);
    } finally {
      relay.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    await run('diff', ['--recursive', folder, `${folder}-before`]);
  }, 60_000);
});
