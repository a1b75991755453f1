/** The admin port over real HTTP: who gets in, and what each path answers. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '@polyplex/telemetry';
import { type AdminApp, type AdminAppOptions, type BlockOrder, createAdminApp, type FileAdmin, type QueueAdmin } from '../src/index.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
let app: AdminApp | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});

const queues: QueueAdmin = {
  status: async (id) => (id === ID ? { status: 'active', mode: 'contact', usedDay: '2026-01-01', messages: 2 } : 'missing'),
  block: async () => 'ok',
  unblock: async () => 'refused',
  delete: async (id) => (id === ID ? { messages: 3 } : 'malformed'),
};

const files: FileAdmin = {
  status: async (id) => (id === ID ? { status: 'active', size: 65_536, created: '2026-01-01T10:00Z' } : 'missing'),
  block: async () => 'ok',
  unblock: async () => 'ok',
  delete: async (id) => (id === ID ? 'ok' : 'malformed'),
};

async function start(options: Partial<AdminAppOptions> = {}): Promise<string> {
  app = await createAdminApp({
    host: '127.0.0.1',
    port: 0,
    token: null,
    title: 'A <relay>',
    health: { notReady: async () => [] },
    metrics: { text: async () => 'answer 42\n' },
    status: async () => [{ label: 'Owner', value: '<script>alert(1)</script>' }],
    queues,
    logger: silentLogger,
    ...options,
  });
  return app.url;
}

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
}

/** With a Host header, which fetch does not let one choose. */
function statusAs(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject).end();
  });
}

describe('what is answered', () => {
  it('health, readiness and metrics as text', async () => {
    const url = await start();
    expect(await (await fetch(`${url}healthz`)).text()).toBe('ok\n');
    expect(await (await fetch(`${url}readyz`)).text()).toBe('ready\n');
    const metrics = await fetch(`${url}metrics`);
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await metrics.text()).toBe('answer 42\n');
  });

  it('reasons while not ready, and still alive', async () => {
    const url = await start({ health: { notReady: async () => ['draining'] } });
    const ready = await fetch(`${url}readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('draining')]);
    expect((await fetch(`${url}healthz`)).status).toBe(200);
  });

  it('a status page in which nothing is markup', async () => {
    const html = await (await fetch(await start())).text();
    expect(html).toContain('<h1>A &lt;relay&gt;</h1>');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('404 for the rest', async () => {
    expect((await fetch(`${await start()}admin`)).status).toBe(404);
  });
});

describe('queues', () => {
  it('are looked at, blocked and deleted by id', async () => {
    const orders: BlockOrder[] = [];
    const url = await start({ queues: { ...queues, block: async (_id, order) => (orders.push(order), 'ok') } });
    expect(await (await post(`${url}admin/queues/status`, { id: ID })).json()).toEqual({ status: 'active', mode: 'contact', usedDay: '2026-01-01', messages: 2 });
    expect((await post(`${url}admin/queues/block`, { id: ID, reason: 'spam', noticeSeconds: 60 })).status).toBe(200);
    expect((await post(`${url}admin/queues/block`, { id: ID, reason: 'content' })).status).toBe(200);
    expect(orders).toEqual([{ reason: 'spam', noticeSeconds: 60 }, { reason: 'content', noticeSeconds: null }]);
    expect(await (await post(`${url}admin/queues/delete`, { id: ID })).json()).toEqual({ messages: 3, target: null });
  });

  it.each([
    ['status', { id: 'other' }, 404],
    ['unblock', { id: ID }, 409],
    ['delete', { id: '?' }, 400],
    ['status', {}, 400],
    ['status', { id: [ID] }, 400],
    ['status', null, 400],
    ['block', { id: ID }, 400],
    ['block', { id: ID, reason: 'dislike' }, 400],
    ['block', { id: ID, reason: 'spam', noticeSeconds: 1.5 }, 400],
    ['block', { id: ID, reason: 'spam', noticeSeconds: -1 }, 400],
  ])('%s of %j answers %i', async (action, body, status) => {
    expect((await post(`${await start()}admin/queues/${action}`, body)).status).toBe(status);
  });

  it('take no bodies of any size', async () => {
    expect((await post(`${await start()}admin/queues/status`, { id: 'x'.repeat(20_000) })).status).toBe(413);
  });

  it('take nothing that a form of another site could send', async () => {
    const url = await start();
    for (const type of ['application/x-www-form-urlencoded', 'text/plain']) {
      const response = await fetch(`${url}admin/queues/delete`, { method: 'POST', headers: { 'content-type': type }, body: `id=${ID}` });
      expect(response.status, type).toBe(415);
    }
  });
});

describe('files', () => {
  it('are looked at, blocked and deleted by the id of a recipient', async () => {
    const orders: BlockOrder[] = [];
    const url = await start({ files: { ...files, block: async (_id, order) => (orders.push(order), 'ok') } });
    expect(await (await post(`${url}admin/files/status`, { id: ID })).json()).toEqual({ status: 'active', size: 65_536, created: '2026-01-01T10:00Z' });
    expect(await (await post(`${url}admin/files/block`, { id: ID, reason: 'spam', noticeSeconds: 60 })).json()).toEqual({ status: 'blocked', target: null });
    expect(orders).toEqual([{ reason: 'spam', noticeSeconds: 60 }]);
    expect(await (await post(`${url}admin/files/delete`, { id: ID })).json()).toEqual({ status: 'deleted', target: null });
  });

  it.each([
    ['status', { id: 'other' }, 404],
    ['delete', { id: '?' }, 400],
    ['status', {}, 400],
    ['block', { id: ID }, 400],
    ['block', { id: ID, reason: 'dislike' }, 400],
    ['unblock', { id: ID, reason: 'spam' }, 400],
  ])('%s of %j answers %i', async (action, body, status) => {
    expect((await post(`${await start({ files })}admin/files/${action}`, body)).status).toBe(status);
  });

  it('are not those of a relay, nor queues those of a file server', async () => {
    expect((await post(`${await start()}admin/files/status`, { id: ID })).status).toBe(404);
    await app!.close();
    app = await createAdminApp({
      host: '127.0.0.1', port: 0, token: null, title: '', health: { notReady: async () => [] }, metrics: { text: async () => '' }, status: async () => [],
      files, logger: silentLogger,
    });
    expect((await post(`${app.url}admin/queues/status`, { id: ID })).status).toBe(404);
  });
});

describe('a close', () => {
  it.each([
    ['has asked nothing', ''],
    ['has not finished its headers', 'GET /healthz HTTP/1.1\r\nHost: local'],
    ['has not finished its body', 'POST /admin/queues/status HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'],
  ])('does not wait for a client that %s', async (_name, sent) => {
    const url = await start({ closeGraceMs: 20 });
    const socket = connect(app!.port, '127.0.0.1');
    await once(socket, 'connect');
    if (sent !== '') await new Promise((resolve) => socket.write(sent, resolve));
    await (await fetch(`${url}healthz`)).text(); // by now the server has seen both
    const closed = once(socket, 'close');
    socket.resume();
    await app!.close();
    await closed;
    app = null;
  });

  it('lets a request that is under way have its answer', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: text, resolve: answer } = Promise.withResolvers<string>();
    const url = await start({ metrics: { text: () => (ask(), text) } });
    const response = fetch(`${url}metrics`);
    await asked;
    const closed = app!.close();
    answer('answer 42\n');
    expect(await (await response).text()).toBe('answer 42\n');
    await closed;
    app = null;
  });
});

describe('who gets in', () => {
  it('without a token: by a loopback name only', async () => {
    const url = await start();
    expect(await statusAs(`${url}metrics`, `localhost:${app!.port}`)).toBe(200);
    expect(await statusAs(`${url}metrics`, '[::1]')).toBe(200);
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80']) expect(await statusAs(`${url}metrics`, host), host).toBe(403);
  });

  it('with a token: who carries it, and everybody to health and readiness', async () => {
    const url = await start({ token: 'secret-token' });
    for (const authorization of ['', 'Bearer ', 'Bearer secret-toke', 'secret-token', 'Basic secret-token']) {
      expect((await fetch(`${url}metrics`, { headers: { authorization } })).status, authorization).toBe(401);
    }
    expect((await fetch(`${url}metrics`, { headers: { authorization: 'Bearer secret-token' } })).status).toBe(200);
    expect((await post(`${url}admin/queues/delete`, { id: ID })).status).toBe(401);
    expect((await fetch(`${url}healthz`)).status).toBe(200);
    expect((await fetch(`${url}readyz`)).status).toBe(200);
  });

  it('rejects when its port is taken', async () => {
    await start();
    const second = createAdminApp({
      host: '127.0.0.1', port: app!.port, token: null, title: '', health: { notReady: async () => [] }, metrics: { text: async () => '' },
      status: async () => [], queues, logger: silentLogger,
    });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
