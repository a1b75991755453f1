/** Requests and answers on one session: batching, authorisation, matching, events (SMP §4, §10.4). */
import { afterEach, describe, expect, it } from 'vitest';
import { generateKeyPair, type PrivateKey, publicKeyOf, verify } from '@polyplex/crypto';
import { authenticatorKey, authorizedBytes, verifyAuthenticator } from '@polyplex/protocol-common';
import type { SmpReply } from '@polyplex/protocol-smp';
import { createFakeClock } from '@polyplex/testing';
import { type ConnectSmpOptions, type SmpClient, SmpClientError } from '../src/index.ts';
import { type RelayScript, stage, turns } from './scripted-relay.ts';

const id = (byte: number): Uint8Array => new Uint8Array(24).fill(byte);
const key = generateKeyPair('ed25519').privateKey;
const PING = { tag: 'PING' } as const;
const SUB = { tag: 'SUB' } as const;

const opened: SmpClient[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

async function connect(...args: Parameters<typeof stage>): ReturnType<typeof stage> {
  const found = await stage(...args);
  opened.push(found.client);
  return found;
}

interface Event {
  readonly entity: number | undefined;
  readonly tag: string;
  readonly late: boolean;
}

function events(): { seen: Event[]; onEvent: NonNullable<ConnectSmpOptions['onEvent']> } {
  const seen: Event[] = [];
  return { seen, onEvent: (entityId, { tag }, late) => seen.push({ entity: entityId[0], tag, late }) };
}

describe('a request', () => {
  it('gets the relay’s answer, ERR included', async () => {
    const { client } = await connect({ answer: ({ command }) => (command.tag === 'PING' ? { tag: 'PONG' } : { tag: 'ERR', error: { type: 'AUTH' } }) });
    expect(await client.request(PING)).toEqual({ tag: 'PONG' });
    expect(await client.request(SUB, { entityId: id(1), key })).toEqual({ tag: 'ERR', error: { type: 'AUTH' } });
    expect(client.pendingCount).toBe(0);
  });

  it('has a random corrId of 24 bytes, and is alone in its block', async () => {
    const { client, relay } = await connect();
    await Promise.all([1, 2, 3].map((n) => client.request(SUB, { entityId: id(n), key })));
    const corrIds = relay.asked.map(({ corrId }) => Buffer.from(corrId).toString('hex'));
    expect(new Set(corrIds).size).toBe(3);
    expect(relay.asked.map(({ corrId }) => corrId.length)).toEqual([24, 24, 24]);
    expect(relay.blockSizes).toEqual([1, 1, 1]);
  });

  it('gets its own answer, in whatever order they come', async () => {
    const { client, relay } = await connect({ answer: () => null });
    const requests = [1, 2, 3].map((n) => client.request(SUB, { entityId: id(n), key }));
    await turns();
    for (const { corrId, entityId } of [...relay.asked].reverse()) {
      relay.say(entityId[0] === 2 ? { tag: 'ERR', error: { type: 'AUTH' } } : { tag: 'OK' }, entityId, corrId);
    }
    expect((await Promise.all(requests)).map(({ tag }) => tag)).toEqual(['OK', 'ERR', 'OK']);
  });

  it.each([['ed25519', 64], ['ed448', 114], ['x25519', 80]] as const)('is authorised with %s', async (kind, length) => {
    const keys = generateKeyPair(kind);
    const { client, relay } = await connect();
    for (let times = 0; times < 2; times++) await client.request(SUB, { entityId: id(1), key: keys.privateKey });
    for (const { auth, corrId, signed } of relay.asked) {
      const authorized = authorizedBytes(client.sessionId, signed);
      expect(auth).toHaveLength(length);
      if (kind === 'x25519') {
        const boxKey = authenticatorKey(relay.sessionKeys.privateKey, publicKeyOf(keys.privateKey as PrivateKey<'x25519'>))!;
        expect(verifyAuthenticator(boxKey, corrId, auth, authorized)).toBe(true);
      } else expect(verify(keys.publicKey, authorized, auth)).toBe(true);
    }
  });

  it('that does not fit a block fails by itself', async () => {
    const { client, relay } = await connect();
    const large = client.request({ tag: 'SEND', notify: false, body: new Uint8Array(16_400) }, { entityId: id(1) });
    await expect(large).rejects.toMatchObject({ code: 'TRANSPORT', broker: { type: 'TRANSPORT', error: 'LARGE_MSG' } });
    await client.request({ tag: 'SEND', notify: false, body: new Uint8Array(16_088) }, { entityId: id(1) });
    expect(relay.asked).toHaveLength(1);
  });

  it('as a service needs a service session', async () => {
    const { client } = await connect();
    await expect(client.request(SUB, { entityId: id(1), key, asService: true })).rejects.toMatchObject({ code: 'TRANSPORT' });
  });
});

describe('a batch', () => {
  it('fills blocks, and answers in the order of its commands', async () => {
    const script: RelayScript = { answer: ({ entityId }) => (entityId[0] === 7 ? { tag: 'ERR', error: { type: 'AUTH' } } : { tag: 'SOK', serviceId: null }) };
    const { client, relay } = await connect(script);
    const answers = await client.requestBatch(Array.from({ length: 300 }, (_, i) => ({ command: SUB, entityId: id(i), key })));
    expect(relay.blockSizes).toEqual([135, 135, 30]);
    expect(answers).toHaveLength(300);
    answers.forEach((answer, i) => {
      expect((answer as SmpReply).tag).toBe(i % 256 === 7 ? 'ERR' : 'SOK');
    });
  });

  it('keeps what failed beside what did not', async () => {
    const { client } = await connect({ answer: ({ entityId }) => (entityId[0] === 2 ? { tag: 'PONG' } : { tag: 'OK' }) });
    const tooLarge = { command: { tag: 'SEND', notify: false, body: new Uint8Array(16_400) }, entityId: id(3) } as const;
    const answers = await client.requestBatch([{ command: SUB, entityId: id(1), key }, { command: SUB, entityId: id(2), key }, tooLarge]);
    expect(answers.map((answer) => (answer instanceof SmpClientError ? answer.code : answer.tag))).toEqual(['OK', 'PONG', 'TRANSPORT']);
  });

  it('of nothing is answered by nothing', async () => {
    const { client, relay } = await connect();
    expect(await client.requestBatch([])).toEqual([]);
    expect(relay.blockSizes).toEqual([]);
  });
});

describe('answers that do not fit', () => {
  it.each([
    ['an entity that is another', { tag: 'OK' }, id(9), 'UNEXPECTED'],
    ['no entity', { tag: 'OK' }, new Uint8Array(0), 'RESPONSE'],
    ['PONG with an entity', { tag: 'PONG' }, id(1), 'RESPONSE'],
    ['RRES with an entity', { tag: 'RRES', encFwdResponse: new Uint8Array(3) }, id(1), 'RESPONSE'],
  ] as const)('%s', async (_, reply, entityId, code) => {
    const { client, relay } = await connect({ answer: () => null });
    const request = client.request(SUB, { entityId: id(1), key });
    const failed = expect(request).rejects.toMatchObject({ code, broker: { type: code } });
    await turns();
    relay.say(reply, entityId, relay.asked[0]!.corrId);
    await failed;
  });

  it('ERR and IDS may have any entity', async () => {
    const { client, relay } = await connect({ answer: () => null });
    const request = client.request(SUB, { entityId: id(1), key });
    await turns();
    relay.say({ tag: 'ERR', error: { type: 'SESSION' } }, new Uint8Array(0), relay.asked[0]!.corrId);
    expect(await request).toMatchObject({ tag: 'ERR' });
  });

  it('an answer that cannot be read fails its request, and only that', async () => {
    const { client, relay } = await connect({ answer: ({ entityId }) => (entityId[0] === 1 ? null : { tag: 'OK' }) });
    const request = client.request(SUB, { entityId: id(1), key });
    const failed = expect(request).rejects.toMatchObject({ code: 'RESPONSE' });
    await turns();
    const item = relay.encode({ tag: 'OK' }, relay.asked[0]!.corrId, id(1));
    item.set([0x58], item.length - 1);
    relay.sayRaw(new Uint8Array([255]), item);
    await failed;
    expect(await client.request(SUB, { entityId: id(2), key })).toEqual({ tag: 'OK' });
  });

  it('version 6: an answer for another session is none', async () => {
    const clock = createFakeClock();
    const { client, relay } = await connect({ versions: { min: 6, max: 6 }, answer: () => null }, { clock, requestTimeoutMs: 1_000 });
    const request = client.request(SUB, { entityId: id(1), key });
    const failed = expect(request).rejects.toMatchObject({ code: 'TIMEOUT' });
    await turns();
    const item = relay.encode({ tag: 'OK' }, relay.asked[0]!.corrId, id(1));
    item[5]! ^= 1; // within the session id
    relay.sayRaw(item);
    await turns();
    clock.advance(1_000);
    await failed;
  });

  it('a block that does not open ends the session', async () => {
    const { client, relay } = await connect({ answer: () => null });
    const request = client.request(SUB, { entityId: id(1), key });
    const failed = expect(request).rejects.toMatchObject({ code: 'TRANSPORT', broker: { type: 'TRANSPORT', error: 'BLOCK' } });
    await turns();
    relay.connection.write(new Uint8Array(16_384));
    await failed;
    expect(await client.closed).toBe('error');
  });
});

describe('events', () => {
  it('have no corrId, and come with their entity', async () => {
    const { seen, onEvent } = events();
    const { relay } = await connect({}, { onEvent });
    relay.say({ tag: 'MSG', msgId: id(0), body: new Uint8Array(16_122) }, id(1));
    relay.say({ tag: 'END' }, id(2));
    relay.say({ tag: 'DELD' }, id(3));
    relay.say({ tag: 'ERR', error: { type: 'BLOCK' } }, new Uint8Array(0));
    await turns();
    expect(seen).toEqual([
      { entity: 1, tag: 'MSG', late: false }, { entity: 2, tag: 'END', late: false }, { entity: 3, tag: 'DELD', late: false },
      { entity: undefined, tag: 'ERR', late: false },
    ]);
  });

  it('without the entity they need, or unreadable, are none', async () => {
    const { seen, onEvent } = events();
    const { client, relay } = await connect({ answer: () => ({ tag: 'PONG' }) }, { onEvent });
    relay.say({ tag: 'END' }, new Uint8Array(0));
    relay.say({ tag: 'PONG' }, id(1));
    relay.sayRaw(new Uint8Array([0, 0, 0, 0x58]));
    await client.request(PING);
    expect(seen).toEqual([]);
  });
});
