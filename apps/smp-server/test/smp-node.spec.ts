/** A whole node over real sockets: traffic, administration, reload, and its end. */
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { createQueue, openProxySession, subscribe } from '@polyplex/client';
import { fingerprintOf } from '@polyplex/crypto';
import { readIdentity } from '@polyplex/node';
import { parseAddress } from '@polyplex/protocol-common';
import { silentLogger } from '@polyplex/telemetry';
import { describe, expect, it } from 'vitest';
import { createSmpNode, type SmpNode } from '../src/index.ts';
import { ca, configOf, connect, newLeaf, relayFolder, startNode, writeIdentity } from './support.ts';

function admin(node: SmpNode, action: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${node.adminUrl}admin/queues/${action}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function metric(node: SmpNode, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${node.adminUrl}metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe('a running node', () => {
  it('serves clients at the address it gives, and counts them', async () => {
    const node = await startNode(relayFolder());
    const client = await connect(node);
    await createQueue(client, {});
    expect(await metric(node, 'simplex_smp_queues_created')).toBe(1);
    expect(await metric(node, 'simplex_smp_queues_total2')).toBe(1);
    expect(await metric(node, 'simplex_smp_clients_total')).toBe(1);
    expect(await metric(node, 'polyplex_smp_commands_total{command="NEW"}')).toBe(1);
    expect(await metric(node, 'polyplex_store_available')).toBe(1);
    expect(await metric(node, 'nodejs_active_handles_total')).toBeUndefined();
    expect(await (await fetch(`${node.adminUrl}admin/overview`)).json()).toMatchObject({ version: '1.2.3', address: node.address });
  });

  it('serves them alike when it does the records of their connections itself, and sends no ticket then', async () => {
    const tickets = async (...settings: readonly string[]): Promise<boolean> => {
      const node = await startNode(relayFolder(), ...settings);
      const client = await connect(node);
      await expect(subscribe(client, await createQueue(client, {}))).resolves.toBeDefined();
      const socket = connectTls({ port: Number(parseAddress(node.address)!.port), host: '127.0.0.1', rejectUnauthorized: false });
      let got = false;
      socket.on('session', () => (got = true));
      await new Promise((resolve) => socket.once('data', () => setImmediate(resolve)));
      socket.destroy();
      return got;
    };
    expect(await tickets()).toBe(true);
    expect(await tickets('listen.leanConnections=on')).toBe(false);
  });

  it('keeps queues and identity from one run to the next', async () => {
    const folder = relayFolder();
    const first = await startNode(folder);
    const queue = await createQueue(await connect(first), { subscribe: false });
    await first.stop();
    const second = await startNode(folder);
    expect(parseAddress(second.address)!.keyHash).toEqual(parseAddress(first.address)!.keyHash);
    await expect(subscribe(await connect(second), queue)).resolves.toBeDefined();
    await expect(subscribe(await connect(second), { ...queue, recipientId: queue.senderId })).rejects.toThrow('AUTH');
  });

  it('blocks, unblocks and deletes queues for its operator', async () => {
    const node = await startNode(relayFolder());
    const queue = await createQueue(await connect(node), { subscribe: false });
    const id = toBase64Url(queue.senderId);
    expect(await (await admin(node, 'status', { id })).json()).toMatchObject({ status: 'active', messages: 0 });
    expect((await admin(node, 'block', { id, reason: 'spam', noticeSeconds: 60 })).status).toBe(200);
    expect(await (await admin(node, 'status', { id })).json()).toMatchObject({ status: 'blocked (spam)' });
    expect((await admin(node, 'unblock', { id })).status).toBe(200);
    expect(await (await admin(node, 'status', { id: id.replaceAll('=', '') })).json()).toMatchObject({ status: 'active' });
    expect(await (await admin(node, 'delete', { id })).json()).toEqual({ messages: 0, target: expect.any(String) });
    expect((await admin(node, 'status', { id })).status).toBe(404);
    const recipientId = toBase64Url(queue.recipientId);
    expect((await admin(node, 'status', { id: recipientId })).status).toBe(404);
  });

  it('takes a new certificate while running', async () => {
    const folder = relayFolder();
    const node = await startNode(folder);
    const before = await connect(node);
    writeIdentity(folder, newLeaf('ed448'));
    await node.reload();
    const after = await connect(node);
    await createQueue(after, { subscribe: false });
    await createQueue(before, { subscribe: false });
    writeFileSync(join(folder, 'server.key'), newLeaf().key);
    await expect(node.reload()).rejects.toMatchObject({ code: 'IDENTITY' });
    await createQueue(await connect(node), { subscribe: false });
  });

  it('is a proxy to other relays, as far as its settings let it', async () => {
    const destination = await startNode(relayFolder());
    const address = { ...parseAddress(destination.address)!, hosts: ['127.0.0.1'] };
    const open = async (...settings: readonly string[]): Promise<string> => {
      const client = await connect(await startNode(relayFolder(), ...settings));
      return openProxySession(client, address).then(() => 'open', (error: unknown) => (error as Error).message);
    };
    expect(await open('proxy.allowedPorts=')).toBe('open');
    expect(await open(`proxy.allowedPorts=${address.port}`)).toBe('open');
    expect(await open()).toMatch(/BROKER HOST/);
    expect(await open('proxy.allowedPorts=', 'proxy.allowPrivateAddresses=off')).toMatch(/BROKER/);
    expect(await open('proxy.allowedPorts=', 'proxy.enabled=off')).toMatch(/AUTH/);
  });

  it('drains: says so, lets clients go, and is gone', async () => {
    const node = await startNode(relayFolder(), 'shutdown.drainTimeout=700ms');
    const [one, two] = [await connect(node), await connect(node)];
    const stopping = node.stop();
    const ready = await fetch(`${node.adminUrl}readyz`);
    expect([ready.status, (await ready.text()).includes('draining')]).toEqual([503, true]);
    await Promise.all([one.closed, two.closed]);
    await stopping;
    await expect(fetch(`${node.adminUrl}healthz`)).rejects.toThrow();
    await expect(connect(node)).rejects.toThrow();
  });

  it('says that it leaves before it leaves, where it is told to', async () => {
    const node = await startNode(relayFolder(), 'shutdown.leaveTime=2s');
    const stopping = node.stop();
    expect((await fetch(`${node.adminUrl}readyz`)).status).toBe(503);
    const late = await connect(node);
    await late.closed;
    await stopping;
    await expect(connect(node)).rejects.toThrow();
  });
});

describe('a node that cannot start', () => {
  async function failure(folder: string, ...settings: readonly string[]): Promise<unknown> {
    return createSmpNode(configOf(folder, ...settings), { log: silentLogger, version: '1' }).then(
      async (node) => node.stop().then(() => 'it started'),
      (error: unknown) => error,
    );
  }

  it('names the port that is taken, and leaves the data free', async () => {
    const folder = relayFolder();
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    expect(await failure(folder, `listen.ports=${port}`)).toMatchObject({ code: 'LISTEN', message: expect.stringContaining(`port ${port} is in use`) });
    expect(await failure(folder, `admin.port=${port}`)).toMatchObject({ code: 'LISTEN', message: expect.stringContaining('admin.port') });
    other.close();
    await startNode(folder);
  });

  it('names data that another process uses, and data that is none', async () => {
    const folder = relayFolder();
    const node = await startNode(folder);
    expect(await failure(folder)).toMatchObject({ code: 'STORAGE', message: expect.stringContaining('another process is using it') });
    await node.stop();
    writeFileSync(join(node.storePlace, 'data.mdb'), 'not a store');
    expect(await failure(folder)).toMatchObject({ code: 'STORAGE', message: expect.stringContaining('storage.dataDir') });
  });

  it.each([
    ['a missing certificate', { certificateFile: '/nowhere/server.crt' }, /\/nowhere\/server\.crt cannot be read \(ENOENT/],
    ['a file that is no certificate', { certificateFile: 'server.key' }, /there is no PEM certificate/],
    ['a key of another certificate', { keyFile: 'other.key' }, /does not belong/],
  ])('names %s', async (_name, files, message) => {
    const folder = relayFolder();
    writeFileSync(join(folder, 'other.key'), newLeaf().key);
    const settings = Object.entries(files).map(([key, path]) => `identity.${key}=${path.startsWith('/') ? path : join(folder, path)}`);
    expect(await failure(folder, ...settings)).toMatchObject({ code: 'IDENTITY', message: expect.stringMatching(message) });
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('refuses another identity than the one its users know', async () => {
    const folder = relayFolder();
    writeFileSync(join(folder, 'fingerprint'), `${toBase64Url(new Uint8Array(32))}\n`);
    expect(await failure(folder)).toMatchObject({ code: 'IDENTITY', message: expect.stringContaining('another CA certificate') });
  });

  it('refuses a password that no client could send, without telling it', async () => {
    const folder = relayFolder();
    writeFileSync(join(folder, 'password'), 'two words\n');
    const error = await failure(folder, `access.passwordFile=${folder}/password`);
    expect(error).toMatchObject({ name: 'ConfigError', message: expect.not.stringContaining('two words') });
  });
});

it('a leaf alone takes its CA certificate from a file of its own', () => {
  const folder = relayFolder();
  const made = newLeaf();
  const [leaf] = made.certificate.split(/(?<=-----END CERTIFICATE-----\n)/);
  writeIdentity(folder, { key: made.key, certificate: leaf! });
  writeFileSync(join(folder, 'ca.crt'), ca.certificate);
  const { identity } = configOf(folder, `identity.caCertificateFile=${folder}/ca.crt`);
  const read = readIdentity(identity);
  expect(read.credentials.chain).toHaveLength(2);
  writeIdentity(folder, made);
  expect(readIdentity(identity).credentials.chain).toHaveLength(2);
  expect(toBase64Url(read.fingerprint)).toBe(toBase64Url(fingerprintOf(read.credentials.chain)!));
  expect(fromBase64Url(toBase64Url(read.fingerprint))).toHaveLength(32);
});
