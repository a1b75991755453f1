/** An operator's steps on a running relay, as its clients and its audit log see them (SMP §8.5, §9.5). */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { toBase64Url } from '@polyplex/base';
import { connectSmp, createQueue, sendMessage, type SmpClient, subscribe, suspendQueue } from '@polyplex/client';
import { hkdfSha512, randomBytes } from '@polyplex/crypto';
import { parseAddress } from '@polyplex/protocol-common';
import { parseQueueName } from '@polyplex/protocol-agent';
import { smpErrorText, type SmpReply } from '@polyplex/protocol-smp';
import { silentLogger } from '@polyplex/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import { createSmpNode, type SmpNode } from '../src/index.ts';
import { configOf, connect, relayFolder, startNode } from './support.ts';

const clients: SmpClient[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.close()));

interface Seen {
  readonly client: SmpClient;
  /** What came unasked: the id of the queue, and what it was. */
  readonly events: (readonly [entityId: string, what: string])[];
}

async function listener({ address }: SmpNode): Promise<Seen> {
  const events: [string, string][] = [];
  const client = await connectSmp({
    address: { ...parseAddress(address)!, hosts: ['127.0.0.1'] },
    onEvent: (entityId, reply) => void events.push([toBase64Url(entityId), textOf(reply)]),
  });
  clients.push(client);
  return { client, events };
}

function textOf(reply: SmpReply): string {
  return reply.tag === 'ERR' ? `ERR ${smpErrorText(reply.error)}` : reply.tag;
}

async function post(node: SmpNode, path: string, body: object, token?: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const response = await fetch(`${node.adminUrl}admin/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function auditLines(folder: string): Record<string, unknown>[] {
  return readFileSync(join(folder, 'data/audit-smp.log'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a queue that is blocked', () => {
  it('tells who is subscribed at once, who comes later, and its senders; and is as before when unblocked', async () => {
    const node = await startNode(relayFolder());
    const { client, events } = await listener(node);
    const queue = await createQueue(client);
    const other = await connect(node);
    const id = toBase64Url(queue.senderId);
    const blocked = 'ERR BLOCKED reason=content,notice={"ttl":3600}';
    expect((await post(node, 'queues/block', { id, reason: 'content', noticeSeconds: 3600 })).status).toBe(200);
    while (events.length === 0) await setImmediate(); // the push may come after the operator's answer
    expect(events).toEqual([[toBase64Url(queue.recipientId), blocked]]);
    await expect(sendMessage(other, { senderId: queue.senderId, key: null }, new Uint8Array(5))).rejects.toThrow('BLOCKED');
    await expect(subscribe(other, queue)).rejects.toThrow('BLOCKED');
    expect((await post(node, 'queues/unblock', { id })).status).toBe(200);
    await expect(subscribe(other, queue)).resolves.toBeDefined();
    await sendMessage(client, { senderId: queue.senderId, key: null }, new Uint8Array(5));
  });

  it('is found by the id of its short link, which follows from the key in the link', async () => {
    const node = await startNode(relayFolder());
    const key = randomBytes(32);
    const linkId = hkdfSha512(new Uint8Array(0), key, new TextEncoder().encode('SimpleXContactLink'), 56).slice(0, 24);
    const link = { linkId, fixedData: new Uint8Array(2048), userData: new Uint8Array(13_824) };
    await createQueue(await connect(node), { mode: 'C', link });
    const id = toBase64Url(parseQueueName(`https://smp.example.org/a#${Buffer.from(key).toString('base64url')}`)!.id);
    expect((await post(node, 'queues/status', { id })).body).toMatchObject({ status: 'active', mode: 'contact' });
    expect((await post(node, 'queues/block', { id, reason: 'spam' })).status).toBe(200);
    expect((await post(node, 'queues/status', { id })).body).toMatchObject({ status: 'blocked (spam)' });
  });
});

describe('the audit log', () => {
  it('has each step before its answer, without any id, and is told to administrators alone', async () => {
    const folder = relayFolder();
    for (const name of ['admin', 'reader']) writeFileSync(join(folder, `${name}.token`), `${name}-token\n`);
    const node = await startNode(folder, `admin.tokenFile=${folder}/admin.token`, `admin.readerTokenFile=${folder}/reader.token`);
    const queue = await createQueue(await connect(node), { subscribe: false });
    const id = toBase64Url(queue.senderId);
    const steps = [
      ['queues/block', { id, reason: 'spam' }, 'queue block', 'spam', 'ok'],
      ['queues/block', { id, reason: 'content' }, 'queue block', 'content', 'ok, already'],
      ['queues/unblock', { id: toBase64Url(queue.recipientId) }, 'queue unblock', null, 'missing'],
      ['queues/unblock', { id }, 'queue unblock', null, 'ok'],
      ['queues/delete', { id }, 'queue delete', null, 'ok'],
    ] as const;
    for (const [i, [path, body, action, reason, result]] of steps.entries()) {
      const answer = await post(node, path, body, 'admin-token');
      expect(auditLines(folder)).toHaveLength(i + 1);
      expect(auditLines(folder).at(-1)).toMatchObject({ role: 'admin', action, reason, result });
      if (answer.status === 200) expect(answer.body['target']).toBe(auditLines(folder).at(-1)!['target']);
    }
    expect((await post(node, 'queues/status', { id }, 'reader-token')).status).toBe(404);
    expect((await post(node, 'queues/delete', { id }, 'reader-token')).status).toBe(403);
    const all = readFileSync(join(folder, 'data/audit-smp.log'), 'utf8');
    for (const secret of [queue.senderId, queue.recipientId]) {
      for (const form of ['base64url', 'base64', 'hex'] as const) expect(all).not.toContain(Buffer.from(secret).toString(form));
    }
    const told = await fetch(`${node.adminUrl}admin/audit`, { headers: { authorization: 'Bearer admin-token' } });
    expect(((await told.json()) as { entries: unknown[] }).entries).toEqual(auditLines(folder));
    expect((await fetch(`${node.adminUrl}admin/audit`, { headers: { authorization: 'Bearer reader-token' } })).status).toBe(403);
  });

  it('where there can be none in the place that nobody named, operators may look and change nothing', async () => {
    const folder = relayFolder();
    mkdirSync(join(folder, 'data/audit-smp.log'), { recursive: true });
    const node = await startNode(folder);
    const id = toBase64Url((await createQueue(await connect(node), { subscribe: false })).senderId);
    expect(await post(node, 'queues/block', { id, reason: 'spam' })).toMatchObject({ status: 500, body: { message: expect.stringContaining('nothing was done') } });
    expect((await post(node, 'queues/status', { id })).body).toMatchObject({ status: 'active' });
  });

  it('must be where the settings say, or the node does not start', async () => {
    const folder = relayFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(createSmpNode(configOf(folder, `admin.auditFile=${folder}/file/audit.log`), { log: silentLogger, version: '1' }))
      .rejects.toMatchObject({ code: 'STORAGE', message: expect.stringContaining('admin.auditFile') });
    await startNode(folder); // and nothing of the first is left
  });
});

describe('the daily quota of blocks', () => {
  const blockAll = async (node: SmpNode, ids: readonly string[]): Promise<number[]> => {
    const statuses = [];
    for (const id of ids) statuses.push((await post(node, 'queues/block', { id, reason: 'spam' })).status);
    return statuses;
  };

  async function queuesOf(node: SmpNode, count: number): Promise<string[]> {
    const client = await connect(node);
    return Promise.all(Array.from({ length: count }, async () => toBase64Url((await createQueue(client, { subscribe: false })).senderId)));
  }

  it('holds across restarts; what is blocked already, unblocked or refused takes nothing of it', async () => {
    const folder = relayFolder();
    const node = await startNode(folder, 'access.dailyBlockQuota=3');
    const [a, b, c, d] = await queuesOf(node, 4) as [string, string, string, string];
    const nobody = toBase64Url(randomBytes(24));
    const owner = await connect(node);
    const off = await createQueue(owner, { subscribe: false });
    await suspendQueue(owner, off);
    const suspended = toBase64Url(off.senderId);
    expect(await blockAll(node, [a, a, nobody, 'x', suspended, suspended, b])).toEqual([200, 200, 404, 400, 409, 409, 200]);
    expect(await blockAll(node, [c])).toEqual([200]);
    expect((await post(node, 'queues/delete', { id: c })).status).toBe(200);
    await node.stop();
    const again = await startNode(folder, 'access.dailyBlockQuota=3');
    expect(await blockAll(again, [d, a])).toEqual([429, 200]);
    expect((await post(again, 'queues/status', { id: d })).body).toMatchObject({ status: 'active' });
    expect((await post(again, 'queues/unblock', { id: a })).status).toBe(200);
    expect(await blockAll(again, [a]), 'anew').toEqual([429]);
    expect(auditLines(folder).at(-1)).toMatchObject({ action: 'queue block', result: 'quota' });
  });

  it('of 0 is none, of -1 forbids', async () => {
    const free = await startNode(relayFolder(), 'access.dailyBlockQuota=0');
    expect(new Set(await blockAll(free, await queuesOf(free, 25)))).toEqual(new Set([200]));
    const never = await startNode(relayFolder(), 'access.dailyBlockQuota=-1');
    expect(await blockAll(never, await queuesOf(never, 1))).toEqual([429]);
  });
});
