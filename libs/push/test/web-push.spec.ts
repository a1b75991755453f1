/** Web Push against a push service that checks who pushes and decrypts as a browser does (RFC 8030, 8291, 8292; NTF §5). */
import type { ScriptedAnswer } from '@polyplex/local-cluster';
import { createFakeClock } from '@polyplex/testing';
import { describe, expect, test } from 'vitest';
import type { PushAnswer } from '../src/index.ts';
import { fakePushService, until, VAPID, webMessage, webPushSender } from './support.ts';

const DELIVERED: PushAnswer = { result: 'delivered' };
const retry = (cause: string, afterMs: number | null = null, place = false) => ({ result: 'retry', cause, afterMs, place });

describe('a Web Push', () => {
  test.each(['2', '1.1'] as const)('arrives over HTTP/%s, and its browser reads it', async (http) => {
    const service = await fakePushService({ http });
    const sender = webPushSender(service);
    const browser = service.subscribe(VAPID.publicKey);
    const message = webMessage(browser);
    for (let i = 0; i < 5; i += 1) expect(await sender.send(message)).toEqual(DELIVERED);
    expect(await sender.send({ ...message, kind: 'check', data: { checkMessages: true } })).toEqual(DELIVERED);
    expect(service.faults).toEqual([]);
    expect(service.pushes.map(({ data }) => data)).toEqual([...Array.from({ length: 5 }, () => message.data), { checkMessages: true }]);
    expect(service.pushes[0]!.http).toBe(http === '2' ? '2.0' : '1.1');
    expect(service.pushes[0]!.headers).toMatchObject({ ttl: '2592000', urgency: 'high', 'content-encoding': 'aes128gcm' });
    expect(service.pushes.map(({ headers }) => headers.topic)).toEqual([undefined, undefined, undefined, undefined, undefined, 'check']);
    expect(service.pushes[0]!.bodyBytes).toBeLessThanOrEqual(4096);
    expect(service.accepted).toBe(1);
  });

  test('that the browser\'s key does not fit is told by the service', async () => {
    const service = await fakePushService();
    const browser = service.subscribe('another key');
    expect(await webPushSender(service).send(webMessage(browser))).toEqual({ result: 'refused', cause: 'credentials' });
  });

  test('to a browser that is gone says so', async () => {
    const service = await fakePushService();
    const sender = webPushSender(service);
    const browser = service.subscribe();
    service.unsubscribe(browser.path);
    const gone = { result: 'invalid', reason: 'UNREGISTERED', cause: 'unregistered' };
    expect(await sender.send(webMessage(browser))).toEqual(gone);
    expect(await sender.send(webMessage({ ...browser, token: browser.token.replace('/push/', '/push/x') }))).toEqual(gone);
  });

  test('too long for a record is refused', async () => {
    const service = await fakePushService();
    const push = webMessage(service.subscribe());
    expect(await webPushSender(service).send({ ...push, data: { message: 'x'.repeat(4000) } })).toEqual({ result: 'refused', cause: 'too-large' });
    expect(service.requests).toBe(0);
  });

  test('signs anew for each origin, and before its token ends', async () => {
    const clock = createFakeClock(Date.now());
    const [one, two] = [await fakePushService(), await fakePushService()];
    const sender = webPushSender(one, { clock });
    const other = webPushSender(two, { clock });
    const send = async (): Promise<void> => {
      expect(await sender.send(webMessage(one.subscribe()))).toEqual(DELIVERED);
      expect(await other.send(webMessage(two.subscribe()))).toEqual(DELIVERED);
    };
    await send();
    await send();
    clock.advance(3_540_000);
    await send();
    expect(new Set(one.pushes.map(({ headers }) => headers.authorization)).size).toBe(2);
    expect([...one.faults, ...two.faults].filter((fault) => !fault.startsWith('exp'))).toEqual([]);
  });
});

const ANSWERS: readonly (readonly [string, ScriptedAnswer, unknown])[] = [
  ['200', { status: 200 }, DELIVERED],
  ['202', { status: 202 }, DELIVERED],
  ['301', { status: 301, headers: { location: 'https://example.org/' } }, { result: 'refused', cause: 'nonsense' }],
  ['400', { status: 400 }, { result: 'refused', cause: 'refused' }],
  ['401', { status: 401 }, { result: 'refused', cause: 'credentials' }],
  ['403', { status: 403 }, { result: 'refused', cause: 'credentials' }],
  ['404', { status: 404 }, { result: 'invalid', reason: 'UNREGISTERED', cause: 'unregistered' }],
  ['410', { status: 410 }, { result: 'invalid', reason: 'UNREGISTERED', cause: 'unregistered' }],
  ['413', { status: 413 }, { result: 'refused', cause: 'too-large' }],
  ['429', { status: 429, headers: { 'retry-after': '5' } }, retry('busy', 5000, true)],
  ['429 with a date', { status: 429, headers: { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' } }, retry('busy', 0, true)],
  ['500', { status: 500 }, retry('unavailable')],
  ['503', { status: 503 }, retry('unavailable', null, true)],
  ['507', { status: 507 }, retry('unavailable')],
  ['200 with a body without end', { status: 200, body: 'x'.repeat(1_000_000) }, DELIVERED],
  ['a connection that is reset', 'connection', retry('connection')],
];

describe.each(['2', '1.1'] as const)('an answer over HTTP/%s', (http) => {
  test.each(ANSWERS)('%s', async (_name, scripted, expected) => {
    const service = await fakePushService({ http, answer: () => scripted });
    const sender = webPushSender(service);
    expect(await sender.send(webMessage(service.subscribe()))).toEqual(expected);
    service.answerWith(undefined);
    expect(await sender.send(webMessage(service.subscribe()))).toEqual(DELIVERED);
  });

  test('that never comes', async () => {
    const clock = createFakeClock(Date.now());
    const service = await fakePushService({ http, answer: () => 'silence' });
    const sender = webPushSender(service, { clock });
    const sent = sender.send(webMessage(service.subscribe()));
    await until(() => service.requests === 1);
    clock.advance(15_000);
    expect(await sent).toEqual(retry('timeout'));
    service.answerWith(undefined);
    expect(await sender.send(webMessage(service.subscribe()))).toEqual(DELIVERED);
  });

  test('many at once', async () => {
    const service = await fakePushService({ http });
    const sender = webPushSender(service);
    const answers = await Promise.all(Array.from({ length: 30 }, () => sender.send(webMessage(service.subscribe()))));
    expect(answers.every(({ result }) => result === 'delivered')).toBe(true);
    expect(service.accepted).toBeLessThanOrEqual(2);
    expect(service.faults).toEqual([]);
  });
});

describe('where an endpoint may lead', () => {
  test.each(['localhost', '127.0.0.1', '[::1]', '127.1', '0x7f000001', '169.254.169.254', '10.1.2.3', '[::ffff:127.0.0.1]', '[fd00::1]'])('not to %s', async (host) => {
    const service = await fakePushService();
    const browser = service.subscribe();
    const sender = webPushSender(service, { allowAddress: undefined });
    const push = webMessage({ ...browser, provider: `webpush https://${host}:${service.port}` });
    expect(await sender.send(push)).toEqual({ result: 'refused', cause: 'not-allowed' });
    expect(service.open).toBe(0);
  });

  test('to hosts of a list only, where there is one', async () => {
    const service = await fakePushService();
    const browser = service.subscribe();
    const answerWith = (allowedHosts: readonly string[]) => webPushSender(service, { allowedHosts }).send(webMessage(browser));
    expect(await answerWith(['push.example.org', '*.localhost'])).toEqual({ result: 'refused', cause: 'not-allowed' });
    expect(service.requests).toBe(0);
    expect(await answerWith(['push.example.org', 'localhost'])).toEqual(DELIVERED);
  });

  test('not where the certificate is unknown, or for another name', async () => {
    const service = await fakePushService();
    const browser = service.subscribe();
    expect(await webPushSender(await fakePushService()).send(webMessage(browser))).toEqual(retry('tls', null, true));
    const byAddress = webMessage({ ...browser, provider: `webpush https://127.0.0.2:${service.port}` });
    expect(await webPushSender(service).send(byAddress)).toMatchObject({ result: 'retry' });
    expect(service.requests).toBe(0);
  });

  const POINT = `B${'A'.repeat(86)}`;
  const AUTH = 'A'.repeat(22);
  test.each([
    ['webpush http://example.org', `/p ${AUTH} ${POINT}`],
    ['webpush https://user@example.org', `/p ${AUTH} ${POINT}`],
    ['webpush https://example.org:0', `/p ${AUTH} ${POINT}`],
    ['webpush https://example.org:65536', `/p ${AUTH} ${POINT}`],
    ['webpush https://example.org/', `/p ${AUTH} ${POINT}`],
    ['webpush https://', `/p ${AUTH} ${POINT}`],
    ['webpush https://localhost', `p ${AUTH} ${POINT}`],
    ['webpush https://localhost', `/p#x ${AUTH} ${POINT}`],
    ['webpush https://localhost', `/p\r\nx: y ${AUTH} ${POINT}`],
    ['webpush https://localhost', `/é ${AUTH} ${POINT}`],
    ['webpush https://localhost', `/p ${AUTH}A ${POINT}`],
    ['webpush https://localhost', `/p ${AUTH} ${POINT.slice(1)}`],
    ['webpush https://localhost', `/p ${AUTH}`],
    ['webpush https://localhost', `/p ${AUTH} ${POINT} x`],
    ['webpush https://localhost', ''],
  ])('a malformed endpoint is no device: %s %s', async (provider, token) => {
    const service = await fakePushService();
    expect(await webPushSender(service).send(webMessage({ provider, token }))).toEqual({ result: 'invalid', reason: 'BAD', cause: 'bad-token' });
  });

  test('a point that is not on the curve costs this push and no other', async () => {
    const service = await fakePushService();
    const sender = webPushSender(service);
    const off = Buffer.alloc(65, 1);
    off[0] = 4;
    const push = webMessage({ provider: service.subscribe().provider, token: `/p ${AUTH} ${off.toString('base64url')}` });
    expect(await sender.send(push)).toEqual({ result: 'invalid', reason: 'BAD', cause: 'bad-token' });
    expect(await sender.send(webMessage(service.subscribe()))).toEqual(DELIVERED);
  });
});

describe('connections to many services', () => {
  test('are bounded: the one that was used longest ago goes', async () => {
    const services = [await fakePushService(), await fakePushService(), await fakePushService()];
    const roots = services.map(({ root }) => root).join('\n');
    const sender = webPushSender({ ...services[0]!, root: roots }, { maxOrigins: 2 });
    for (const service of services) expect(await sender.send(webMessage(service.subscribe()))).toEqual(DELIVERED);
    await until(() => services[0]!.open === 0);
    expect(services.map(({ open }) => open)).toEqual([0, 1, 1]);
    expect(await sender.send(webMessage(services[0]!.subscribe()))).toEqual(DELIVERED);
    await until(() => services[1]!.open === 0);
  });

  test('and one whose services are all busy asks to come again', async () => {
    const [busy, other] = [await fakePushService({ answer: () => 'silence' }), await fakePushService()];
    const sender = webPushSender({ ...busy, root: `${busy.root}\n${other.root}` }, { maxOrigins: 1 });
    void sender.send(webMessage(busy.subscribe()));
    await until(() => busy.requests === 1);
    expect(await sender.send(webMessage(other.subscribe()))).toEqual(retry('busy'));
  });
});
