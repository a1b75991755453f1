/** Private message routing between two relays and a client (SMP §7). */
import {
  acknowledge, connectSmp, createQueue, getMessage, openMessage, openProxySession, ProxyRefusedError, secureBySender, sendMessage, type SmpClient, tlsDial,
} from '@polyplex/client';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { SmpReply } from '@polyplex/protocol-smp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relayDialer } from '../src/index.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay, total } from './support/relay.ts';

const dial = tlsDial({ allowAddress: () => true });
let destination: TestRelay;
let proxyRelay: TestRelay;
let recipient: SmpClient;
let client: SmpClient;
const events: SmpReply[] = [];

beforeAll(async () => {
  destination = await startRelay();
  proxyRelay = await startRelay({ dialRelay: relayDialer({ dial, allowedPorts: null }), options: { password: 'proxy' } });
  recipient = await connectSmp({ address: destination.address, dial, onEvent: (_, reply) => events.push(reply) });
  client = await connectSmp({ address: proxyRelay.address, dial });
});
afterAll(async () => {
  recipient.close();
  client.close();
  await proxyRelay.stop();
  await destination.stop();
});

const relayCount: Parameters<typeof total>[1] = ({ server }) => server.gauges().relays;
const open = () => openProxySession(client, destination.address, { password: 'proxy' });

test('a client secures a queue and sends through a proxy; the recipient receives', async () => {
  const queue = await createQueue(recipient);
  const session = await open();
  expect(session.version).toBe(17);
  const keys = generateKeyPair('x25519');
  await secureBySender(session, queue.senderId, keys);
  await session.request({ tag: 'SEND', notify: false, body: randomBytes(16_048) }, { entityId: queue.senderId, key: keys.privateKey });
  await expect.poll(() => events.filter(({ tag }) => tag === 'MSG').length).toBe(1);
  expect(said(await session.request({ tag: 'SEND', notify: false, body: randomBytes(16_049) }, { entityId: queue.senderId, key: keys.privateKey }))).toBe('ERR LARGE_MSG');
  expect(said(await session.request({ tag: 'SEND', notify: false, body: randomBytes(10) }, { entityId: queue.senderId }))).toBe('ERR AUTH');
});

test('one connection serves all clients of the proxy', async () => {
  const [first, second] = await Promise.all([open(), open()]);
  expect(second.relaySessionId).toEqual(first.relaySessionId);
  expect(total(proxyRelay, relayCount)).toBe(1);
});

test('many forwards at once are all answered', async () => {
  const session = await open();
  const replies = await Promise.all(
    Array.from({ length: 200 }, () => session.request({ tag: 'LGET' }, { entityId: randomBytes(24) })),
  );
  expect(new Set(replies.map(said))).toEqual(new Set(['ERR AUTH']));
});

test('only SEND, SKEY, LKEY and LGET may be forwarded; bad inner commands get the usual errors', async () => {
  const session = await open();
  expect(said(await session.request({ tag: 'PING' }))).toBe('ERR CMD PROHIBITED');
  const key = generateKeyPair('ed25519').privateKey;
  expect(said(await session.request({ tag: 'SUB' }, { entityId: randomBytes(24), key }))).toBe('ERR CMD PROHIBITED');
  expect(said(await session.request({ tag: 'LGET' }, { entityId: randomBytes(24), key }))).toBe('ERR CMD HAS_AUTH');
});

describe('errors of routing', () => {
  const refusal = async (attempt: Promise<unknown>): Promise<string> => {
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    return error instanceof ProxyRefusedError ? said({ tag: 'ERR', error: error.error }) : String(error);
  };

  test('a wrong password', async () => {
    expect(await refusal(openProxySession(client, destination.address, { password: 'wrong' }))).toBe('ERR PROXY BASIC_AUTH');
  });

  test('a relay that is not there, remembered for a while', async () => {
    const nowhere = { ...destination.address, port: '1' };
    for (let time = 0; time < 2; time++) {
      expect(await refusal(openProxySession(client, nowhere, { password: 'proxy' }))).toBe('ERR PROXY BROKER NETWORK');
    }
  });

  test('an onion address without SOCKS', async () => {
    const onion = { ...destination.address, hosts: ['abcdef.onion'] };
    expect(await refusal(openProxySession(client, onion, { password: 'proxy' }))).toBe('ERR PROXY BROKER HOST');
  });

  test('a relay of another identity', async () => {
    const other = { ...destination.address, keyHash: randomBytes(32) };
    expect(await refusal(openProxySession(client, other, { password: 'proxy' }))).toMatch(/^ERR PROXY BROKER (NETWORK|TRANSPORT HANDSHAKE IDENTITY)$/);
  });

  test('a session that the proxy does not know', async () => {
    const reply = await client.request(
      { tag: 'PFWD', version: 17, key: generateKeyPair('x25519').publicKey, encTransmission: randomBytes(16_242) },
      { entityId: randomBytes(32) },
    );
    expect(said(reply)).toBe('ERR PROXY NO_SESSION');
  });

  test('garbage for the relay is its CRYPTO error', async () => {
    const { relaySessionId } = await open();
    const reply = await client.request(
      { tag: 'PFWD', version: 17, key: generateKeyPair('x25519').publicKey, encTransmission: randomBytes(16_242) },
      { entityId: relaySessionId },
    );
    expect(said(reply)).toBe('ERR PROXY PROTOCOL CRYPTO');
  });

  test('a relay that goes away: its sessions are gone, and a new one is opened', async () => {
    const other = await startRelay();
    const session = await openProxySession(client, other.address, { password: 'proxy' });
    const relays = total(proxyRelay, relayCount);
    await other.stop();
    await expect.poll(() => total(proxyRelay, relayCount)).toBe(relays - 1);
    expect(await refusal(session.request({ tag: 'LGET' }, { entityId: randomBytes(24) }))).toBe('ERR PROXY NO_SESSION');
  });

  test('RFWD whose box fails', async () => {
    const raw = await RawClient.connect(destination);
    expect(said(await raw.ask({ tag: 'RFWD', encFwdTransmission: randomBytes(16_330) }))).toBe('ERR CRYPTO');
    raw.close();
  });

  test('RFWD of a proxy that sent no session key', async () => {
    const old = await RawClient.connect({ ...destination, version: 6 });
    const error = 'ERR PROXY BROKER TRANSPORT NO_AUTH';
    expect(said(await old.ask({ tag: 'RFWD', encFwdTransmission: randomBytes(1000) }))).toBe(error);
    old.close();
  });

  test('ports that are not allowed are not connected to', async () => {
    const strict = await startRelay({ dialRelay: relayDialer({ dial, allowedPorts: [5223, 443] }) });
    const through = await connectSmp({ address: strict.address, dial });
    expect(await refusal(openProxySession(through, destination.address))).toBe('ERR PROXY BROKER HOST');
    through.close();
    await strict.stop();
  });
});

test('proxied messages arrive in order and once', async () => {
  const queue = await createQueue(recipient, { subscribe: false });
  const session = await open();
  const bodies = [0, 1, 2, 3, 4];
  for (const body of bodies) await sendMessage(session, { senderId: queue.senderId, key: null }, Uint8Array.of(body));
  const received: number[] = [];
  for (let message = await getMessage(recipient, queue); message !== null; message = await getMessage(recipient, queue)) {
    const opened = openMessage(queue, message);
    if (opened.kind === 'message') received.push(opened.body[0]!);
    await acknowledge(recipient, queue, opened.msgId);
  }
  expect(received).toEqual(bodies);
});
