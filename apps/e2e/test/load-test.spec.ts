/**
 * `polyplex loadtest` as an operator runs it: against one node with every scenario, and against three nodes behind one balancer;
 * and that it fails when it should.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ServerNode, startFileServerNode, startHaproxy, startPrometheus, startRedis, startRelayNode, waitUntil } from '@polyplex/local-cluster';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const PROGRAM = fileURLToPath(new URL('../../../dist/polyplex.mjs', import.meta.url));

let parts: AsyncDisposableStack;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polyplex-load-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newParts(): AsyncDisposableStack {
  return (parts = new AsyncDisposableStack());
}

async function startRelay(name: string, settings: readonly string[], configDir = join(folder, name, 'config')): Promise<ServerNode> {
  const node = await startRelayNode({ folder: join(folder, name), configDir, settings: [`admin.nodeName=${name}`, ...settings] });
  parts.defer(async () => void (await node.stop()));
  return node;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly report: { readonly [key: string]: unknown; readonly windows: { readonly done: number }[]; readonly nodes: { readonly name: string; readonly samples: unknown[] }[]; readonly totals: { readonly sent: number; readonly lost: number; readonly failures: Readonly<Record<string, number>> } };
}

/** What it wrote into `out`; null when it wrote no report. */
async function loadTest(out: string, args: readonly string[], onProgress: (text: string) => void = () => undefined): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, 'loadtest', '--out', join(folder, out), '--duration', '3s', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
      onProgress(output);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const text = ((): string => {
    try {
      return readFileSync(join(folder, out, 'report.json'), 'utf8');
    } catch {
      return 'null'; // which the test then does not expect
    }
  })();
  return { code, output, report: JSON.parse(text) as Ended['report'] };
}

describe('one node', () => {
  let relay: ServerNode;
  let files: ServerNode;
  beforeAll(async () => {
    newParts();
    relay = await startRelay('one', ['proxy.allowPrivateAddresses=on', 'proxy.allowedPorts=']);
    files = await startFileServerNode({ folder: join(folder, 'files') });
    parts.defer(async () => void (await files.stop()));
  });
  afterAll(() => parts.disposeAsync());

  test.each(['connect-storm', 'chat', 'offline', 'resubscription', 'proxy', 'notifications', 'contact-flood', 'files', 'mixed'])('carries a little of %s', async (scenario) => {
    const limits = ['--rate', scenario === 'files' || scenario === 'contact-flood' ? '40' : '10', '--delivery-p99', '30s'];
    const { code, output, report } = await loadTest(scenario, ['--target', relay.address, '--files', files.address, '--scenario', scenario, '--admin', relay.adminUrl, ...limits]);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(report).toMatchObject({ thresholdsHold: true, interrupted: false, totals: { lost: 0, repeated: 0, failures: {} } });
    expect(report.windows.some(({ done }) => done > 0)).toBe(true);
    expect(report.nodes.map(({ name }) => name)).toEqual(['one']);
    expect(readFileSync(join(folder, scenario, 'report.html'), 'utf8')).toContain('<svg');
    // The address holds the password; nothing that is kept or shown may.
    const password = /:([^:@/]+)@/.exec(relay.address)![1]!;
    for (const kept of [output, ...['report.html', 'report.json', 'k6.log'].map((name) => readFileSync(join(folder, scenario, name), 'utf8'))]) expect(kept).not.toContain(password);
  });

  test('writes k6\'s metrics into Prometheus as it goes', async () => {
    const prometheus = await startPrometheus({ config: 'scrape_configs: []\n', remoteWrite: true });
    parts.defer(() => prometheus.stop());
    expect(await loadTest('remote', ['--target', relay.address, '--delivery-p99', '30s', '--prometheus', `${prometheus.url}/api/v1/write`])).toMatchObject({ code: 0 });
    expect((await prometheus.query('max_over_time(k6_smp_messages_total[5m])')).length).toBeGreaterThan(0);
    expect((await prometheus.query('max_over_time(k6_smp_delivery_p99[5m])')).length).toBeGreaterThan(0);
  });

  test('fails when a bound is crossed, and says so', async () => {
    const { code, output, report } = await loadTest('slow', ['--target', relay.address, '--delivery-p99', '1ms']);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('bounds were crossed') as string });
    expect(report).toMatchObject({ thresholdsHold: false });
  });

  test('fails where the password is wrong, before any load', async () => {
    const { code, output } = await loadTest('wrong', ['--target', relay.address.replace(/:[^:@/]+@/, ':wrong@')]);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('failed while the test was set up') as string });
  });
});

describe('three nodes behind one balancer', () => {
  const nodes: ServerNode[] = [];
  let address: string;
  beforeAll(async () => {
    newParts();
    const redis = await startRedis();
    parts.defer(() => redis.stop());
    const balancer = await startHaproxy({ backends: [], balance: 'leastconn' });
    parts.defer(() => balancer.stop());
    const settings = ['storage.engine=redis', `redis.urls=${redis.url}`, `address.port=${balancer.port}`];
    // One after another: the first makes the identity that all share.
    for (const name of ['anna', 'bert', 'cleo']) {
      const node = await startRelay(name, settings, join(folder, 'fleet'));
      nodes.push(node);
      await balancer.add({ name, port: node.port });
    }
    address = nodes[0]!.address;
  });
  afterEach(() => Promise.all(nodes.filter(({ isRunning }) => !isRunning).map((node) => node.restart())));
  afterAll(() => parts.disposeAsync());

  const asked = (): string[] => ['--target', address, ...nodes.flatMap(({ adminUrl }) => ['--admin', adminUrl])];

  test('carry the smoke profile, and the report has all three', async () => {
    const { code, output, report } = await loadTest('fleet', [...asked(), '--duration', '8s', '--users', '24', '--workers', '2', '--delivery-p99', '30s', '--for-users', '100000']);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(report.nodes.map(({ name }) => name).sort()).toEqual(['anna', 'bert', 'cleo']);
    for (const { samples } of report.nodes) expect(samples.length).toBeGreaterThan(2);
    expect(report).toMatchObject({ totals: { lost: 0, repeated: 0 }, estimate: { users: 100_000, shards: 6 } });
    expect(report.totals.sent).toBeGreaterThan(20);
  });

  /** The one that most clients are connected to: the balancer may have given another one none. */
  async function busiest(): Promise<ServerNode> {
    const counts = await Promise.all(nodes.map(async ({ adminUrl }) => {
      const { gauges } = (await (await fetch(`${adminUrl}admin/overview`)).json()) as { readonly gauges: { readonly connections: number } };
      return gauges.connections;
    }));
    return nodes[counts.indexOf(Math.max(...counts))]!;
  }

  /** Killed while it owes answers: between two messages nobody would notice, since clients come back within milliseconds. */
  async function dieAtWork(node: ServerNode): Promise<void> {
    node.pause();
    await sleep(3_000);
    await node.kill();
  }

  test('of which one dies are no success, and no message is lost', async () => {
    const killing: Promise<unknown>[] = [];
    const { code, report } = await loadTest('killed', [...asked(), '--duration', '20s', '--rate', '100', '--delivery-p99', '30s'], (text) => {
      if (killing.length === 0 && /[1-9]\d* messages delivered/.test(text)) killing.push(busiest().then(dieAtWork));
    });
    await Promise.all(killing);
    expect(killing).toHaveLength(1);
    expect(code).toBe(1);
    expect(report).toMatchObject({ thresholdsHold: false, totals: { lost: 0 } });
    // What was under way, or was slow for it; nothing that says that a node was wrong.
    expect(['NETWORK', 'TIMEOUT', 'CLOSED']).toEqual(expect.arrayContaining(Object.keys(report.totals.failures)));
  });

  test('Ctrl-C ends it with what is known, and leaves nothing running', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'loadtest', '--out', join(folder, 'interrupted'), ...asked(), '--duration', '5m'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await waitUntil('messages are delivered', () => (/[1-9]\d* messages delivered/.test(output) ? true : undefined), { timeoutMs: 60_000 });
    child.kill('SIGINT');
    expect(await ended).toBe(1);
    expect(JSON.parse(readFileSync(join(folder, 'interrupted', 'report.json'), 'utf8'))).toMatchObject({ interrupted: true });
    expect(output).toContain('It was interrupted');
  });
});
