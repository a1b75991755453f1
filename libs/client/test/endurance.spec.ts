/** What a session outlasts and what ends it: slow answers, too many requests, silence, closing (SMP §10). */
import { afterEach, describe, expect, it } from 'vitest';
import { MINUTE } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import { createFakeClock } from '@polyplex/testing';
import type { ConnectSmpOptions, SmpClient, SmpClientError } from '../src/index.ts';
import { stage, turns } from './scripted-relay.ts';

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

describe('time', () => {
  it('a request without an answer fails, and its late answer is an event', async () => {
    const clock = createFakeClock();
    const { seen, onEvent } = events();
    const { client, relay } = await connect({ answer: () => null }, { clock, onEvent, requestTimeoutMs: 5_000 });
    const slow = client.request({ tag: 'ACK', msgId: id(0) }, { entityId: id(1), key });
    const failed = expect(slow).rejects.toMatchObject({ code: 'TIMEOUT', broker: { type: 'TIMEOUT' } });
    await turns();
    clock.advance(4_999);
    await turns();
    expect(client.pendingCount).toBe(1);
    clock.advance(1);
    await failed;
    relay.say({ tag: 'MSG', msgId: id(5), body: new Uint8Array(10) }, id(1), relay.asked[0]!.corrId);
    await turns();
    expect(seen).toEqual([{ entity: 1, tag: 'MSG', late: true }]);
    expect(client.pendingCount).toBe(0);
  });

  it('each request has its own', async () => {
    const clock = createFakeClock();
    const { client } = await connect({ answer: () => null }, { clock });
    const settled: string[] = [];
    const ask = (name: string, timeoutMs: number): void => void client.request(PING, { timeoutMs }).catch((error: unknown) => settled.push(`${name} ${(error as SmpClientError).code}`));
    ask('long', 3_000);
    ask('short', 1_000);
    ask('middle', 2_000);
    for (const expected of ['short', 'middle', 'long']) {
      clock.advance(1_000);
      await turns(1);
      expect(settled.at(-1)).toBe(`${expected} TIMEOUT`);
    }
    expect(clock.pending).toBe(0);
  });
});

describe('bounds', () => {
  it('on requests that wait', async () => {
    const { client } = await connect({ answer: () => null }, { maxPending: 2 });
    const waiting = [client.request(PING), client.request(PING)];
    await expect(client.request(PING)).rejects.toMatchObject({ code: 'BUSY', broker: { type: 'TIMEOUT' } });
    const [answer] = await client.requestBatch([{ command: PING }]);
    expect(answer).toMatchObject({ code: 'BUSY' });
    client.close();
    for (const request of waiting) await expect(request).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('a relay that does not read gets no more than the connection wants, later the rest in order', async () => {
    const { client, relay, connection } = await connect({}, {}, { highWaterBytes: 2 * 16_384 });
    relay.connection.pause();
    const requests = Array.from({ length: 20 }, (_, i) => client.request(SUB, { entityId: id(i), key }));
    await turns();
    expect(connection.bufferedBytes).toBe(2 * 16_384);
    relay.connection.resume();
    await Promise.all(requests);
    expect(relay.asked.map(({ entityId }) => entityId[0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});

describe('silence', () => {
  const settings = { pingAfterMs: 10 * MINUTE, giveUpAfterMs: 15 * MINUTE, giveUpAfterTimeouts: 3 };

  it('is not looked into without subscriptions', async () => {
    const clock = createFakeClock();
    const { client, relay } = await connect({ answer: () => ({ tag: 'PONG' }) }, { clock, keepAlive: settings });
    await client.request(PING);
    clock.advance(60 * MINUTE);
    await turns();
    expect(relay.asked).toHaveLength(1);
  });

  it('is broken by PING once there are', async () => {
    const clock = createFakeClock();
    const { client, relay } = await connect({ answer: ({ command }) => (command.tag === 'PING' ? { tag: 'PONG' } : { tag: 'OK' }) }, { clock, keepAlive: settings });
    await client.request(SUB, { entityId: id(1), key });
    clock.advance(9 * MINUTE);
    relay.say({ tag: 'MSG', msgId: id(1), body: new Uint8Array(9) }, id(1));
    await turns();
    clock.advance(9 * MINUTE);
    await turns();
    expect(relay.asked.map(({ command }) => command.tag)).toEqual(['SUB']);
    clock.advance(1 * MINUTE);
    await turns();
    expect(relay.asked.map(({ command }) => command.tag)).toEqual(['SUB', 'PING']);
  });

  it('that lasts ends the session', async () => {
    const clock = createFakeClock();
    const { client, relay } = await connect({ answer: ({ command }) => (command.tag === 'PING' ? null : { tag: 'OK' }) }, { clock, keepAlive: settings });
    await client.request(SUB, { entityId: id(1), key });
    clock.advance(14 * MINUTE);
    await turns();
    expect(relay.asked.length).toBeGreaterThan(2);
    clock.advance(2 * MINUTE);
    expect(await client.closed).toBe('timeout');
    expect(clock.pending).toBe(0);
  });
});

describe('the end', () => {
  it('of the connection fails what waits, and everything after', async () => {
    const { client, relay } = await connect({ answer: () => null });
    const waiting = expect(client.request(PING)).rejects.toMatchObject({ code: 'NETWORK', broker: { type: 'NETWORK' } });
    await turns();
    relay.connection.close('drain');
    await waiting;
    expect(await client.closed).toBe('peer');
    await expect(client.request(PING)).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('by close sends what is queued', async () => {
    const { client, relay } = await connect({ answer: () => null });
    const sent = expect(client.request({ tag: 'SEND', notify: false, body: id(1) }, { entityId: id(2) })).rejects.toMatchObject({ code: 'CLOSED' });
    client.close();
    client.close();
    expect(await client.closed).toBe('local');
    await sent;
    expect(relay.asked.map(({ command }) => command.tag)).toEqual(['SEND']);
    await expect(client.request(PING)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
