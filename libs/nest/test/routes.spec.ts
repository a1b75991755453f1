/** Every route of the table over real HTTP: who may ask it, what it answers, and what it does with what is malformed. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_ROUTES, type AdminRoute, refusalSchema, type RouteName } from '@polyplex/admin-api';
import type { AdminApp } from '../src/index.ts';
import { ADMIN, ask, type AuditLines, auditLines, everything, type Got, ID, READER, type Sent, startAdmin } from './admin-server.ts';

const ROUTES = Object.entries(ADMIN_ROUTES) as [RouteName, AdminRoute][];
const JSON_TYPE = { 'content-type': 'application/json' };

/** A body that each posting route takes. */
const BODIES: Readonly<Partial<Record<RouteName, object>>> = {
  setLogLevel: { level: 'debug' }, save: {}, beginBackup: {}, publish: {}, checkLinks: {},
  queueStatus: { id: ID }, queueBlock: { id: ID, reason: 'spam' }, queueUnblock: { id: ID }, queueDelete: { id: ID },
  fileStatus: { id: ID }, fileBlock: { id: ID, reason: 'content', noticeSeconds: 60 }, fileUnblock: { id: ID }, fileDelete: { id: ID },
};

let open: AdminApp;
let closed: AdminApp;
let audit: AuditLines;
beforeAll(async () => {
  audit = auditLines();
  open = await startAdmin({ ...everything, audit });
  closed = await startAdmin({ ...everything, audit, token: ADMIN, readerToken: READER });
});
afterAll(() => Promise.all([open, closed].map((app) => app.close())));

function sent(name: RouteName, headers: Readonly<Record<string, string>> = {}): Sent {
  const { method, path } = ADMIN_ROUTES[name];
  const at = path.replace(':name', 'console.js');
  return method === 'GET' ? { method, path: at, headers } : { method, path: at, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(BODIES[name]) };
}

const bearing = (token: string) => ({ authorization: `Bearer ${token}` });

function expectRefusal({ status, text, headers }: Got, expected: number): void {
  expect([status, headers['content-type']]).toEqual([expected, expect.stringContaining('application/json')]);
  expect(refusalSchema.parse(JSON.parse(text)).statusCode).toBe(expected);
}

describe.each(ROUTES)('%s', (name, route) => {
  it('answers as the table says, on loopback and to an administrator', async () => {
    for (const [app, headers] of [[open, {}], [closed, bearing(ADMIN)]] as const) {
      const { status, headers: got, text } = await ask(app, sent(name, headers));
      expect(status, text).toBe(200);
      if (name !== 'asset') expect(got['content-type']).toBe(route.answer.contentType);
      expect(got).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      if (route.answer.schema !== null) expect(route.answer.schema.parse(JSON.parse(text))).toEqual(JSON.parse(text));
    }
  });

  it('is for the reader as far as looking goes', async () => {
    const answer = await ask(closed, sent(name, bearing(READER)));
    if (route.role === 'admin') expectRefusal(answer, 403);
    else expect(answer.status, answer.text).toBe(200);
  });

  it('needs a token where there are tokens, unless it is for everybody', async () => {
    for (const authorization of ['', 'Bearer', `Basic ${ADMIN}`, ADMIN]) {
      const answer = await ask(closed, sent(name, authorization === '' ? {} : { authorization }));
      if (route.role === 'open') expect(answer.status).toBe(200);
      else expect([401, 429]).toContain(answer.status);
    }
  });

  it('is asked by a loopback name and by no page of another site where there are none', async () => {
    for (const headers of [{ host: 'evil.example' }, { host: '127.0.0.1.evil.example' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }] as readonly Record<string, string>[]) {
      const answer = await ask(open, sent(name, headers));
      if (route.role === 'open') expect(answer.status).toBe(200);
      else expectRefusal(answer, 403);
    }
    for (const headers of [{ host: 'localhost' }, { host: '[::1]:80' }, { 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }] as readonly Record<string, string>[]) {
      expect((await ask(open, sent(name, headers))).status).toBe(200);
    }
  });
});

const POSTS = ROUTES.filter(([, { method }]) => method === 'POST');

describe.each(POSTS)('the body of %s', (name, { path, request }) => {
  it('is JSON and says so', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', 'text/json']) {
      expectRefusal(await ask(open, { ...sent(name), headers: { 'content-type': type } }), 415);
    }
    expect((await ask(open, { ...sent(name), headers: { 'content-type': 'application/json; charset=utf-8' } })).status).toBe(200);
    expect([400, 415]).toContain((await ask(open, { method: 'POST', path })).status);
  });

  it('may be anything: what its schema does not take is refused, and nothing is done', async () => {
    const key = fc.constantFrom('id', 'reason', 'noticeSeconds', 'level', 'other', '__proto__', 'constructor');
    const value = fc.oneof(fc.constantFrom<unknown>(ID, 'spam', 'debug', 60, -1, 1.5, 2 ** 40, null, true, [], {}, 'x'.repeat(500)), fc.jsonValue());
    const body = fc.oneof({ weight: 3, arbitrary: fc.dictionary(key, value).map((each) => JSON.stringify(each)) }, { weight: 1, arbitrary: fc.json() }, { weight: 1, arbitrary: fc.string() });
    await fc.assert(fc.asyncProperty(body, async (text) => {
      const before = audit.lines.length;
      const answer = await ask(open, { ...sent(name), body: text });
      const isGood = request!.safeParse(valueOf(text)).success;
      if (!isGood) {
        expectRefusal(answer, 400);
        expect(audit.lines).toHaveLength(before);
      } else expect([200, 400, 403, 404, 409]).toContain(answer.status);
    }), { numRuns: 60 });
  });

  it('is not of any length', async () => {
    expectRefusal(await ask(open, { ...sent(name), body: JSON.stringify({ id: 'x'.repeat(20_000) }) }), 413);
  });
});

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe('what is in the table', () => {
  it('gets bodies here whenever it posts, and is audited when it changes something', () => {
    expect(Object.keys(BODIES).sort()).toEqual(POSTS.map(([name]) => name).sort());
    for (const [name, { role, audit: action }] of POSTS) expect([name, action !== null]).toEqual([name, role === 'admin']);
    for (const [name, { method, audit: action }] of ROUTES) if (method === 'GET') expect([name, action]).toEqual([name, null]);
  });

  it('is not there without a source', async () => {
    const bare = await startAdmin();
    try {
      for (const [name, { path }] of ROUTES.filter(([each]) => !['live', 'ready', 'metrics', 'openapi', 'save'].includes(each))) {
        const { status } = await ask(bare, sent(name));
        expect(status, path).toBe(404);
      }
    } finally {
      await bare.close();
    }
  });
});
