/** APNs as it has to be spoken to (NTF §4.7, §4.8), against a server that checks each request. */
import { createFakeClock } from '@polyplex/testing';
import type { ScriptedAnswer } from '@polyplex/local-cluster';
import { describe, expect, test } from 'vitest';
import type { PushAnswer } from '../src/index.ts';
import { apnsSender, CHECK, fakeApns, messagePush, until } from './support.ts';

const DELIVERED: PushAnswer = { result: 'delivered' };

describe('a push to APNs', () => {
  test('has the headers, token and body that Apple wants, of all three kinds', async () => {
    const apns = await fakeApns();
    const sender = apnsSender(apns);
    const verification = { ...messagePush(), kind: 'verification' as const };
    const { nonce, message } = verification.data;
    expect(await sender.send({ ...verification, data: { nonce: nonce!, verification: message! } })).toEqual(DELIVERED);
    expect(await sender.send(messagePush('efgh'))).toEqual(DELIVERED);
    expect(await sender.send(CHECK)).toEqual(DELIVERED);
    expect(apns.faults).toEqual([]);
    expect(apns.pushes.map(({ type, token, bodyBytes }) => ({ type, token, bodyBytes }))).toEqual([
      { type: 'background', token: 'abcd', bodyBytes: 4233 },
      { type: 'alert', token: 'efgh', bodyBytes: 4310 },
      { type: 'background', token: 'abcd', bodyBytes: 73 },
    ]);
  });

  test('goes over one connection, many at once', async () => {
    const apns = await fakeApns();
    const sender = apnsSender(apns);
    const answers = await Promise.all(Array.from({ length: 200 }, () => sender.send(messagePush())));
    expect(answers.every(({ result }) => result === 'delivered')).toBe(true);
    expect(apns.accepted).toBe(1);
    expect(apns.faults).toEqual([]);
  });

  test('waits its turn where the server wants one stream at a time', async () => {
    const apns = await fakeApns({ streams: 1, answer: () => ({ status: 200, delayMs: 5 }) });
    const sender = apnsSender(apns);
    const answers = await Promise.all(Array.from({ length: 40 }, () => sender.send(messagePush())));
    expect(answers.every(({ result }) => result === 'delivered')).toBe(true);
    expect(apns.accepted).toBeLessThanOrEqual(4);
  });

  test('carries an expiry where one is set', async () => {
    const apns = await fakeApns();
    const clock = createFakeClock(Date.now());
    await apnsSender(apns, { expirySeconds: 3600, clock }).send(CHECK);
    apns.expectNewToken();
    await apnsSender(apns, { expirySeconds: 0 }).send(CHECK);
    expect(apns.pushes.map(({ headers }) => headers['apns-expiration'])).toEqual([String(Math.floor(clock.now() / 1000) + 3600), '0']);
  });

  test('never leads to another path', async () => {
    const apns = await fakeApns();
    const sender = apnsSender(apns);
    for (const token of ['', '../x', 'a/b', 'ab?c', 'a b', 'ab#', 'é', 'a'.repeat(256), 'ab\r\nx: y']) {
      expect(await sender.send({ ...CHECK, token })).toEqual({ result: 'invalid', reason: 'BAD', cause: 'bad-token' });
    }
    expect(apns.requests).toBe(0);
  });

  test('is refused for an environment that is not set', async () => {
    const apns = await fakeApns();
    expect(await apnsSender(apns).send({ ...CHECK, provider: 'apns_prod' })).toEqual({ result: 'refused', cause: 'not-allowed' });
  });
});

describe('the provider token', () => {
  test('is the same for half an hour, and another one after', async () => {
    const clock = createFakeClock(Date.now());
    const apns = await fakeApns({ now: () => clock.now() });
    const sender = apnsSender(apns, { clock });
    const tokenAfter = async (ms: number): Promise<string> => {
      clock.advance(ms);
      expect(await sender.send(CHECK)).toEqual(DELIVERED);
      return apns.pushes.at(-1)!.headers.authorization!;
    };
    const first = await tokenAfter(0);
    expect(await tokenAfter(1_799_000)).toBe(first);
    expect(await tokenAfter(1000)).not.toBe(first);
    expect(apns.faults).toEqual([]);
  });

  test('that expired by Apple\'s clock is made anew, once', async () => {
    const clock = createFakeClock(Date.now());
    const apns = await fakeApns({ now: () => clock.now() });
    const sender = apnsSender(apns, { clock });
    await sender.send(CHECK);
    clock.advance(120_000);
    const first = apns.pushes[0]!.headers.authorization;
    apns.answerWith(({ headers }) => {
      apns.expectNewToken();
      return headers.authorization === first ? { status: 403, body: '{"reason":"ExpiredProviderToken"}' } : undefined;
    });
    expect(await sender.send(CHECK)).toEqual(DELIVERED);
    expect(apns.requests).toBe(3);
    apns.answerWith(() => ({ status: 403, body: '{"reason":"ExpiredProviderToken"}' }));
    expect(await sender.send(CHECK)).toEqual({ result: 'retry', afterMs: 60_000, cause: 'credentials', place: true });
    expect(apns.requests).toBe(4);
  });
});

const json = (status: number, reason: string, headers: Record<string, string> = {}): ScriptedAnswer => ({ status, body: JSON.stringify({ reason, timestamp: 1 }), headers });
const retry = (cause: string, afterMs: number | null = null, place = false) => ({ result: 'retry', cause, afterMs, place });

/** One row of NTF §4.8 each, and more. */
const ANSWERS: readonly (readonly [string, ScriptedAnswer, unknown])[] = [
  ['400 BadDeviceToken', json(400, 'BadDeviceToken'), { result: 'invalid', reason: 'BAD', cause: 'bad-token' }],
  ['400 DeviceTokenNotForTopic', json(400, 'DeviceTokenNotForTopic'), { result: 'invalid', reason: 'TOPIC', cause: 'wrong-topic' }],
  ['400 TopicDisallowed', json(400, 'TopicDisallowed'), { result: 'refused', cause: 'topic-disallowed' }],
  ['400 of another reason', json(400, 'BadPriority'), { result: 'refused', cause: 'refused' }],
  ['400 Unregistered, which is a reason of 410', json(400, 'Unregistered'), { result: 'refused', cause: 'refused' }],
  ['403 InvalidProviderToken', json(403, 'InvalidProviderToken'), retry('credentials', 60_000, true)],
  ['403 of another reason', json(403, 'SomethingNew'), { result: 'refused', cause: 'credentials' }],
  ['404', json(404, 'BadPath'), { result: 'refused', cause: 'refused' }],
  ['405', json(405, 'MethodNotAllowed'), { result: 'refused', cause: 'refused' }],
  ['410 ExpiredToken', json(410, 'ExpiredToken'), { result: 'invalid', reason: 'EXPIRED', cause: 'expired' }],
  ['410 Unregistered', json(410, 'Unregistered'), { result: 'invalid', reason: 'UNREGISTERED', cause: 'unregistered' }],
  ['410 without a reason', { status: 410 }, retry('unavailable')],
  ['413', json(413, 'PayloadTooLarge'), { result: 'refused', cause: 'too-large' }],
  ['429 for the device', json(429, 'TooManyRequests', { 'retry-after': '7' }), retry('busy', 7000)],
  ['429 for new tokens', json(429, 'TooManyProviderTokenUpdates'), retry('credentials', 300_000, true)],
  ['500', json(500, 'InternalServerError'), retry('unavailable')],
  ['503', json(503, 'Shutdown'), retry('unavailable', null, true)],
  ['503 with a time', json(503, 'ServiceUnavailable', { 'retry-after': '30' }), retry('unavailable', 30_000, true)],
  ['503 with an absurd time', json(503, 'ServiceUnavailable', { 'retry-after': '999999999' }), retry('unavailable', 900_000, true)],
  ['503 with a time that is none', json(503, 'ServiceUnavailable', { 'retry-after': 'soon' }), retry('unavailable', null, true)],
  ['302', { status: 302, headers: { location: 'https://example.org/' } }, { result: 'refused', cause: 'nonsense' }],
  ['400 with a body that is no JSON', { status: 400, body: '<html>' }, { result: 'refused', cause: 'refused' }],
  ['400 with a body that is no object', { status: 400, body: 'null' }, { result: 'refused', cause: 'refused' }],
  ['400 with a reason that is no text', { status: 400, body: '{"reason":[1]}' }, { result: 'refused', cause: 'refused' }],
  ['400 with a body without end', { status: 400, body: 'x'.repeat(300_000) }, { result: 'refused', cause: 'refused' }],
  ['a stream that is reset', 'stream', retry('connection')],
];

describe('an answer of APNs', () => {
  test.each(ANSWERS)('%s', async (_name, scripted, expected) => {
    const apns = await fakeApns({ answer: () => scripted });
    const sender = apnsSender(apns);
    expect(await sender.send(CHECK)).toEqual(expected);
    apns.answerWith(undefined);
    expect(await sender.send(CHECK)).toEqual(DELIVERED);
    expect(apns.faults).toEqual([]);
  });

  test('503 ends the connection, and the next push goes over another', async () => {
    const apns = await fakeApns({ answer: () => json(503, 'Shutdown') });
    const sender = apnsSender(apns);
    await sender.send(CHECK);
    apns.answerWith(undefined);
    await sender.send(CHECK);
    expect(apns.accepted).toBe(2);
  });
});

describe('trouble on the way', () => {
  test('GOAWAY before a request was looked at: it goes over another connection', async () => {
    const apns = await fakeApns();
    const sender = apnsSender(apns);
    await sender.send(CHECK);
    let answers = 0;
    apns.answerWith(() => (answers++ === 0 ? 'go away' : undefined));
    expect(await sender.send(CHECK)).toEqual(DELIVERED);
    expect([apns.accepted, apns.taken]).toEqual([2, 2]);
  });

  test('GOAWAY while pushes are under way: all arrive, each once', async () => {
    const apns = await fakeApns({ answer: () => ({ status: 200, delayMs: 30 }) });
    const sender = apnsSender(apns);
    const first = Array.from({ length: 20 }, () => sender.send(messagePush()));
    await until(() => apns.requests > 0);
    apns.goAway();
    const second = Array.from({ length: 20 }, () => sender.send(messagePush()));
    const answers = await Promise.all([...first, ...second]);
    expect(answers.every(({ result }) => result === 'delivered')).toBe(true);
    expect(apns.taken).toBe(40);
  });

  test('a refused stream is sent again', async () => {
    let refusals = 2;
    const apns = await fakeApns({ answer: () => (refusals-- > 0 ? 'refuse' : undefined) });
    expect(await apnsSender(apns).send(CHECK)).toEqual(DELIVERED);
    expect(apns.requests).toBe(3);
  });

  test('a connection that died in between is found, and the push goes over a new one', async () => {
    const apns = await fakeApns();
    const sender = apnsSender(apns);
    await sender.send(CHECK);
    apns.drop();
    expect(await sender.send(CHECK)).toEqual(DELIVERED);
    expect(apns.accepted).toBe(2);
  });

  test('a connection that is reset in the middle of the first request: later', async () => {
    const apns = await fakeApns({ answer: () => 'connection' });
    expect(await apnsSender(apns).send(CHECK)).toEqual(retry('connection'));
  });

  test('no answer: later, and the next push goes over another connection', async () => {
    const clock = createFakeClock(Date.now());
    const apns = await fakeApns({ answer: () => 'silence' });
    const sender = apnsSender(apns, { clock });
    const sent = sender.send(CHECK);
    await until(() => apns.requests === 1);
    clock.advance(25_000);
    expect(await sent).toEqual(retry('timeout'));
    apns.answerWith(undefined);
    expect(await sender.send(CHECK)).toEqual(DELIVERED);
    expect(apns.accepted).toBe(2);
  });

  test('nobody listens', async () => {
    const apns = await fakeApns();
    const sender = apnsSender(apns);
    await apns.stop();
    expect(await sender.send(CHECK)).toEqual(retry('connection', null, true));
  });

  test('TLS that breaks off at first', async () => {
    const apns = await fakeApns();
    apns.refuseNext(1);
    const sender = apnsSender(apns);
    expect(await sender.send(CHECK)).toEqual(retry('connection', null, true));
    expect(await sender.send(CHECK)).toEqual(DELIVERED);
  });

  test('a silent connection is closed by its pings', async () => {
    const clock = createFakeClock(Date.now());
    const apns = await fakeApns();
    const sender = apnsSender(apns, { clock, limits: { idleMs: 0 } });
    await sender.send(CHECK);
    await until(() => apns.open === 1);
    // Each look finds that a ping was answered.
    for (let looks = 0; looks < 5; looks += 1) {
      clock.advance(20_000);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(apns.open).toBe(1);
    // No time for an answer between the ping and the next look.
    clock.advance(60_000);
    await until(() => apns.open === 0);
  });

  test('an idle connection is closed', async () => {
    const clock = createFakeClock(Date.now());
    const apns = await fakeApns();
    const sender = apnsSender(apns, { clock, limits: { idleMs: 1000 } });
    await sender.send(CHECK);
    clock.advance(1000);
    await until(() => apns.open === 0);
    expect(await sender.send(CHECK)).toEqual(DELIVERED);
  });

  test('a sender that is closed says so', async () => {
    const apns = await fakeApns({ answer: () => 'silence' });
    const sender = apnsSender(apns);
    const sent = sender.send(CHECK);
    await until(() => apns.requests === 1);
    await sender.close();
    expect(await sent).toEqual(retry('closed'));
    expect(await sender.send(CHECK)).toEqual(retry('closed'));
    await until(() => apns.open === 0);
  });
});
