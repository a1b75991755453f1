/** A client that comes back: waits, restored subscriptions, and what it does not fight for (SMP §10.6, §10.8, §10.10). */
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import type { SmpReply } from '@polyplex/protocol-smp';
import { createFakeClock } from '@polyplex/testing';
import { backoffMs } from '../src/backoff.ts';
import { connectSmp, createReconnectingClient, type Dial, type ReconnectingClient, type ReconnectingOptions, SmpClientError, type Subscription } from '../src/index.ts';
import { type Asked, dialerTo, relayAddress, type RelayScript, turns } from './scripted-relay.ts';

const { privateKey: key } = generateKeyPair('ed25519');
const id = (n: number): Uint8Array => new Uint8Array(24).fill(0).fill(n >> 8, 0, 1).fill(n & 255, 1, 2);
const sub = (n: number): Subscription => ({ kind: 'SUB', entityId: id(n), key });
const numberOf = (entityId: Uint8Array): number => (entityId[0]! << 8) | entityId[1]!;
const SOK: SmpReply = { tag: 'SOK', serviceId: null };

const opened: ReconnectingClient[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

interface Seen {
  readonly states: string[];
  readonly messages: number[];
  readonly connected: boolean[];
}

function begin(script: RelayScript, options: Partial<ReconnectingOptions> & { dial?: (usual: Dial, clock: Clock) => Dial } = {}) {
  const clock = createFakeClock();
  const { dial: usual, sessions } = dialerTo(script);
  const dial = options.dial?.(usual, clock) ?? usual;
  const seen: Seen = { states: [], messages: [], connected: [] };
  const client = createReconnectingClient({
    connect: (onEvent, signal) => connectSmp({ address: relayAddress, dial, clock, onEvent, signal }),
    clock,
    random: () => 0,
    onEvent: (entityId) => seen.messages.push(numberOf(entityId)),
    onSubscription: (entityId, { state }) => seen.states.push(`${numberOf(entityId)} ${state}`),
    onConnection: (connected) => seen.connected.push(connected),
    ...options,
  });
  opened.push(client);
  return { client, clock, sessions, seen };
}

const subsOf = (asked: readonly Asked[]): number[] => asked.filter(({ command }) => command.tag === 'SUB').map(({ entityId }) => numberOf(entityId));

describe('connecting', () => {
  it('waits longer each time, and at once tries again after a good connection', async () => {
    let failures = 3;
    const dialed: number[] = [];
    const { client, clock, sessions } = begin({}, {
      dial: (usual, { now }) => (target) => {
        dialed.push(now());
        return failures-- > 0 ? Promise.reject(new SmpClientError('NETWORK', 'down')) : usual(target);
      },
      backoff: { initialMs: 1_000, maxMs: 2_000, factor: 1.5, jitter: 0.5 },
    });
    for (let i = 0; i < 3; i++) {
      await turns();
      clock.advance(5_000);
    }
    await client.ready();
    expect(dialed.slice(1).map((at, i) => at - dialed[i]!)).toEqual([1_000, 4_000 + 1_500, 3_500 + 2_000]);
    clock.advance(60_000);
    sessions[0]!.connection.destroy('error');
    await turns();
    const before = clock.now();
    clock.advance(1_000);
    await client.ready();
    expect(dialed.at(-1)! - before).toBe(1_000);
  });

  it('a relay that drops every connection is asked ever more slowly', async () => {
    const dialed: number[] = [];
    const { clock, sessions } = begin({}, {
      dial: (usual, { now }) => (target) => {
        dialed.push(now());
        return usual(target);
      },
      backoff: { initialMs: 1_000, maxMs: 5_000, factor: 2, jitter: 0 },
    });
    for (const waitMs of [1_000, 2_000, 4_000, 5_000, 5_000]) {
      await turns();
      sessions.at(-1)!.connection.destroy('error');
      await turns();
      clock.advance(waitMs - 1);
      clock.advance(1);
    }
    expect(dialed.slice(1).map((at, i) => at - dialed[i]!)).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('after close is over', async () => {
    const { client, clock, sessions } = begin({}, { dial: () => () => Promise.reject(new SmpClientError('NETWORK', 'down')) });
    const waiting = client.ready();
    client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(client.ready()).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(client.request({ tag: 'PING' })).rejects.toMatchObject({ code: 'CLOSED' });
    await turns();
    clock.advance(100_000);
    expect(sessions).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  it('without a session requests fail, with one they are asked', async () => {
    const { client, sessions } = begin({ answer: () => ({ tag: 'PONG' }) });
    await expect(client.request({ tag: 'PING' })).rejects.toMatchObject({ code: 'NETWORK' });
    await client.ready();
    expect(await client.request({ tag: 'PING' })).toEqual({ tag: 'PONG' });
    expect(sessions).toHaveLength(1);
  });
});

describe('subscriptions', () => {
  it('an answer that it does not know is told, and is no reason to begin again', async () => {
    const info: SmpReply = { tag: 'INFO', json: new Uint8Array(2) };
    const { client, sessions, seen } = begin({ answer: ({ entityId }) => (numberOf(entityId) === 2 ? info : SOK) });
    client.subscribe([sub(1), sub(2), sub(3)]);
    await client.ready();
    expect(seen.states).toEqual(['1 subscribed', '2 unclear', '3 subscribed']);
    expect([sessions.length, client.subscriptionCount]).toEqual([1, 3]);
  });

  it('are made at once, and all again after a reconnect, in full blocks', async () => {
    const { client, clock, sessions, seen } = begin({ answer: () => SOK });
    client.subscribe(Array.from({ length: 200 }, (_, n) => sub(n)));
    await client.ready();
    client.subscribe([sub(1_000)]);
    await turns();
    expect(sessions[0]!.blockSizes).toEqual([135, 65, 1]);
    expect(client.subscriptionCount).toBe(201);
    sessions[0]!.connection.destroy('error');
    await turns();
    clock.advance(1_000);
    await client.ready();
    expect(sessions[1]!.blockSizes).toEqual([135, 66]);
    expect(new Set(subsOf(sessions[1]!.asked)).size).toBe(201);
    expect(seen.connected).toEqual([true, false, true]);
    expect(seen.states.filter((state) => state === '1000 subscribed')).toHaveLength(2);
  });

  it('are not restored after END, DELD, or ERR AUTH', async () => {
    const { client, clock, sessions, seen } = begin({ answer: ({ entityId }) => (numberOf(entityId) === 4 ? { tag: 'ERR', error: { type: 'AUTH' } } : SOK) });
    client.subscribe([1, 2, 3, 4].map(sub));
    await client.ready();
    sessions[0]!.say({ tag: 'END' }, id(1));
    sessions[0]!.say({ tag: 'DELD' }, id(2));
    sessions[0]!.say({ tag: 'MSG', msgId: id(0), body: new Uint8Array(9) }, id(3));
    await turns();
    expect(seen.states.slice(-3)).toEqual(['4 gone', '1 ended', '2 gone']);
    expect(seen.messages).toEqual([3]);
    sessions[0]!.connection.destroy('error');
    await turns();
    clock.advance(1_000);
    await client.ready();
    expect(subsOf(sessions[1]!.asked)).toEqual([3]);
  });

  it('refused for another reason stay, and are tried again', async () => {
    const { client, clock, sessions, seen } = begin({ answer: () => ({ tag: 'ERR', error: { type: 'INTERNAL' } }) });
    client.subscribe([sub(1)]);
    await client.ready();
    expect(seen.states).toEqual(['1 refused']);
    sessions[0]!.connection.destroy('error');
    await turns();
    clock.advance(1_000);
    await client.ready();
    expect(subsOf(sessions[1]!.asked)).toEqual([1]);
  });

  it.each<[string, SmpReply | null]>([
    ['unanswered beside others that are', null], ['refused for trouble of a store', { tag: 'ERR', error: { type: 'STORE', text: 'busy' } }],
  ])('%s are tried again on the same connection', async (_, trouble) => {
    let isInTrouble = true;
    const { client, clock, sessions, seen } = begin({ answer: ({ entityId }) => ((isInTrouble && numberOf(entityId) > 1) || numberOf(entityId) === 4 ? trouble : SOK) });
    client.subscribe([sub(1), sub(2), sub(3), sub(4)]);
    await turns();
    if (trouble === null) clock.advance(30_000);
    await client.ready();
    client.forget(id(3));
    isInTrouble = false;
    clock.advance(9_999);
    await turns();
    expect(subsOf(sessions[0]!.asked)).toEqual([1, 2, 3, 4]);
    clock.advance(1);
    await turns();
    expect(subsOf(sessions[0]!.asked)).toEqual([1, 2, 3, 4, 2, 4]);
    if (trouble === null) clock.advance(30_000);
    await turns();
    clock.advance(10_000);
    await turns();
    expect(subsOf(sessions[0]!.asked)).toEqual([1, 2, 3, 4, 2, 4, 4]);
    expect(seen.states.filter((state) => state.endsWith('subscribed'))).toEqual(['1 subscribed', '2 subscribed']);
    expect(sessions).toHaveLength(1);
    sessions[0]!.connection.destroy('error');
    await turns();
    client.close();
    expect(clock.pending).toBe(0);
  });

  it('without an answer make it begin again', async () => {
    let silent = true;
    const { client, clock, sessions, seen } = begin({ answer: () => (silent ? null : SOK) });
    client.subscribe([sub(1)]);
    await turns();
    silent = false;
    clock.advance(30_000);
    await turns(8);
    expect(seen.connected).toEqual([]);
    clock.advance(10_000);
    await client.ready();
    expect(sessions).toHaveLength(2);
    expect(seen.connected).toEqual([true]);
    expect(seen.states).toEqual(['1 subscribed']);
  });

  it('made while others are restored are made too; a message that is the answer is handed on', async () => {
    const { client, sessions, seen } = begin({
      answer: ({ entityId }) => {
        if (numberOf(entityId) === 1) client.subscribe([sub(2)]);
        return numberOf(entityId) === 2 ? { tag: 'MSG', msgId: id(7), body: new Uint8Array(9) } : SOK;
      },
    });
    client.subscribe([sub(1)]);
    await client.ready();
    expect(subsOf(sessions[0]!.asked)).toEqual([1, 2]);
    expect(seen.messages).toEqual([2]);
  });

  it('that were forgotten are not restored', async () => {
    const { client, clock, sessions } = begin({ answer: () => SOK });
    client.subscribe([sub(1), sub(2)]);
    await client.ready();
    client.forget(id(1));
    sessions[0]!.connection.destroy('error');
    await turns();
    clock.advance(1_000);
    await client.ready();
    expect(subsOf(sessions[1]!.asked)).toEqual([2]);
  });
});

describe('back-off', () => {
  const options = { initialMs: 1_000, maxMs: 10_000, factor: 2, jitter: 0.5 };

  it('grows to its bound, and is spread below it', () => {
    expect([0, 1, 2, 3, 4, 500].map((attempt) => backoffMs(options, attempt, 0))).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(backoffMs(options, 1, 0.999)).toBeGreaterThanOrEqual(1_000);
    expect(backoffMs(options, 1, 0.999)).toBeLessThan(1_010);
  });
});
