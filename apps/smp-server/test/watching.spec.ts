/** What operators and their tools see of a relay beside what it counts: readiness, certificates, sockets, the store. */
import { DAY } from '@polyplex/base';
import { createQueue } from '@polyplex/client';
import { type RedisServer, startRedis, waitUntil } from '@polyplex/local-cluster';
import { silentLogger } from '@polyplex/telemetry';
import { issueServerCertificate } from '@polyplex/transport-tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSmpNode, type SmpNode } from '../src/index.ts';
import { ca, configOf, connect, relayFolder, startNode, writeIdentity } from './support.ts';

/** Long after Prometheus would have, and before a relay gives up a Redis that it was told to wait for. */
const GIVES_UP_MS = 30_000;

async function scraped(node: SmpNode): Promise<ReadonlyMap<string, number>> {
  const exposition = await (await fetch(`${node.adminUrl}metrics`, { signal: AbortSignal.timeout(GIVES_UP_MS) })).text();
  const samples = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

async function readiness(node: SmpNode): Promise<[number, string]> {
  const answer = await fetch(`${node.adminUrl}readyz`);
  return [answer.status, await answer.text()];
}

describe('a relay with a folder of its own', () => {
  it('counts its sockets under the reference\'s names, and times handshakes and the disk', async () => {
    const node = await startNode(relayFolder());
    const client = await connect(node);
    await createQueue(client, {});
    const { port } = node.endpoints[0]!;
    const values = await scraped(node);
    const sockets = ['accepted', 'closed', 'active', 'leaked'].map((what) => values.get(`simplex_smp_sockets_${what}{port="${port}"}`));
    expect(sockets).toEqual([1, 0, 1, 0]);
    expect(values.get('polyplex_tls_handshake_seconds_count')).toBe(1);
    expect(values.get('polyplex_store_seconds_count{store="queues",shard="disk"}')).toBeGreaterThan(0);
    expect([values.get('polyplex_ready'), values.get('polyplex_draining')]).toEqual([1, 0]);
    expect(values.has('polyplex_clock_skew_seconds')).toBe(false);
    client.close();
    await waitUntil('the socket is closed', async () => {
      const { get } = await scraped(node).then((map) => ({ get: (what: string) => map.get(`simplex_smp_sockets_${what}{port="${port}"}`) }));
      return get('closed') === 1 && get('active') === 0 ? true : undefined;
    }, { timeoutMs: 20_000 });
  });

  it('says when its certificate ends, and its log says so before', async () => {
    const folder = relayFolder();
    const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519', days: 5 });
    writeIdentity(folder, { key: leaf.key, certificate: leaf.certificate + ca.certificate });
    const lines: string[] = [];
    const node = await createSmpNode(configOf(folder), { log: { ...silentLogger, warn: (message) => lines.push(message) }, version: '1' });
    const ends = (await scraped(node)).get('polyplex_certificate_expiry_timestamp_seconds{certificate="identity"}')!;
    await node.stop();
    expect(Math.round((ends * 1000 - Date.now()) / DAY)).toBe(5);
    expect(lines).toEqual([expect.stringContaining('a certificate ends soon: "polyplex cert rotate"')]);
  });

  it('is not ready when the disk has less room than its operator wants', async () => {
    const node = await startNode(relayFolder(), 'storage.minRoom=1000TiB');
    expect(await readiness(node)).toEqual([503, expect.stringContaining('the disk has less room than storage.minRoom')]);
    expect((await scraped(node)).get('polyplex_ready')).toBe(0);
    await createQueue(await connect(node), {});
  });
});

describe('a relay on Redis', { timeout: 90_000 }, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis({ config: ['maxmemory 300mb', 'maxmemory-policy noeviction'] });
  });
  afterAll(() => redis.stop());

  it('tells of each primary: whether it is there, its room, its clock, and how long it takes', async () => {
    const node = await startNode(relayFolder(), 'storage.engine=redis', `redis.urls=${redis.url}`, 'redis.timeout=1m');
    await createQueue(await connect(node), {});
    const shard = `shard="127.0.0.1:${redis.port}"`;
    const values = await scraped(node);
    expect(values.get(`polyplex_redis_connected{${shard}}`)).toBe(1);
    expect(values.get(`polyplex_redis_room_bytes{${shard}}`)).toBeGreaterThan(200e6);
    expect(Math.abs(values.get('polyplex_clock_skew_seconds')!)).toBeLessThan(1);
    expect(values.get(`polyplex_store_seconds_count{store="queues",${shard}}`)).toBeGreaterThan(0);
    expect(values.get('polyplex_ready')).toBe(1);
    await redis.kill();
    expect(await readiness(node)).toEqual([503, expect.stringContaining('the store does not answer')]);
    const away = await scraped(node);
    expect([away.get('polyplex_ready'), away.get(`polyplex_redis_connected{${shard}}`), away.get('polyplex_store_available')]).toEqual([0, 0, 0]);
    await redis.restart();
    await waitUntil('it is ready again', async () => ((await readiness(node))[0] === 200 ? true : undefined), { timeoutMs: 30_000 });
    expect((await scraped(node)).get(`polyplex_redis_connected{${shard}}`)).toBe(1);
  });
});
