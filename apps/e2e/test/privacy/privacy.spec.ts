/**
 * Everything that clients and operators can do to a relay and a file server which log all they can: nothing that the servers
 * wrote tells an id, a key or an address of a client. That the search would find one is shown here as well.
 */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  acknowledge, addNotifier, connectSmp, connectXftp, createQueue, deleteLinkData, deleteNotifier, deleteQueue, getLink, http2Dial, queueInfo, secureBySender, secureQueue,
  sendMessage, type SmpClient, subscribe, subscribeNotifications, suspendQueue, tlsDial, type XftpClient,
} from '@polyplex/client';
import { generateKeyPair, randomBytes, sha256 } from '@polyplex/crypto';
import { type ServerNode, startFileServerNode, startRelayNode } from '@polyplex/local-cluster';
import { type AddressText, parseAddress } from '@polyplex/protocol-common';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { suspicion, TraceFinder, UsedIds, usedIn } from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'polyplex-private-'));
const parts = new AsyncDisposableStack();
parts.defer(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => parts.disposeAsync());

/** Of this machine too, but nobody else comes from there. */
const CLIENT_ADDRESS = '127.77.66.55';
const CHUNK_BYTES = 65_536;
const LOUD = ['log.level=debug', 'log.format=json', 'statistics.daily=true', 'backup.config=true'];

let relay: ServerNode;
let fileServer: ServerNode;

/** Passes connections on from the client's address; answers its own port. */
async function from(address: string, port: number): Promise<number> {
  const server: Server = createServer((client) => {
    const onward = connect({ host: '127.0.0.1', port, localAddress: address });
    client.pipe(onward).pipe(client);
    for (const socket of [client, onward]) socket.on('error', () => [client, onward].forEach((each) => each.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  parts.defer(() => void server.close());
  return (server.address() as { port: number }).port;
}

async function addressOf(node: ServerNode): Promise<AddressText> {
  return { ...parseAddress(node.address)!, hosts: ['127.0.0.1'], port: String(await from(CLIENT_ADDRESS, node.port)) };
}

beforeAll(async () => {
  new UsedIds(inject('collectedOutput')).noteAddress(CLIENT_ADDRESS);
  relay = await startRelayNode({ folder: join(folder, 'relay'), settings: LOUD });
  fileServer = await startFileServerNode({ folder: join(folder, 'files'), settings: [...LOUD, 'xftpStorage.reserve=0'] });
}, 120_000);

/** Rejections are part of it. */
async function tried(task: Promise<unknown>): Promise<void> {
  await task.catch(() => undefined);
}

const base64url = (id: Uint8Array): string => Buffer.from(id).toString('base64url');

async function admin(node: ServerNode, path: string, body?: object, headers: Record<string, string> = {}): Promise<void> {
  const request = body === undefined ? { headers } : { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
  await (await fetch(new URL(path, node.adminUrl), request)).text();
}

/** All that operators do with an id, and what they might do by mistake: ids in paths, in headers, in a body of another shape. */
async function operate(node: ServerNode, kind: 'queues' | 'files', ids: readonly Uint8Array[]): Promise<void> {
  for (const id of [...ids.map(base64url), base64url(randomBytes(24)), 'malformed']) {
    await admin(node, `admin/${kind}/status`, { id });
    await admin(node, `admin/${kind}/block`, { id, reason: 'spam', noticeSeconds: null });
    await admin(node, `admin/${kind}/unblock`, { id });
    await admin(node, `admin/${kind}/${id}`);
    await admin(node, `admin/${kind}/status?id=${id}`);
    await admin(node, 'admin/overview', undefined, { authorization: `Bearer ${id}` });
    await admin(node, `admin/${kind}/status`, { id: { id } });
  }
  await admin(node, 'admin/save', {});
  await admin(node, 'admin/backup', {});
}

async function useRelay(client: SmpClient, peer: SmpClient, password: string | null): Promise<readonly Uint8Array[]> {
  const link = { fixedData: randomBytes(40), userData: randomBytes(50) };
  const queue = await createQueue(client, { password, withNotifier: true, mode: 'M', link });
  await tried(getLink(peer, queue.linkId!));
  const senderKey = generateKeyPair('ed25519');
  await secureBySender(peer, queue.senderId, senderKey);
  await subscribeNotifications(peer, queue.notifier!);
  for (let i = 0; i < 3; i++) await sendMessage(peer, { senderId: queue.senderId, key: senderKey.privateKey }, randomBytes(100), true);
  const { message } = await subscribe(client, queue);
  if (message !== null) await acknowledge(client, queue, Uint8Array.from(message.msgId));
  await queueInfo(client, queue);
  await addNotifier(client, queue);
  await deleteNotifier(client, queue);
  await tried(deleteLinkData(client, queue));

  // What is refused.
  const wrong = generateKeyPair('ed25519').privateKey;
  await tried(subscribe(client, { ...queue, key: wrong }));
  await tried(subscribe(client, { ...queue, recipientId: randomBytes(24) }));
  await tried(sendMessage(peer, { senderId: queue.senderId, key: wrong }, randomBytes(10)));
  await tried(sendMessage(peer, { senderId: randomBytes(24), key: null }, randomBytes(10)));
  await tried(secureQueue(client, queue, generateKeyPair('x25519').publicKey));
  await tried(createQueue(client, { password: 'wrong' }));
  for (let i = 0; i < 200; i++) await tried(sendMessage(peer, { senderId: queue.senderId, key: senderKey.privateKey }, randomBytes(10)));

  const gone = await createQueue(client, { password });
  await suspendQueue(client, gone);
  await deleteQueue(client, gone);
  return [queue.senderId, queue.recipientId, queue.linkId!, gone.senderId];
}

async function useFileServer(client: XftpClient, password: string | null): Promise<readonly Uint8Array[]> {
  const body = randomBytes(CHUNK_BYTES);
  const create = async () => {
    const [sender, recipient] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
    const chunk = { size: CHUNK_BYTES, digest: sha256(body) };
    const { senderId, recipientIds } = await client.createChunk({ ...chunk, sender, recipientKeys: [recipient.publicKey], password });
    return { chunk, sender: { id: senderId, key: sender.privateKey }, recipient: { id: recipientIds[0]!, key: recipient.privateKey } };
  };
  const file = await create();
  await client.uploadChunk(file.sender, CHUNK_BYTES, [body]);
  await client.downloadChunk(file.recipient, file.chunk, () => undefined);
  const wrong = generateKeyPair('ed25519').privateKey;
  await tried(client.downloadChunk({ ...file.recipient, key: wrong }, file.chunk, () => undefined));
  await tried(client.downloadChunk({ ...file.recipient, id: randomBytes(24) }, file.chunk, () => undefined));
  const empty = await create();
  await tried(client.downloadChunk(empty.recipient, empty.chunk, () => undefined));
  await tried(client.uploadChunk(empty.sender, CHUNK_BYTES, [randomBytes(CHUNK_BYTES)]));
  const gone = await create();
  await client.uploadChunk(gone.sender, CHUNK_BYTES, [body]);
  await client.deleteChunk(gone.sender);
  await client.acknowledgeChunk(file.recipient);
  const last = await create();
  await client.uploadChunk(last.sender, CHUNK_BYTES, [body]);
  return [last.recipient.id, last.sender.id, gone.recipient.id];
}

/** What no protocol allows, from the client's address. */
async function disturb({ port }: AddressText): Promise<void> {
  for (const bytes of [randomBytes(300), Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252])]) {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.on('error', () => undefined);
    socket.end(bytes);
    await Promise.race([once(socket, 'close').catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 2000))]);
    socket.destroy();
  }
}

/** All that both wrote, whatever it is for, but for data and copies of data. */
function written(): Map<string, string> {
  const texts = new Map([['relay log', relay.log()], ['file server log', fileServer.log()]]);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.(log|csv|txt|json)$/.test(entry.name)) texts.set(join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  }
  const collected = inject('collectedOutput');
  for (const name of readdirSync(collected)) if (name.startsWith(`${String(process.pid)}-`) && name.endsWith('.txt')) texts.set(name, readFileSync(join(collected, name), 'utf8'));
  return texts;
}

test('a relay and a file server that say all they can say nothing of their clients', { timeout: 180_000 }, async () => {
  const address = await addressOf(relay);
  const dial = tlsDial({ allowAddress: () => true });
  const [client, peer] = await Promise.all([connectSmp({ address, dial }), connectSmp({ address, dial })]);
  await operate(relay, 'queues', await useRelay(client, peer, address.password));
  await disturb(address);
  client.close();
  peer.close();

  const fileAddress = await addressOf(fileServer);
  const files = await connectXftp({ address: fileAddress, dial: http2Dial({ allowAddress: () => true }) });
  await operate(fileServer, 'files', await useFileServer(files, fileAddress.password));
  await disturb(fileAddress);
  files.close();
  await Promise.all([relay.stop(), fileServer.stop()]);

  const used = usedIn(inject('collectedOutput'));
  expect(used.ids.length).toBeGreaterThan(50);
  expect(used.addresses).toContain(CLIENT_ADDRESS);
  const finder = new TraceFinder(used);
  const texts = written();
  // Not that nothing was looked at.
  for (const part of ['"level":"debug"', 'simplex_smp_', 'simplex_xftp_', '"action":"queue block"', '"action":"file block"', '"engine"', 'msgSent=']) {
    expect([...texts.values()].some((text) => text.includes(part)), part).toBe(true);
  }
  expect([...texts].flatMap(([name, text]) => finder.in(name, text))).toEqual([]);
});

test('an id in any form, or an address, would be found', () => {
  const [id, other] = [Buffer.from(randomBytes(24)), Buffer.from(randomBytes(24))];
  const finder = new TraceFinder({ ids: [id], addresses: ['127.77.66.55', '2001:db8::7'] });
  const url = id.toString('base64url');
  const lines = [
    `queue ${url} blocked`, JSON.stringify({ id: id.toString('base64') }), `x${id.toString('hex')}x`, id.toString('hex').toUpperCase(),
    `prefix_${url}`, `a "smp://server/q#/?v=1&q=${url}"`, 'from 127.77.66.55:4711', 'ip=127.77.66.55', '[2001:db8::7]:80',
  ];
  for (const line of lines) expect(finder.in('log', `before\n${line}\nafter`), line).toMatchObject([{ line }]);
  const innocent = [
    other.toString('base64url'), other.toString('hex'), '127.77.66.5', '1127.77.66.55', '127.77.66.551', '12001:db8::7', url.slice(0, 8), 'nothing',
  ];
  for (const line of innocent) expect(finder.in('log', line), line).toEqual([]);
});

test('a line of a log that looks as if it named somebody would be found', () => {
  const id = Buffer.from('fbd48acb7e1ef94c8a0a4bd5c1c95f3d4f9d6c3ae2c0b7d1', 'hex');
  const said = [
    [id.toString('base64url'), 'an id or key in base64'], [id.toString('base64'), 'an id or key in base64'], [id.toString('hex'), 'an id or key in hex'],
    [JSON.stringify(id), 'bytes'], ['10.1.2.3', 'an address'], ['::ffff:192.0.2.7', 'an address'],
  ] as const;
  for (const [value, what] of said) {
    for (const line of [JSON.stringify({ level: 'info', time: '2026-11-29T16:00:00.000Z', queue: value, message: 'x' }), `2026-11-29T16:00:00.000Z warn  x queue="${value}"`]) {
      expect(suspicion(line), line).toBe(what);
    }
    expect(suspicion(`  Address       ${value}`)).toBeNull();
  }
  const innocent = [
    '2026-11-29T16:00:00.000Z info  a backup is done backup="smp-20261129-155123" bytes=1322725376 seconds=1',
    '{"level":"error","time":"2026-11-29T16:00:00.000Z","error":"Error: x\\n    at run (file:///opt/polyplex/dist/polyplex.mjs:12:3)","message":"command failed"}',
    '2026-11-29T16:00:00.000Z warn  the Redis at redis://10.0.0.1:6379 does not answer', '2026-11-29T16:00:00.000Z info  listening on 127.0.0.1',
  ];
  for (const line of innocent) expect(suspicion(line), line).toBeNull();
});

test('what clients use is noted by itself, once, and what is public or content is not', () => {
  const place = mkdtempSync(join(folder, 'noted-'));
  const used = new UsedIds(place);
  const [id, key, secret] = [randomBytes(24), randomBytes(32), randomBytes(57)];
  used.note([{ tag: 'X', entityId: id, nested: { key: { kind: 'ed25519', raw: key } } }, [secret, id]]);
  used.note({ keyHash: randomBytes(32), body: randomBytes(100), number: 5, flags: new Uint8Array(3), zeros: new Uint8Array(24) });
  expect(usedIn(place).ids.map((each) => each.toString('hex')).sort()).toEqual([id, key, secret].map((each) => Buffer.from(each).toString('hex')).sort());
});
