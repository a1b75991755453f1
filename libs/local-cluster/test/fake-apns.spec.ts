/** The APNs of tests finds what is wrong with a push: each fault is made on purpose, and named. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from 'node:http2';
import { type FakeApns, startFakeApns } from '../src/index.ts';

let apns: FakeApns;
beforeAll(async () => {
  apns = await startFakeApns();
});
afterAll(() => apns.stop());

interface Parts {
  readonly headers: Record<string, string>;
  readonly path: string;
  readonly body: unknown;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
let nonce = 0;

function jwt({ header = {}, claims = {}, key = apns.key.pem, der = false }: { header?: object; claims?: object; key?: string; der?: boolean } = {}): string {
  const signed = `${part({ alg: 'ES256', kid: apns.key.keyId, ...header })}.${part({ iss: apns.key.teamId, iat: Math.floor(Date.now() / 1000), ...claims })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: der ? 'der' : 'ieee-p1363' }).toString('base64url')}`;
}

const sealed = (bytes: number): string => Buffer.alloc(bytes, 5).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

function good(): Parts {
  nonce += 1;
  return {
    path: '/3/device/abcd',
    headers: { 'apns-topic': apns.topic, 'apns-push-type': 'alert', authorization: `bearer ${jwt()}` },
    body: {
      aps: { 'mutable-content': 1, alert: 'Encrypted message or another app event', category: 'NTF_CAT_CHECK_MESSAGE' },
      notificationData: { nonce: Buffer.alloc(24, nonce).toString('base64url'), message: sealed(3088) },
    },
  };
}

async function send({ headers, path, body }: Parts, method = 'POST'): Promise<number> {
  const session = connect(`https://localhost:${apns.port}`, { ca: apns.root });
  try {
    const stream = session.request({ ':method': method, ':path': path, ...headers });
    stream.end(typeof body === 'string' ? body : JSON.stringify(body));
    return await new Promise<number>((resolve, reject) => {
      stream.on('response', ({ ':status': status = 0 }) => resolve(status));
      stream.on('error', reject);
    });
  } finally {
    session.destroy();
  }
}

async function faultsOf(parts: Parts, method?: string): Promise<readonly string[]> {
  apns.expectNewToken();
  const before = apns.faults.length;
  const status = await send(parts, method);
  const faults = apns.faults.slice(before);
  expect(status).toBe(faults.length === 0 ? 200 : 400);
  return faults;
}

test('a push that is right is taken', async () => {
  expect(await faultsOf(good())).toEqual([]);
  expect(apns.pushes.at(-1)).toMatchObject({ token: 'abcd', type: 'alert', bodyBytes: 4310 });
});

const withHeaders = (headers: Record<string, string>) => (): Parts => ({ ...good(), headers: { ...good().headers, ...headers } });
const withBody = (change: (body: Record<string, Record<string, unknown>>) => unknown) => (): Parts => ({ ...good(), body: change(good().body as Record<string, Record<string, unknown>>) });
const withToken = (token: () => string) => (): Parts => ({ ...good(), headers: { ...good().headers, authorization: token() } });
const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

test.each<[string, () => Parts, RegExp]>([
  ['another path', () => ({ ...good(), path: '/3/device/ab/cd' }), /the path/],
  ['a query', () => ({ ...good(), path: '/3/device/abcd?x=1' }), /the path/],
  ['another topic', withHeaders({ 'apns-topic': 'org.example.other' }), /topic/],
  ['no push type', withHeaders({ 'apns-push-type': 'voip' }), /push type is neither/],
  ['a low priority for an alert', withHeaders({ 'apns-priority': '5' }), /priority/],
  ['a header that has no place', withHeaders({ 'x-forwarded-for': '192.0.2.1' }), /x-forwarded-for/],
  ['background for a message', withHeaders({ 'apns-push-type': 'background', 'apns-priority': '5' }), /push type does not suit/],
  ['no token', withToken(() => 'none'), /no bearer token/],
  ['a token of capital B', withToken(() => `Bearer ${jwt()}`), /no bearer token/],
  ['another key', withToken(() => `bearer ${jwt({ key: foreign })}`), /does not verify/],
  ['a DER signature', withToken(() => `bearer ${jwt({ der: true })}`), /DER/],
  ['another kid', withToken(() => `bearer ${jwt({ header: { kid: 'XXXXXXXXXX' } })}`), /kid/],
  ['another iss', withToken(() => `bearer ${jwt({ claims: { iss: 'XXXXXXXXXX' } })}`), /iss/],
  ['an old token', withToken(() => `bearer ${jwt({ claims: { iat: Math.floor(Date.now() / 1000) - 3700 } })}`), /older than an hour/],
  ['another alg', withToken(() => `bearer ${jwt({ header: { alg: 'none' } })}`), /alg/],
  ['a body that is no JSON', () => ({ ...good(), body: 'x' }), /no JSON object/],
  ['more in the body', withBody((body) => ({ ...body, more: {} })), /other parts/],
  ['another alert', withBody((body) => ({ ...body, aps: { ...body.aps, alert: 'hello' } })), /aps does not suit/],
  ['more data', withBody((body) => ({ ...body, notificationData: { ...body.notificationData, more: 1 } })), /no kind that is known/],
  ['a short nonce', withBody((body) => ({ ...body, notificationData: { ...body.notificationData, nonce: 'AAAA' } })), /nonce or sealed data/],
  ['data without padding', withBody((body) => ({ ...body, notificationData: { ...body.notificationData, message: sealed(3088).replaceAll('=', '') } })), /nonce or sealed data/],
  ['a body that is too long', withBody((body) => ({ ...body, notificationData: { ...body.notificationData, message: sealed(3600) } })), /too long/],
])('%s is a fault', async (_name, parts, fault) => {
  expect((await faultsOf(parts())).join()).toMatch(fault);
});

test('PUT is a fault', async () => {
  expect((await faultsOf({ ...good(), body: '' }, 'PUT')).join()).toMatch(/method/);
});

test('a nonce for other data, and a young token, are faults', async () => {
  const first = good();
  expect(await faultsOf(first)).toEqual([]);
  expect(await faultsOf(first)).toEqual([]);
  const body = first.body as Record<string, object>;
  const again = { ...first, body: { ...body, notificationData: { ...body.notificationData, message: sealed(3087) } } };
  expect(await faultsOf(again)).toEqual(['a nonce was used before']);
  await send(good());
  const before = apns.faults.length;
  await send(good());
  expect(apns.faults.slice(before)).toEqual(['the token was made anew within 20 minutes']);
});
