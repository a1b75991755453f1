/** Machines: which there are, what is written to them, and the script that does it, run in a folder in place of a machine's root. */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '@polyplex/local-cluster';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { MachineStack } from '../src/config/schema.ts';
import { applyScript, bundle, formScript } from '../src/machines/apply.ts';
import { filesOf } from '../src/machines/files.ts';
import { type Machine, planMachines, redisServers, type Role, zoneNetwork } from '../src/machines/plan.ts';
import { userData } from '../src/machines/user-data.ts';
import { fillIn, SECRETS, secretEntry, type SecretFile, type SecretName } from '../src/secrets/names.ts';
import { MACHINE_EXAMPLES, onMachines } from './support.ts';

const run = promisify(execFile);
const secrets = Object.fromEntries((Object.keys(SECRETS) as SecretName[]).map((name) => [name, secretEntry(name).isBinary === true ? Buffer.from(`bytes-of-${name}`).toString('base64') : `value-of-${name}`])) as Record<SecretName, string>;
const machine = (stack: MachineStack, role: Role, index = 0): Machine => planMachines(stack).find((one) => one.role === role && one.index === index)!;

describe('the plan', () => {
  test('is one machine with everything where there is no Redis, and fleets with machines of their own where there is', () => {
    const roles = (name: string) => planMachines(onMachines(name)).map(({ name: own }) => own).join(' ');
    expect(roles('single-machine')).toBe('single');
    expect(roles('team-hcloud')).toBe('team-redis-0 team-redis-1 team-redis-2 team-relay-0 team-relay-1 team-relay-2 team-files-0 team-files-1 team-monitoring-0');
    expect(machine(onMachines('single-machine'), 'all')).toMatchObject({ publicPorts: [5223, 5443], hasMonitoring: true, hasTor: false });
    expect(planMachines(onMachines('team-hcloud')).flatMap(({ publicPorts }) => publicPorts)).toEqual([]);
  });

  test.each(MACHINE_EXAMPLES)('of %s gives each machine an address of its own, in the network of its zone', (name) => {
    const machines = planMachines(onMachines(name));
    expect(new Set(machines.map(({ address }) => address)).size).toBe(machines.length);
    for (const { address, zone } of machines) {
      const [, , third = 0] = address.split('.').map(Number);
      const [, , first = 0] = zoneNetwork(zone).split('.').map(Number.parseFloat);
      expect(third >= first && third < first + 64).toBe(true);
    }
  });

  test('keeps no replica on the machine of its primary, and spreads fleets over zones', () => {
    const { primaries, replicas } = redisServers(onMachines('team-aws'));
    const host = (server: string): string => server.split(':')[0]!;
    expect(replicas).toHaveLength(3);
    for (const [index, primary] of primaries.entries()) expect(host(replicas[index]!)).not.toBe(host(primary));
    expect(planMachines(onMachines('team-aws')).filter(({ role }) => role === 'relay').map(({ zone }) => zone)).toEqual([0, 1, 2]);
  });
});

describe('files', () => {
  const textOf = (stack: MachineStack, one: Machine, path: string): string => {
    const file = filesOf(stack, one).find((each) => each.path === path);
    return typeof file?.content === 'string' ? file.content : JSON.stringify(file?.content);
  };

  test.each(MACHINE_EXAMPLES)('of %s with secrets are readable for their user alone, and no path is there twice', (name) => {
    const stack = onMachines(name);
    for (const one of planMachines(stack)) {
      const files = filesOf(stack, one);
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
      for (const { path, mode, owner, content } of files.filter(({ content: text }) => typeof text !== 'string')) {
        expect([path, mode.endsWith('0'), /^\S+$/.test(path), owner.split(':').length, content]).toEqual([path, true, true, 2, content]);
      }
    }
  });

  test('Redis listens in the private network alone', () => {
    const stack = onMachines('team-hcloud');
    expect(textOf(stack, machine(stack, 'redis', 1), '/etc/polyplex-redis/redis.env')).toBe(`BIND=${machine(stack, 'redis', 1).address} 127.0.0.1\nMAXMEMORY=1024mb\n`);
  });

  test('units are those of deploy/, with the release\'s own Node', () => {
    const stack = onMachines('team-hcloud');
    const unit = textOf(stack, machine(stack, 'relay'), '/etc/systemd/system/polyplex-smp@.service');
    expect(unit).toContain('ExecStart=/opt/polyplex/bin/node ');
    expect(unit).toContain('ProtectSystem=strict');
    expect(unit).toContain('User=polyplex');
  });

  test('a node has time to leave the balancer and to drain for as long as its stack says, and is killed only after that', () => {
    const example = onMachines('team-hcloud');
    const stack: MachineStack = { ...example, relay: { ...example.relay, drainSeconds: 300 } };
    const ofRelay = (path: string) => textOf(stack, machine(stack, 'relay'), path);
    const settings = parse(ofRelay('/etc/polyplex/polyplex.yaml')) as { shutdown: { leaveTime: string; drainTimeout: string } };
    expect(settings.shutdown).toEqual({ drainTimeout: '300s', leaveTime: '17s' });
    // The unit's own words would win over the file.
    const [, drain, stop] = /^\[Service\]\nEnvironment=POLYPLEX_SHUTDOWN_DRAIN_TIMEOUT=(\d+)s\nTimeoutStopSec=(\d+)\n$/.exec(ofRelay('/etc/systemd/system/polyplex-smp@.service.d/stack.conf'))!;
    expect([Number(drain), Number(stop) >= 17 + 300 + 30]).toEqual([300, true]);
    const single = onMachines('single-machine');
    expect(parse(textOf(single, machine(single, 'all'), '/etc/polyplex/polyplex.yaml'))).toMatchObject({ shutdown: { drainTimeout: '20s' } });
    expect(textOf(single, machine(single, 'all'), '/etc/polyplex/polyplex.yaml')).not.toContain('leaveTime');
  });

  test('Prometheus knows every node of every fleet', () => {
    const stack = onMachines('team-aws');
    const { scrape_configs: jobs } = parse(textOf(stack, machine(stack, 'monitoring'), '/etc/prometheus/prometheus.yml')) as { scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[] };
    const targets = (role: Role, port: number) => planMachines(stack).filter((one) => one.role === role).map(({ address }) => `${address}:${port}`);
    expect(jobs.map(({ job_name, static_configs: [first] }) => [job_name, first!.targets])).toEqual([['polyplex-smp', targets('relay', 8080)], ['polyplex-xftp', targets('files', 8180)], ['polyplex-ntf', targets('push', 8280)]]);
  });

  test.each(MACHINE_EXAMPLES)('Debian\'s promtool takes the configuration of %s', async (name) => {
    const stack = onMachines(name);
    const folder = await mkdtemp(join(tmpdir(), 'polyplex-prometheus-'));
    const text = textOf(stack, planMachines(stack).find(({ hasMonitoring }) => hasMonitoring)!, '/etc/prometheus/prometheus.yml').replaceAll('/etc/prometheus', folder);
    await writeFile(join(folder, 'rules.yaml'), textOf(stack, planMachines(stack).find(({ hasMonitoring }) => hasMonitoring)!, '/etc/prometheus/rules.yaml'));
    await writeFile(join(folder, 'polyplex-token'), '');
    await writeFile(join(folder, 'prometheus.yml'), text);
    try {
      await run(findProgram('promtool'), ['check', 'config', join(folder, 'prometheus.yml')]);
      await writeFile(join(folder, 'prometheus.yml'), text.replace('scrape_configs', 'scrape_config'));
      await expect(run(findProgram('promtool'), ['check', 'config', join(folder, 'prometheus.yml')])).rejects.toMatchObject({ code: 1 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('Alertmanager gets the link of a webhook in a form that Debian 12\'s knows, and nobody else does', () => {
    const stack = onMachines('team-aws');
    const file = filesOf(stack, machine(stack, 'monitoring')).find(({ path }) => path === '/etc/prometheus/alertmanager.yml')!;
    expect(file).toMatchObject({ mode: '640', owner: 'root:prometheus', content: { secret: 'alertWebhook' } });
    const config = parse(fillIn(file.content as SecretFile, 'https://hooks.example.org/x')) as { receivers: { webhook_configs: object[] }[] };
    expect(config.receivers[0]!.webhook_configs).toEqual([{ url: 'https://hooks.example.org/x', send_resolved: true }]);
    expect(filesOf(stack, machine(stack, 'monitoring')).map(({ path }) => path)).not.toContain('/etc/prometheus/alert-webhook');
  });

  test('Tor leads to every relay and file server', () => {
    const stack = onMachines('team-aws');
    const torrc = textOf(stack, machine(stack, 'tor'), '/etc/tor/torrc');
    // They are in a network whose connections must begin with a PROXY header.
    expect(parse(textOf(stack, machine(stack, 'relay'), '/etc/polyplex/polyplex.yaml'))).toMatchObject({ listen: { proxyProtocol: true, trustedProxies: ['10.20.0.0/16'] } });
    expect(torrc).toMatch(/^HiddenServiceDir .*\nHiddenServiceExportCircuitID haproxy\n/m);
    const single: MachineStack = { ...onMachines('single-machine'), tor: { memory: '256MiB' } };
    expect(textOf(single, machine(single, 'all'), '/etc/tor/torrc')).not.toContain('haproxy');
    for (const index of [0, 1, 2]) expect(torrc).toContain(`HiddenServicePort 443 ${machine(stack, 'relay', index).address}:5223\n`);
    expect(torrc).toContain(`HiddenServicePort 5443 ${machine(stack, 'files', 1).address}:5443\n`);
  });

  test('what a machine is told at its birth is nothing secret', () => {
    const text = userData(machine(onMachines('team-aws'), 'redis'));
    expect(text).toMatch(/^#cloud-config\n/);
    expect(parse(text)).toMatchObject({ hostname: 'team-redis-0', ssh_pwauth: false });
  });
});

describe('the script', () => {
  let root: string;
  let stack: MachineStack;
  const calls = async (): Promise<readonly string[]> => (await readFile(join(root, 'calls'), 'utf8').catch(() => '')).trim().split('\n').filter((line) => /^systemctl (re)?start|^curl http:/.test(line));

  /** Programs that only a machine has, and the download. */
  const STUBS: Readonly<Record<string, string>> = {
    'systemctl': '', 'systemd-sysusers': '', 'apt-get': '', 'dpkg-query': '', 'sysctl': '', 'chown': '',
    'redis-cli': 'printf "role:master\\r\\n"',
    'curl': 'case "$*" in *--output*release*) while [ "$1" != --output ]; do shift; done; cp "$ROOT/release.tar.gz" "$2" ;; *) [ ! -e "$ROOT/not-ready" ] ;; esac',
  };

  async function makeRelease(): Promise<void> {
    await mkdir(join(root, 'made/polyplex/bin'), { recursive: true });
    await writeFile(join(root, 'made/polyplex/bin/node'), '#!/bin/sh\n', { mode: 0o755 });
    await run('tar', ['--create', '--gzip', '--file', join(root, 'release.tar.gz'), '--directory', join(root, 'made'), 'polyplex']);
    const sha256 = createHash('sha256').update(await readFile(join(root, 'release.tar.gz'))).digest('hex');
    const example = onMachines('team-hcloud');
    const release = { url: 'https://downloads.example.org/release.tar.gz', sha256 };
    if (example.target.kind === 'hcloud') stack = { ...example, target: { ...example.target, release } };
  }

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'polyplex-machine-'));
    await mkdir(join(root, 'stubs'));
    for (const [name, body] of Object.entries(STUBS)) await writeFile(join(root, 'stubs', name), `#!/bin/sh\necho "${name} $(echo "$*" | sed 's/.*\\(http:.*\\)/\\1/')" >>"$ROOT/calls"\n${body}\n`, { mode: 0o755 });
    await makeRelease();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function apply(of: MachineStack, one: Machine, values = secrets): Promise<string> {
    await rm(join(root, 'calls'), { force: true });
    const child = spawn('bash', ['--norc', '-c', applyScript(of, one)], { env: { PATH: `${join(root, 'stubs')}:${process.env['PATH']}`, ROOT: root, PAUSE: '0' } });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.stdin.end(bundle(filesOf(of, one), values));
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(output);
    return output;
  }

  test('brings a relay up and waits until it is ready; run again, it changes nothing', async () => {
    const relay = machine(stack, 'relay');
    expect(await apply(stack, relay)).toMatch(/changed: .*\/etc\/polyplex\/server\.key .*\/opt\/polyplex/);
    expect(await readFile(join(root, 'etc/polyplex/server.key'), 'utf8')).toBe('value-of-relayKey');
    expect((await stat(join(root, 'etc/polyplex/server.key'))).mode & 0o777).toBe(0o640);
    expect((await stat(join(root, 'opt/polyplex/bin/node'))).mode & 0o777).toBe(0o755);
    expect(await calls()).toEqual(['systemctl restart polyplex-smp@a.service', `curl http://${relay.address}:8080/readyz`]);
    expect(await apply(stack, relay)).toBe('changed: nothing\n');
    expect(await calls()).toEqual(['systemctl start polyplex-smp@a.service', `curl http://${relay.address}:8080/readyz`]);
  });

  test.each<[string, (of: MachineStack) => { of: MachineStack; values?: typeof secrets }, RegExp]>([
    ['a setting', (of) => ({ of: { ...of, relay: { ...of.relay, connections: 7 } } }), /polyplex\.yaml\n$/],
    ['a key', (of) => ({ of, values: { ...secrets, relayKey: 'another' } }), /server\.key\n$/],
    ['the version of secrets', (of) => ({ of: { ...of, secretsVersion: 2 } }), /secrets\n$/],
  ])('restarts it when %s changes', async (_what, change, says) => {
    const relay = machine(stack, 'relay');
    await apply(stack, relay);
    const { of, values } = change(stack);
    expect(await apply(of, machine(of, 'relay'), values)).toMatch(says);
    expect((await calls())[0]).toBe('systemctl restart polyplex-smp@a.service');
  });

  test('fails where the node does not get ready, so that the next one is left alone', async () => {
    await writeFile(join(root, 'not-ready'), '');
    await expect(apply(stack, machine(stack, 'relay'))).rejects.toThrow(/not ready: http:\/\/10\.20\.2\.10:8080\/readyz/);
    await rm(join(root, 'not-ready'));
    expect(await apply(stack, machine(stack, 'relay'))).toMatch(/polyplex\.yaml/);
    expect((await calls())[0]).toBe('systemctl restart polyplex-smp@a.service');
  });

  test('takes no release but the one that was meant, and keeps what there is', async () => {
    const relay = machine(stack, 'relay');
    await apply(stack, relay);
    const other: MachineStack = { ...stack, target: { ...stack.target, release: { ...stack.target.release, sha256: 'a'.repeat(64) } } as never };
    await expect(apply(other, relay)).rejects.toThrow(/FAILED|did NOT match/);
    expect((await stat(join(root, 'opt/polyplex/bin/node'))).isFile()).toBe(true);
  });

  test('restarts the servers of Redis of one machine one after the other', async () => {
    const redis = machine(stack, 'redis');
    await apply(stack, redis);
    expect(await calls()).toEqual(['systemctl restart polyplex-redis@7001.service', 'systemctl restart polyplex-redis@7002.service']);
    expect(await readFile(join(root, 'etc/polyplex-redis/auth.conf'), 'utf8')).toBe('requirepass value-of-redisPassword\nmasterauth value-of-redisPassword\n');
    const log = (await readFile(join(root, 'calls'), 'utf8')).split('\n').filter((line) => /restart|redis-cli/.test(line));
    expect(log.map((line) => line.split(' ')[0])).toEqual(['systemctl', 'redis-cli', 'systemctl', 'redis-cli']);
  });

  test.each(MACHINE_EXAMPLES)('is one that bash takes, for every machine of %s', async (name) => {
    const of = onMachines(name);
    for (const one of planMachines(of)) await run('bash', ['-n', '-c', applyScript(of, one)]);
    await run('bash', ['-n', '-c', formScript(redisServers(onMachines('team-hcloud')))]);
  });
});
