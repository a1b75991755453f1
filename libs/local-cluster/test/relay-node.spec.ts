/** Relay nodes with one identity behind the balancer, as far as one node alone answers for them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, startHaproxy, startRelayNode } from '../src/index.ts';
import { isAlive } from './processes.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/polyplex.mjs', import.meta.url));

let folder: string;
const parts = new Set<{ stop(): Promise<unknown> }>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-nodes-'));
});
afterEach(async () => {
  await Promise.all([...parts].map((part) => part.stop()));
  parts.clear();
  await rm(folder, { recursive: true });
});

async function keep<T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
  const part = await starting;
  parts.add(part);
  return part;
}

/** Rejects when the relay does not work. */
async function check(address: string): Promise<void> {
  await promisify(execFile)(process.execPath, [PROGRAM, 'check', address]);
}

test('nodes share one address, which works through the balancer; a node keeps its ports over a restart', async () => {
  const balancerPort = await freePort();
  const configDir = join(folder, 'config');
  const settings = [`address.port=${balancerPort}`, 'listen.proxyProtocol=true', 'listen.trustedProxies=127.0.0.1', 'shutdown.drainTimeout=0'];
  const a = await keep(startRelayNode({ folder: join(folder, 'a'), configDir, settings }));
  const b = await keep(startRelayNode({ folder: join(folder, 'b'), configDir, settings }));
  expect([a.address === b.address, a.address.endsWith(`:${balancerPort}`), a.port === b.port]).toEqual([true, true, false]);

  const balancer = await keep(startHaproxy({ port: balancerPort, proxyProtocol: true, backends: [{ name: 'a', port: a.port }] }));
  await check(a.address);
  const { pid } = a;
  await a.restart();
  expect([a.pid === pid, isAlive(pid), (await fetch(`${a.adminUrl}readyz`)).status]).toEqual([false, false, 200]);
  await check(a.address);

  await a.kill();
  await balancer.reached('a', 'down');
  await balancer.add({ name: 'b', port: b.port });
  await check(a.address);
  expect(await b.stop()).toEqual({ code: 0, signal: null });
});

test('a node that cannot start says why', async () => {
  await expect(startRelayNode({ folder, settings: ['no.such=setting'] })).rejects.toMatchObject({ code: 'START', message: expect.stringContaining('no.such') });
  await expect(startRelayNode({ folder, program: join(folder, 'missing.mjs') })).rejects.toMatchObject({ code: 'PROGRAM', message: expect.stringContaining('npm run build') });
});
