/** What `deploy/` ships, tried as far as it can be without containers and without systemd; `compose.long.ts` runs the compose file. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, freePort, LocalClusterError, releasePort, startDaemon, waitUntil } from '@polyplex/local-cluster';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ComposeFile, type ComposeService, readCompose as readWhole } from '../compose/compose-file.ts';
import { workspaceRoot } from '../workspaces.ts';

const run = promisify(execFile);
const DEPLOY = join(workspaceRoot, 'deploy');
const PROGRAM = join(workspaceRoot, 'dist/polyplex.mjs');

type Service = ComposeService & { readonly networks?: { readonly inside: { readonly ipv4_address: string } } };

interface Compose extends ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
}

/** As Docker Compose reads it, with all profiles and variables at their defaults. */
async function readCompose(name = 'compose.yaml'): Promise<Compose> {
  const compose = await readWhole(join(DEPLOY, 'compose', name), { profiles: ['*'] });
  // `$$` as the shell in the container sees it.
  return JSON.parse(JSON.stringify(compose).replaceAll('$$', '$')) as Compose;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-deploy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Fails with what the program says when it does not accept these settings. */
async function checkSettings(environment: Readonly<Record<string, string>>): Promise<void> {
  await run(process.execPath, [PROGRAM, 'config', 'check', '--config-dir', folder], { env: environment });
}

describe('settings', () => {
  beforeEach(async () => {
    await run(process.execPath, [PROGRAM, 'init', '--yes', '--push', '--config-dir', folder, '--data-dir', join(folder, 'data')]);
    await run(process.execPath, [PROGRAM, 'bot', 'init', '--config-dir', folder, '--set', `storage.dataDir=${join(folder, 'data')}`]);
    for (const name of ['redis-password', 'admin-token', 'reader-token', 's3-secret']) await writeFile(join(folder, name), `${name}-${'secret'.repeat(6)}\n`, { mode: 0o600 });
  });

  test('of the compose file are accepted, and the same for all relays', async () => {
    const { services } = await readCompose();
    const relays = Object.keys(services).filter((name) => name.startsWith('relay-'));
    expect(relays).toHaveLength(3);
    for (const name of ['relay-1', 'files', 'push', 'bot']) {
      const environment = Object.entries(services[name]!.environment!).map(([variable, value]) => [variable, value.replace('/run/secrets', folder)] as const);
      await checkSettings(Object.fromEntries(environment));
    }
    for (const relay of relays) expect(services[relay]!.environment).toEqual(services['relay-1']!.environment);
  });

  test('of the compose file for one machine are accepted', async () => {
    const { services } = await readCompose('one-machine.yaml');
    await checkSettings(services['polyplex']!.environment!);
  });

  test.each(['smp', 'xftp', 'ntf'])('of the examples for systemd are accepted for %s', async (server) => {
    const settings = await readFile(join(DEPLOY, 'systemd/polyplex.yaml.example'), 'utf8');
    await writeFile(join(folder, 'polyplex.yaml'), settings);
    const unit = await readFile(join(DEPLOY, `systemd/polyplex-${server}@.service`), 'utf8');
    const example = await readFile(join(DEPLOY, 'systemd/node.env.example'), 'utf8');
    const words = [...unit.matchAll(/^Environment=(POLYPLEX_\w+)=(.*)$/gm), ...example.matchAll(/^(\w+)=(.*)$/gm)];
    expect(words.length).toBeGreaterThan(4);
    await checkSettings(Object.fromEntries(words.filter(([, name]) => name !== 'POLYPLEX_CONFIG_DIR').map(([, name, value]) => [name!, value!])));
  });

  test('that do not exist would not be', async () => {
    await expect(checkSettings({ POLYPLEX_STORAGE_ENGIN: 'redis' })).rejects.toMatchObject({ code: 3 });
  });
});

test.each(['compose.yaml', 'one-machine.yaml'])('every service of %s restarts, is checked and bounded, and cannot get privileges; all that it names is there', async (file) => {
  const { services, secrets = {} } = await readCompose(file);
  for (const [name, service] of Object.entries(services)) {
    const isJob = ['identity', 'redis-cluster', 'bot-key'].includes(name);
    if (!isJob) expect([name, service.restart, service.mem_limit === undefined]).toEqual([name, 'unless-stopped', false]);
    // The image brings its own check.
    if (!isJob && service.image !== 'polyplex') expect(service, name).toHaveProperty('healthcheck.test');
    if (service.image === 'polyplex') expect([name, service.read_only, service.cap_drop, service.security_opt]).toEqual([name, true, ['ALL'], ['no-new-privileges:true']]);
    // Only the balancer, and pages for this machine alone, can be reached from outside.
    for (const { host_ip: host } of service.ports ?? []) if (!['balancer', 'polyplex'].includes(name)) expect([name, host]).toEqual([name, '127.0.0.1']);
    for (const { type, source } of service.volumes ?? []) if (type === 'bind') await access(source);
  }
  const made = await readFile(join(DEPLOY, 'compose/secrets.sh'), 'utf8');
  for (const name of Object.keys(secrets)) expect(made).toContain(name);
});

test('Docker Compose would refuse what its schema does not know', async () => {
  const text = await readFile(join(DEPLOY, 'compose/one-machine.yaml'), 'utf8');
  await writeFile(join(folder, 'wrong.yaml'), text.replace('    restart:', '    restartt:'));
  await expect(readWhole(join(folder, 'wrong.yaml'))).rejects.toThrow(/restartt/);
});

test('hadolint finds nothing in the Dockerfile', async () => {
  await run(join(workspaceRoot, 'node_modules/.cache/deploy/bin/hadolint'), ['--failure-threshold', 'style', join(DEPLOY, 'container/Dockerfile')]);
});

test('the image runs as a number that is not root, checks itself, and leaves out what a build does not need', async () => {
  const dockerfile = await readFile(join(DEPLOY, 'container/Dockerfile'), 'utf8');
  expect(dockerfile).toMatch(/^USER [1-9]\d+:[1-9]\d+$/m);
  for (const words of ['HEALTHCHECK', 'STOPSIGNAL SIGTERM', 'ENTRYPOINT ["node"']) expect(dockerfile).toContain(words);
  const left = (await readFile(join(DEPLOY, 'container/Dockerfile.dockerignore'), 'utf8')).split('\n');
  expect(left).toEqual(expect.arrayContaining(['.git', '**/node_modules', 'config', 'data', '!deploy/container/health.mjs']));
});

describe('the health check of the image', () => {
  const health = (variables: Readonly<Record<string, string>>): Promise<unknown> => run(process.execPath, [join(DEPLOY, 'container/health.mjs')], { env: variables });
  /** With all ports but those given where nobody listens. */
  async function nobodyBut(given: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
    const port = await freePort();
    releasePort(port);
    return { ...Object.fromEntries(['ADMIN', 'XFTP_ADMIN', 'NTF_ADMIN', 'BOT_ADMIN'].map((name) => [`POLYPLEX_${name}_PORT`, String(port)])), ...given };
  }

  async function answering(status: number): Promise<{ readonly port: string; [Symbol.asyncDispose](): Promise<void> }> {
    const server = createServer((_, response) => response.writeHead(status).end('so it is\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: String((server.address() as AddressInfo).port), [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())) };
  }

  test('is content when all servers that answer are ready', async () => {
    await using ready = await answering(200);
    await health(await nobodyBut({ POLYPLEX_ADMIN_PORT: ready.port }));
    await using draining = await answering(503);
    await expect(health(await nobodyBut({ POLYPLEX_ADMIN_PORT: ready.port, POLYPLEX_XFTP_ADMIN_PORT: draining.port }))).rejects.toMatchObject({ code: 1 });
    await expect(health(await nobodyBut({}))).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('no server') as unknown });
  });
});

test('addresses of the compose file and its balancer agree', async () => {
  const { services } = await readCompose();
  const address = (name: string): string => services[name]!.networks!.inside.ipv4_address;
  const fixed = Object.keys(services).filter((name) => services[name]!.networks?.inside?.ipv4_address !== undefined).map(address);
  expect(new Set(fixed).size).toBe(13);
  const environment = services['relay-1']!.environment!;
  const nodes = [1, 2, 3, 4, 5, 6].map((number) => `${address(`redis-${number}`)}:6379`);
  expect(environment['POLYPLEX_REDIS_URLS']).toBe(nodes.map((node) => `redis://${node}`).join(','));
  expect(services['redis-cluster']!.command![0]).toContain(`--cluster create ${nodes.join(' ')} --cluster-replicas 1`);
  expect(environment['POLYPLEX_LISTEN_TRUSTED_PROXIES']).toBe(address('balancer'));
  const balancer = await readFile(join(DEPLOY, 'compose/haproxy.cfg'), 'utf8');
  expect([...balancer.matchAll(/^ *server \S+ (\S+)$/gm)].map(([, target]) => target)).toEqual([
    ...[1, 2, 3].map((number) => `${address(`relay-${number}`)}:5223`), `${address('files')}:5443`, `${address('push')}:5643`,
  ]);
  expect(services['files']!.environment!['POLYPLEX_XFTP_LISTEN_TRUSTED_PROXIES']).toBe(address('balancer'));
  expect(services['push']!.environment!['POLYPLEX_NTF_LISTEN_TRUSTED_PROXIES']).toBe(address('balancer'));
});

test('the monitoring of the compose file scrapes every node at its admin port, and Grafana finds Prometheus and the dashboards', async () => {
  const { services } = await readCompose();
  const ofCompose = async (path: string): Promise<unknown> => parse(await readFile(join(DEPLOY, path), 'utf8')) as unknown;
  const { scrape_configs: jobs } = (await ofCompose('compose/prometheus.yaml')) as { readonly scrape_configs: readonly { readonly static_configs?: readonly { readonly targets: readonly string[] }[] }[] };
  expect(jobs.flatMap((job) => (job.static_configs ?? []).flatMap(({ targets }) => targets))).toEqual(['relay-1:8080', 'relay-2:8080', 'relay-3:8080', 'files:8180']);
  const secretsOf = (name: string): unknown => services[name]!.secrets!.map(({ source }) => source);
  for (const name of ['relay-1', 'files', 'push', 'bot']) expect(secretsOf(name)).toContain('reader-token');
  expect(secretsOf('prometheus')).toEqual(['reader-token']);
  const sources = (await ofCompose('grafana/provisioning/datasources/prometheus.yaml')) as { readonly datasources: readonly [{ readonly url: string }] };
  expect(sources.datasources[0].url).toBe('http://prometheus:9090');
  const dashboards = (await ofCompose('grafana/provisioning/dashboards/polyplex.yaml')) as { readonly providers: readonly [{ readonly options: { readonly path: string } }] };
  expect(services['grafana']!.volumes).toContainEqual(expect.objectContaining({ source: join(DEPLOY, 'grafana'), target: dashboards.providers[0].options.path, read_only: true }));
});

test.each(['compose', 'systemd'])('HAProxy accepts the configuration for %s', async (kind) => {
  await run(findProgram('haproxy'), ['-c', '-f', join(DEPLOY, kind, 'haproxy.cfg')]);
});

test('the job of the compose file forms a cluster of servers with the shipped configuration, and a second time does nothing', async () => {
  await cp(join(DEPLOY, 'compose/secrets.sh'), join(folder, 'secrets.sh'));
  await run(join(folder, 'secrets.sh'));
  const { services } = await readCompose();
  // In place of the network's addresses those of this machine, in place of the container's folders some of the test's.
  const here = (text: string): string => text
    .replaceAll('172.28.55.', '127.28.55.')
    .replaceAll('/run/secrets', join(folder, 'secrets'))
    .replace('/etc/redis/redis.conf', join(DEPLOY, 'redis/redis.conf'));
  const ask = async (number: number, ...words: string[]): Promise<string> => {
    const password = await readFile(join(folder, 'secrets/redis-password'), 'utf8');
    const { stdout } = await run(findProgram('redis-cli'), ['-h', `127.28.55.${10 + number}`, '--no-auth-warning', '-a', password, ...words]);
    return stdout;
  };
  await using servers = new AsyncDisposableStack();
  for (const number of [1, 2, 3, 4, 5, 6]) {
    const service = services[`redis-${number}`]!;
    const data = join(folder, `redis-${number}`);
    await mkdir(data);
    const [program = '', ...args] = service.command!.map((word) => (word === '/data' ? data : here(word)));
    const address = here(service.networks!.inside.ipv4_address);
    const bind = ['--bind', address, '--bind-source-addr', address];
    const server = await startDaemon({ program: findProgram(program), args: [...args, ...bind], logFile: join(folder, `redis-${number}.log`) });
    servers.defer(async () => void (await server.end('SIGKILL')));
    await waitUntil('Redis', async () => {
      if (!server.isRunning()) throw new LocalClusterError('START', server.output());
      return (await ask(number, 'PING')).trim() === 'PONG' ? true : undefined;
    });
  }
  const job = ['-euc', here(services['redis-cluster']!.command![0]!)];
  await run('/bin/sh', job);
  await waitUntil('the cluster', async () => (/cluster_state:ok[^]*cluster_known_nodes:6\s+cluster_size:3/.test(await ask(4, 'CLUSTER', 'INFO')) ? true : undefined));
  await run('/bin/sh', job);
  const settings = await ask(1, 'CONFIG', 'GET', 'maxmemory*', 'appendonly', 'appendfsync');
  expect(settings.split('\n')).toEqual(expect.arrayContaining(['noeviction', 'yes', 'everysec', String(512 * 1024 * 1024)]));
  await waitUntil('a replica', async () => (/master_link_status:up/.test(await ask(6, 'INFO', 'replication')) ? true : undefined));
});

describe('units of systemd', () => {
  const UNITS = ['polyplex.service', 'polyplex-smp@.service', 'polyplex-xftp@.service', 'polyplex-ntf@.service', 'polyplex-bot.service', 'polyplex-backup.service', 'polyplex-backup.timer', 'polyplex-redis@.service'];
  /** By systemd's own measure, 0 to 10; 1.7 is what binding ports below 1024 costs, the rest is the network and memory that V8 runs. */
  const MOST_EXPOSED = 1.8;

  test('are all that there are', async () => {
    const shipped = await readdir(join(DEPLOY, 'systemd'));
    expect(shipped.filter((name) => /\.(service|timer)$/.test(name)).toSorted()).toEqual(UNITS.toSorted());
  });

  test('are accepted by systemd, with the programs of this machine in place of those of a server', async () => {
    for (const name of UNITS) {
      const unit = await readFile(join(DEPLOY, 'systemd', name), 'utf8');
      const here = unit.replace('/usr/bin/node', process.execPath).replace('/usr/bin/redis-server', findProgram('redis-server')).replace(/\/opt\/polyplex\/(README.md|docs)/, join(workspaceRoot, '$1'));
      await writeFile(join(folder, name), here);
    }
    for (const name of UNITS) {
      const { stderr } = await run(findProgram('systemd-analyze'), ['verify', join(folder, name)]);
      expect([name, stderr]).toEqual([name, '']);
    }
  });

  test('expose little', async () => {
    for (const name of UNITS.filter((unit) => unit.endsWith('.service'))) {
      const { stdout } = await run(findProgram('systemd-analyze'), ['security', '--offline=true', `--threshold=${String(10 * MOST_EXPOSED)}`, join(DEPLOY, 'systemd', name)]);
      expect(stdout).toContain('Overall exposure level');
    }
  });

  test.each(['smp', 'xftp', 'ntf'])('stop a node (%s) later than its drain ends', async (server) => {
    const unit = await readFile(join(DEPLOY, `systemd/polyplex-${server}@.service`), 'utf8');
    const seconds = (pattern: RegExp): number => Number(pattern.exec(unit)![1]);
    expect(seconds(/^TimeoutStopSec=(\d+)$/m)).toBeGreaterThan(seconds(/DRAIN_TIMEOUT=(\d+)s$/m) + 10);
  });
});
