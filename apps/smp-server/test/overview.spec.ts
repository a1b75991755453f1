/** What a relay tells of itself on its admin port: traffic as it is counted, bounds, certificates, and nothing of clients. */
import { fleetSchema, historySchema, type Overview, overviewSchema } from '@polyplex/admin-api';
import { toBase64Url } from '@polyplex/base';
import { createQueue, sendMessage } from '@polyplex/client';
import { ProcessFleet } from '@polyplex/node';
import { silentLogger } from '@polyplex/telemetry';
import { issueServerCertificate } from '@polyplex/transport-tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSmpNode, type SmpNode } from '../src/index.ts';
import { ca, configOf, connect, relayFolder, startNode, writeIdentity } from './support.ts';

async function told(node: SmpNode, path: string): Promise<string> {
  const answer = await fetch(`${node.adminUrl}admin/${path}`);
  expect(answer.status).toBe(200);
  return answer.text();
}

async function overviewOf(node: SmpNode): Promise<Overview> {
  return overviewSchema.strict().parse(JSON.parse(await told(node, 'overview')));
}

describe('the overview of a relay', () => {
  it('counts what clients do, in the form that is promised', async () => {
    const node = await startNode(relayFolder(), 'admin.nodeName=first');
    const before = await overviewOf(node);
    expect(before).toMatchObject({ service: 'smp', node: 'first', version: '1.2.3', address: node.address, state: 'running', notReady: [], counters: { messagesSent: 0 } });
    const client = await connect(node);
    const queue = await createQueue(client, {});
    await sendMessage(client, { senderId: queue.senderId, key: null }, new Uint8Array([1, 2, 3]));
    const after = await overviewOf(node);
    expect(after.counters).toMatchObject({ messagesSent: 1, queuesCreated: 1, socketsAccepted: 1 });
    expect(after.counters.commands).toBeGreaterThanOrEqual(2);
    expect(after.rates.messagesSent).toBeGreaterThan(0);
    expect(after.gauges).toMatchObject({ sessions: 1, connections: 1, subscriptions: 1, queues: 1, messages: 1 });
    expect(after.latencies.command!.count).toBeGreaterThanOrEqual(2);
    expect(after.latencies.send).toMatchObject({ count: 1 });
    expect(after.latencies.send!.p99).toBeGreaterThan(0);
    expect(after.latencies.store!.count).toBeGreaterThan(0);
    expect(after.stores).toMatchObject([{ name: 'queues', engine: 'embedded', available: true, shards: [{ name: 'disk', connected: true }] }]);
    expect(after.stores[0]!.roomBytes).toBeGreaterThan(0);
    expect(after.stores[0]!.shards[0]!.p99Seconds).toBeGreaterThan(0);
  });

  it('has the bounds that hold, and how far they are used', async () => {
    const node = await startNode(relayFolder(), 'limits.connections=40', 'limits.newQueuesPerMinute=0', 'proxy.enabled=off');
    await connect(node);
    const { limits } = await overviewOf(node);
    expect(limits).toContainEqual({ setting: 'limits.connections', value: 40, used: 1, unit: 'count' });
    expect(limits).toContainEqual({ setting: 'messages.quota', value: 128, used: null, unit: 'count' });
    const names = limits.map(({ setting }) => setting);
    expect([names.includes('limits.newQueuesPerMinute'), names.includes('proxy.relays')]).toEqual([false, false]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has the end of the certificate in use, also after another one was read', async () => {
    const folder = relayFolder();
    const node = await startNode(folder);
    const [{ notAfter }] = (await overviewOf(node)).certificates as [Overview['certificates'][number]];
    const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519', days: 3 });
    writeIdentity(folder, { key: leaf.key, certificate: leaf.certificate + ca.certificate });
    await node.reload();
    const [certificate] = (await overviewOf(node)).certificates;
    expect(certificate).toMatchObject({ name: 'identity' });
    expect(certificate!.notAfter < notAfter).toBe(true);
  });

  it('names its machine and port where nobody named it', async () => {
    expect((await overviewOf(await startNode(relayFolder()))).node).toMatch(/^\S+:pid \d+$/);
  });

  it('says that it drains', async () => {
    const node = await startNode(relayFolder(), 'shutdown.drainTimeout=1s');
    await Promise.all([connect(node), connect(node)]);
    const stopping = node.stop();
    expect(await overviewOf(node)).toMatchObject({ state: 'draining', notReady: ['draining'] });
    await stopping;
  });

  it('tells warnings of its log', async () => {
    const line = { at: new Date().toISOString(), level: 'warn', message: 'mind this', count: 3 } as const;
    const logControl = { level: 'info', setLevel: () => undefined, recent: () => [line] } as const;
    const node = await createSmpNode(configOf(relayFolder()), { log: silentLogger, logControl, version: '1' });
    onTestFinished(() => node.stop());
    expect((await overviewOf(node)).warnings).toEqual([line]);
  });

  it('and the fleet and the hour hold nothing of any client', async () => {
    const node = await startNode(relayFolder());
    const client = await connect(node);
    const queue = await createQueue(client, {});
    await sendMessage(client, { senderId: queue.senderId, key: null }, new Uint8Array([1, 2, 3]));
    const hour = async () => historySchema.parse(JSON.parse(await told(node, 'history'))).series;
    await expect.poll(async () => (await hour())['sessions']?.at(-1), { timeout: 20_000, interval: 500 }).toBe(1);
    const all = (await Promise.all(['overview', 'fleet', 'history'].map((path) => told(node, path)))).join();
    const secrets = [queue.recipientId, queue.senderId].flatMap((id) => [toBase64Url(id), Buffer.from(id).toString('hex'), Buffer.from(id).toString('base64')]);
    for (const secret of [...secrets, '127.0.0.1', '::1']) expect(all.includes(secret), secret).toBe(false);
  });
});

describe('the fleet of one process', () => {
  it('is the servers in it', async () => {
    const fleet = new ProcessFleet();
    const start = async (name: string) => {
      const node = await createSmpNode(configOf(relayFolder(), `admin.nodeName=${name}`), { log: silentLogger, version: '1', fleet });
      onTestFinished(() => node.stop());
      return node;
    };
    const [one, two] = [await start('one'), await start('two')];
    const names = async (node: SmpNode): Promise<string[]> => fleetSchema.parse(JSON.parse(await told(node, 'fleet'))).nodes.map((each) => each.node);
    await expect.poll(() => names(one)).toEqual(['one', 'two']);
    await expect.poll(() => names(two)).toEqual(['two', 'one']);
  });
});
