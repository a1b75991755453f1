/** What is pushed, to whom, and what becomes of the device (NTF §2.3, §3.1, §3.2, §4.5, §4.6). */
import { boxKeyOf } from '@polyplex/crypto';
import { openPushData } from '@polyplex/protocol-ntf';
import type { PushAnswer } from '@polyplex/push';
import type { TokenRecord } from '@polyplex/store-contract';
import { describe, expect, test } from 'vitest';
import { type Bench, BUSY, createBench, nameOf, pass, RELAY, settled } from './support.ts';

const statusOf = async (bench: Bench, token: TokenRecord): Promise<string | undefined> => (await bench.store.findToken(token.tokenId))?.status;
const opened = (bench: Bench, token: TokenRecord, at: number) => openPushData(boxKeyOf(token.dhSecret), bench.sent[at]!.data);

describe('a verification', () => {
  test('is sealed for the app, and confirms the device', async () => {
    const bench = createBench();
    const token = await bench.fresh();
    bench.pushing.start();
    await settled();
    expect(bench.sent).toMatchObject([{ provider: 'apns_prod', token: nameOf(token), kind: 'verification' }]);
    expect(opened(bench, token, 0)).toEqual({ kind: 'verification', code: token.code });
    expect(await statusOf(bench, token)).toBe('CONFIRMED');
    expect(bench.stats.verificationsDelivered.value).toBe(1);
  });

  test('repeated has the same code under another nonce', async () => {
    const bench = createBench();
    const token = await bench.fresh();
    bench.pushing.start();
    await settled();
    await bench.store.registerAgain(token.tokenId, bench.clock.now());
    await settled();
    expect(bench.sent).toHaveLength(2);
    expect(opened(bench, token, 1)).toEqual({ kind: 'verification', code: token.code });
    expect(bench.sent[0]!.data.nonce).not.toBe(bench.sent[1]!.data.nonce);
  });

  test.each(['BAD', 'TOPIC', 'EXPIRED', 'UNREGISTERED'] as const)('to a device that is unknown: INVALID,%s, and nothing more is sent', async (reason) => {
    const bench = createBench();
    const token = await bench.fresh();
    bench.script = () => ({ result: 'invalid', reason, cause: 'bad-token' });
    bench.pushing.start();
    await pass(bench, 10_000);
    expect(await statusOf(bench, token)).toBe(`INVALID,${reason}`);
    expect(bench.sent).toHaveLength(1);
    expect([bench.stats.verificationsFailed.value, bench.stats.verificationsInvalid.value]).toEqual([1, 1]);
  });

  test('that is refused for good is not tried again', async () => {
    const bench = createBench();
    const token = await bench.fresh();
    bench.script = () => ({ result: 'refused', cause: 'refused' });
    bench.pushing.start();
    await pass(bench, 30_000);
    expect(bench.sent).toHaveLength(1);
    expect(await statusOf(bench, token)).toBe('REGISTERED');
    expect([bench.stats.verificationsFailed.value, bench.stats.verificationsInvalid.value]).toEqual([1, 0]);
  });
});

describe('a message', () => {
  test('carries the newest notification last, and the ones of other queues before it', async () => {
    const bench = createBench();
    const token = await bench.active();
    const relays = Array.from({ length: 8 }, (_, i) => `${RELAY}:${5000 + i}`);
    for (const relay of relays) {
      bench.clock.advance(1000);
      await bench.message(token, { relay });
      await settled();
    }
    const last = opened(bench, token, bench.sent.length - 1);
    expect(last?.kind === 'message' && last.items.map(({ relay }) => relay)).toEqual(relays.slice(2));
    expect(bench.stats.delivered.value).toBe(8);
    expect(bench.stats.activeTokens.day).toBe(1);
  });

  test('of many hosts leaves the oldest out where they do not fit, and still goes', async () => {
    const bench = createBench();
    const token = await bench.active();
    const hosts = Array.from({ length: 6 }, (_, i) => `smp://zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=@${`${i}${'x'.repeat(60)}.`.repeat(5)}example.org`);
    for (const relay of hosts) {
      bench.clock.advance(1000);
      await bench.message(token, { relay, lease: false });
    }
    bench.pushing.start();
    await settled();
    const push = opened(bench, token, 0);
    expect(push?.kind === 'message' && push.items.map(({ relay }) => relay)).toEqual(hosts.slice(-4));
  });

  test('for Web Push is padded to what a record holds', async () => {
    const bench = createBench();
    const [apple, browser] = [await bench.active(), await bench.active('webpush https://push.example.org')];
    await bench.message(apple);
    await bench.message(browser);
    await settled();
    expect(bench.sent.map(({ data }) => Buffer.from(String(data.message), 'base64url').length)).toEqual([3072 + 16, 2928 + 16]);
  });

  test('counts for the relay of the newest one, where that is of the same operator', async () => {
    const bench = createBench({ deps: { ownHostOf: (relay) => (relay === RELAY ? 'relay.example.org' : null) } });
    const token = await bench.active();
    await bench.message(token, { relay: `${RELAY}:5999` });
    await settled();
    bench.clock.advance(1000);
    await bench.message(token);
    await settled();
    expect(bench.stats.delivered.value).toBe(2);
    expect([...bench.stats.delivered.own.values]).toEqual([['relay.example.org', 1]]);
  });

  test('to the null provider counts nowhere', async () => {
    const bench = createBench();
    const token = await bench.active('apns_null');
    await bench.message(token);
    await settled();
    expect(bench.sent).toHaveLength(1);
    expect([bench.stats.delivered.value, bench.stats.activeTokens.day]).toEqual([0, 0]);
  });

  test('to a device that is gone ends what is due to it', async () => {
    const bench = createBench();
    const token = await bench.active();
    bench.script = () => ({ result: 'invalid', reason: 'UNREGISTERED', cause: 'unregistered' });
    await bench.message(token);
    await settled();
    await bench.message(token);
    await pass(bench, 5000);
    expect(bench.sent).toHaveLength(1);
    expect(await statusOf(bench, token)).toBe('INVALID,UNREGISTERED');
    expect(bench.stats.failed.value).toBe(1);
  });
});

describe('a check', () => {
  test('comes after each interval, and is tried no more than twice', async () => {
    const bench = createBench();
    const token = await bench.active();
    await bench.store.setCron(token.tokenId, 20, bench.clock.now());
    bench.pushing.start();
    await pass(bench, 20 * 60_000 + 4000, 2000);
    expect(bench.sent).toMatchObject([{ kind: 'check', data: { checkMessages: true } }]);
    expect(bench.stats.checksDelivered.value).toBe(1);
    bench.script = () => BUSY;
    await pass(bench, 20 * 60_000, 2000);
    expect(bench.sent).toHaveLength(3);
    expect([bench.stats.checksDelivered.value, bench.stats.checksFailed.value]).toEqual([1, 1]);
    bench.script = null;
    await pass(bench, 20 * 60_000 + 4000, 2000);
    expect(bench.sent).toHaveLength(4);
  });
});

describe('order', () => {
  test('one push of a device is under way at a time, and what came meanwhile travels in the next', async () => {
    const bench = createBench();
    const token = await bench.active();
    const answers: ((answer: PushAnswer) => void)[] = [];
    bench.script = () => new Promise((resolve) => answers.push(resolve));
    await bench.message(token);
    await settled();
    for (let i = 0; i < 5; i += 1) await bench.message(token, { relay: `${RELAY}:${5000 + i}` });
    bench.pushing.start();
    await settled();
    expect(bench.sent).toHaveLength(1);
    answers[0]!({ result: 'delivered' });
    await settled();
    expect(bench.sent).toHaveLength(2);
    const second = opened(bench, token, 1);
    expect(second?.kind === 'message' && second.items.length).toBe(6);
    answers[1]!({ result: 'delivered' });
    await pass(bench, 5000);
    expect(bench.sent).toHaveLength(2);
  });

  test('the code goes before all else', async () => {
    const bench = createBench();
    const token = await bench.active();
    await bench.store.setCron(token.tokenId, 20, bench.clock.now());
    bench.clock.advance(21 * 60_000);
    await bench.message(token, { lease: false });
    await bench.store.registerAgain(token.tokenId, bench.clock.now());
    bench.pushing.start();
    await settled();
    expect(bench.sent.map(({ kind }) => kind)).toEqual(['verification', 'message', 'check']);
  });
});
