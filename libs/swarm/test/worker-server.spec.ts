/** The door of a worker: who is let in, and what is answered. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Swarm } from '../src/swarm.ts';
import { serveWorker, type WorkerServer } from '../src/worker-server.ts';

const NOWHERE = { scheme: 'smp' as const, hosts: ['127.0.0.1'], port: '1', keyHash: new Uint8Array(32), password: null };

let swarm: Swarm;
let server: WorkerServer;
beforeAll(async () => {
  swarm = new Swarm({ address: NOWHERE, files: null, timeoutMs: 1000 });
  server = await serveWorker(swarm, 'token');
});
afterAll(async () => {
  await server.close();
  await swarm.close();
});

async function perform(body: string): Promise<unknown> {
  const response = await fetch(`${server.url}/perform`, { method: 'POST', body });
  return response.json();
}

test('performs what it is asked, and says what failed', async () => {
  expect(await perform(JSON.stringify({ op: 'stats' }))).toMatchObject({ ok: true, users: 0, failures: {} });
  expect(await perform(JSON.stringify({ op: 'connect', user: 'ann' }))).toEqual({ ok: false, code: 'NETWORK', step: 'connect' });
});

test.each(['no JSON', '', 'null', '{"user":"ann"}', JSON.stringify({ op: 'toString' }), JSON.stringify({ op: 'stats', pad: 'x'.repeat(1_100_000) })])('%.20s is USAGE', async (body) => {
  expect(await perform(body)).toMatchObject({ ok: false, code: 'USAGE' });
});

test('lets in only who knows the token', async () => {
  const page = (path: string, method = 'GET') => fetch(server.url.replace('token', path), { method }).then(({ status }) => status);
  expect([await page('token/stats'), await page('token/series')]).toEqual([200, 200]);
  expect([await page('guess/stats'), await page('token'), await page('guess/perform', 'POST'), await page('token/perform')]).toEqual([404, 404, 404, 404]);
});
