/** Steps of an operator over real HTTP: what is written down of them, what they may meet, and guessing. */
import { afterEach, describe, expect, it } from 'vitest';
import { MINUTE } from '@polyplex/base';
import type { LogFields, Logger, LogLevel } from '@polyplex/telemetry';
import type { AdminApp, AdminAppOptions } from '../src/index.ts';
import { ADMIN, ask, auditLines, everything, type Got, ID, queues, READER, startAdmin } from './admin-server.ts';

let app: AdminApp | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});

async function start(options: Partial<AdminAppOptions>): Promise<AdminApp> {
  return (app = await startAdmin({ ...everything, ...options }));
}

function post(path: string, body: object, token: string | null = null): Promise<Got> {
  const headers = { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  return ask(app!, { method: 'POST', path, headers, body: JSON.stringify(body) });
}

function get(path: string, token: string | null = null): Promise<Got> {
  return ask(app!, { method: 'GET', path, headers: token === null ? {} : { authorization: `Bearer ${token}` } });
}

/** What was logged, as text. */
function recording(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  return { lines, logger: { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') } };
}

describe('the audit log', () => {
  it('has who did what to what, why, and how it went, when the answer comes', async () => {
    const audit = auditLines();
    await start({ audit, token: ADMIN, readerToken: READER, queues: { ...queues, block: async (id) => (id === ID ? 'already' : 'quota') } });
    const target = 'hash of 32 characters';
    for (const [path, body, status, line] of [
      ['/admin/queues/block', { id: ID, reason: 'spam' }, 200, { action: 'queue block', target, reason: 'spam', result: 'ok, already' }],
      ['/admin/queues/block', { id: 'other', reason: 'content' }, 429, { action: 'queue block', target: 'hash of 5 characters', reason: 'content', result: 'quota' }],
      ['/admin/queues/unblock', { id: 'other' }, 409, { action: 'queue unblock', target: 'hash of 5 characters', reason: null, result: 'refused' }],
      ['/admin/queues/delete', { id: 'other' }, 400, { action: 'queue delete', target: 'hash of 5 characters', reason: null, result: 'malformed' }],
      ['/admin/files/delete', { id: ID }, 200, { action: 'file delete', target, reason: null, result: 'ok' }],
      ['/admin/log-level', { level: 'debug' }, 200, { action: 'log level', target: null, reason: 'debug', result: 'ok' }],
      ['/admin/save', {}, 200, { action: 'save', target: null, reason: null, result: 'ok' }],
    ] as const) {
      const before = audit.lines.length;
      const answer = await post(path, body, ADMIN);
      expect([answer.status, audit.lines.slice(before)], path).toEqual([status, [{ role: 'admin', ...line }]]);
    }
  });

  it('has steps that failed, and none that nobody may take', async () => {
    const audit = auditLines();
    const { logger, lines } = recording();
    await start({ audit, logger, token: ADMIN, readerToken: READER, save: () => Promise.reject(new Error('disk full')) });
    expect((await post('/admin/save', {}, ADMIN)).status).toBe(500);
    expect(audit.lines).toMatchObject([{ action: 'save', result: 'failed' }]);
    expect((await post('/admin/save', {}, READER)).status).toBe(403);
    expect((await post('/admin/queues/status', { id: ID }, READER)).status).toBe(200);
    expect(audit.lines).toHaveLength(1);
    expect(lines.join('\n')).toContain('disk full');
  });

  it('that cannot be written lets nothing be done', async () => {
    let deleted = 0;
    const audit = { ...auditLines(), ready: () => Promise.reject(new Error('read-only')) };
    await start({ audit, queues: { ...queues, delete: async () => (deleted++, { messages: 0 }) } });
    const answer = await post('/admin/queues/delete', { id: ID });
    expect([answer.status, answer.text, deleted]).toEqual([500, expect.stringContaining('nothing was done: the audit log cannot be written'), 0]);
    expect((await post('/admin/queues/status', { id: ID })).status).toBe(200);
  });

  it('that turns out not to be writable makes the answer say so', async () => {
    const { logger, lines } = recording();
    const audit = { ...auditLines(), append: () => Promise.reject(new Error('read-only')) };
    let deleted = 0;
    await start({ audit, logger, queues: { ...queues, delete: async () => (deleted++, { messages: 0 }) } });
    const answer = await post('/admin/queues/delete', { id: ID });
    expect([answer.status, answer.text, deleted]).toEqual([500, expect.stringContaining('done, but the audit log cannot be written'), 1]);
    expect(lines).toContain('error the audit log cannot be written {"error":"read-only"}');
  });
});

describe('what operators do', () => {
  it('is logged without what it was done to', async () => {
    const { logger, lines } = recording();
    await start({ logger, audit: auditLines() });
    for (const path of ['queues/block', 'files/block']) await post(`/admin/${path}`, { id: ID, reason: 'spam' });
    for (const path of ['queues/unblock', 'queues/delete', 'files/unblock', 'files/delete']) await post(`/admin/${path}`, { id: ID });
    expect(lines.map((line) => line.split(' {', 1)[0])).toEqual(['warn queue blocked', 'warn file blocked', 'warn queue unblocked', 'warn queue deleted', 'warn file unblocked', 'warn file deleted']);
    expect(lines.join()).not.toContain(ID);
  });

  it('changes the level of the log', async () => {
    let level: LogLevel = 'info';
    await start({ logControl: { get level() { return level; }, setLevel: (to) => void (level = to), recent: () => [] } });
    expect((await post('/admin/log-level', { level: 'debug' })).text).toBe('{"level":"debug"}');
    expect((await get('/admin/log-level')).text).toBe('{"level":"debug"}');
  });

  it('begins a backup, or hears why not', async () => {
    const done = { name: 'b', state: 'done', startedAt: '2026-01-01T00:00:00Z', endedAt: '2026-01-01T00:01:00Z', bytes: 9, error: null } as const;
    await start({ backup: { begin: () => Promise.reject(new Error('another backup is under way')), state: () => done } });
    expect((await post('/admin/backup', {})).text).toContain('another backup is under way');
    expect((await post('/admin/backup', {})).status).toBe(409);
    expect(JSON.parse((await get('/admin/backup')).text)).toEqual(done);
  });
});

describe('the console', () => {
  it('comes with its own policy, its parts with their types, and nothing but its parts', async () => {
    await start({ token: ADMIN });
    expect((await get('/')).headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': 'default-src \'self\'' });
    expect(await get('/console/console.js')).toMatchObject({ status: 200, text: 'let a;', headers: { 'content-type': 'text/javascript; charset=utf-8' } });
    for (const path of ['/console/other.js', '/console/', '/console/..%2fpackage.json', '/console/__proto__', '/console/console.js/x']) expect((await get(path)).status, path).toBe(404);
  });
});

describe('wrong tokens', () => {
  it('in number shut their address out for a while, the right token too; what is for everybody stays', async () => {
    let now = 1_000_000;
    const { logger, lines } = recording();
    await start({ token: ADMIN, readerToken: READER, logger, clock: { now: () => now, after: () => () => undefined, every: () => () => undefined } });
    for (let i = 0; i < 10; i++) expect((await get('/admin/overview', `guess ${String(i)}`)).status).toBe(401);
    expect((await get('/admin/overview', ADMIN)).status).toBe(429);
    expect((await post('/admin/save', {}, READER)).status).toBe(429);
    expect((await get('/admin/overview')).status, 'none').toBe(401);
    expect((await get('/healthz')).status).toBe(200);
    now += MINUTE;
    expect((await get('/admin/overview', ADMIN)).status).toBe(200);
    expect(lines.length).toBe(10);
    expect(lines.join()).not.toContain('127.0.0.1');
  });

  it('that are the same one do not: a page that was left open is no attack', async () => {
    await start({ token: ADMIN });
    for (let i = 0; i < 50; i++) expect((await get('/admin/overview', 'old')).status).toBe(401);
    expect((await get('/admin/overview', ADMIN)).status).toBe(200);
  });
});
