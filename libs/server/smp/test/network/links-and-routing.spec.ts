/** Link data, keys and commands of proxies that arrive at other nodes than the queue's owner (SMP §5.2, §5.3, §7). */
import { connectSmp, openProxySession, secureBySender, type SmpClient, tlsDial } from '@polyplex/client';
import { generateKeyPair } from '@polyplex/crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { relayDialer } from '../../src/index.ts';
import { acknowledge, bodyOf, createQueue, createWithLink, LINK_DATA, secure, send, text } from '../support/queue.ts';
import { RawClient, said } from '../support/raw-client.ts';
import { startRelay, startTestNetwork, type TestNetwork, type TestRelay } from '../support/relay.ts';

const dial = tlsDial({ allowAddress: () => true });
let network: TestNetwork;
let proxyRelay: TestRelay;
let client: SmpClient;
/** One at each node. */
let clients: readonly [RawClient, RawClient, RawClient];
beforeAll(async () => {
  network = await startTestNetwork();
  proxyRelay = await startRelay({ dialRelay: relayDialer({ dial, allowedPorts: null }) });
  client = await connectSmp({ address: proxyRelay.address, dial });
  const connect = (index: number) => RawClient.connect(network.at(index));
  clients = [await connect(0), await connect(1), await connect(2)];
});
afterAll(async () => {
  for (const each of [...clients, client]) each.close();
  await proxyRelay.stop();
  await network.stop();
});

test('link data that is set at one node is read, changed and deleted at others', async () => {
  const [owner, second, other] = clients;
  const { recipientId, senderId, recipientKey, ids } = await createWithLink(owner, 'C');
  const linkId = ids.linkId!;
  const shown = () => other.ask({ tag: 'LGET' }, linkId);
  expect(await shown()).toEqual({ tag: 'LNK', senderId, data: LINK_DATA });
  const updated = { ...LINK_DATA, userData: text('updated') };
  expect(said(await second.ask({ tag: 'LSET', linkId, data: updated }, recipientId, recipientKey))).toBe('OK');
  expect(await shown()).toEqual({ tag: 'LNK', senderId, data: updated });
  expect(said(await owner.ask({ tag: 'LDEL' }, recipientId, recipientKey))).toBe('OK');
  expect(said(await shown())).toBe('ERR AUTH');
});

test('a one-time link that was used at one node is spent at all', async () => {
  const queue = await createWithLink(clients[0], 'M');
  const linkId = queue.ids.linkId!;
  const [keys, others] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
  const lkey = (at: RawClient, { publicKey, privateKey } = keys) => at.ask({ tag: 'LKEY', senderKey: publicKey }, linkId, privateKey);
  expect(said(await lkey(clients[1]))).toBe('LNK');
  expect(said(await lkey(clients[2]))).toBe('LNK');
  for (const at of clients) expect(said(await lkey(at, others))).toBe('ERR AUTH');
  expect(said(await send(clients[2], queue, text('hello'), keys.privateKey))).toBe('OK');
  for (const at of clients) expect(said(await lkey(at))).toBe('ERR AUTH');
});

test('keys that are set or replaced at one node count at all', async () => {
  const queue = await createQueue(clients[0], { subMode: 'C', request: { type: 'C', data: null } });
  for (const at of clients) expect(said(await send(at, queue, text('open')))).toBe('OK');
  const key = await secure(clients[1], queue);
  for (const at of clients) expect([said(await send(at, queue, text('x'))), said(await send(at, queue, text('x'), key))]).toEqual(['ERR AUTH', 'OK']);
  const keys = generateKeyPair('ed25519');
  const rkey = { tag: 'RKEY', recipientKeys: [keys.publicKey] } as const;
  expect(said(await clients[2].ask(rkey, queue.recipientId, queue.recipientKey))).toBe('OK');
  for (const at of clients) {
    expect(said(await at.ask({ tag: 'GET' }, queue.recipientId, queue.recipientKey))).toBe('ERR AUTH');
    expect(said(await at.ask({ tag: 'GET' }, queue.recipientId, keys.privateKey))).toBe('MSG');
  }
});

test.each([0, 1, 2])('what a proxy forwards to node %i reaches the recipient, wherever it is', async (index) => {
  const session = await openProxySession(client, network.at(index).address);
  for (const recipient of clients) {
    const queue = await createQueue(recipient);
    const keys = generateKeyPair('x25519');
    await secureBySender(session, queue.senderId, keys);
    const sent = await session.request({ tag: 'SEND', notify: false, body: text('forwarded') }, { entityId: queue.senderId, key: keys.privateKey });
    expect(said(sent)).toBe('OK');
    const { reply } = await recipient.next();
    expect(bodyOf(queue, reply)).toBe('forwarded');
    expect(said(await acknowledge(recipient, queue, reply))).toBe('OK');
  }
});
