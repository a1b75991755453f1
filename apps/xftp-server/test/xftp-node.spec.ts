/** A whole node over real sockets: transfers, administration, reload, and its end. */
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { toBase64Url } from '@polyplex/base';
import { parseAddress } from '@polyplex/protocol-common';
import { silentLogger } from '@polyplex/telemetry';
import { describe, expect, it } from 'vitest';
import { createXftpNode, type XftpNode } from '../src/index.ts';
import { configOf, connect, createFile, download, newLeaf, sendFile, serverFolder, startConfigured, startNode, upload, writeIdentity } from './support.ts';

function admin(node: XftpNode, action: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${node.adminUrl}admin/files/${action}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function metrics(node: XftpNode): Promise<(name: string) => number | undefined> {
  const exposition = await (await fetch(`${node.adminUrl}metrics`)).text();
  return (name) => {
    const line = exposition.split('\n').find((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
}

describe('a running node', () => {
  it('serves clients at the address it gives, and counts what they do', async () => {
    const node = await startNode(serverFolder(), 'xftpStorage.quota=10MiB');
    const client = await connect(node);
    const file = await sendFile(client);
    expect(await download(client, file)).toEqual(file.content);
    await createFile(client);
    const metric = await metrics(node);
    const expected = {
      simplex_xftp_files_created: 2, simplex_xftp_files_recipients: 2, simplex_xftp_files_uploaded: 1, simplex_xftp_file_downloads: 1,
      simplex_xftp_files_count_total: 1, simplex_xftp_files_size: 65_536, simplex_xftp_files_count_daily: 1, simplex_xftp_files_expired: 0,
      'polyplex_xftp_commands_total{command="FNEW"}': 2, polyplex_xftp_uploaded_bytes_total: 65_536, polyplex_xftp_quota_bytes: 10 * 1024 * 1024,
      polyplex_xftp_connections: 1, polyplex_xftp_uploads: 0, polyplex_store_available: 1, polyplex_chunk_store_available: 1,
    };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, metric(name)]))).toEqual(expected);
    expect(metric('polyplex_chunk_store_room_bytes')).toBeGreaterThan(0);
    const overview = await (await fetch(`${node.adminUrl}admin/overview`)).text();
    expect(JSON.parse(overview)).toMatchObject({ version: '1.2.3', address: node.address });
    expect(overview).not.toContain(toBase64Url(file.recipient.id));
  });

  it('keeps files and identity from one run to the next', async () => {
    const folder = serverFolder();
    const first = await startNode(folder);
    const file = await sendFile(await connect(first));
    await first.stop();
    const second = await startNode(folder);
    expect(parseAddress(second.address)!.keyHash).toEqual(parseAddress(first.address)!.keyHash);
    expect(await download(await connect(second), file)).toEqual(file.content);
  });

  it('shows, blocks and deletes files for its operator', async () => {
    const node = await startNode(serverFolder());
    const client = await connect(node);
    const [file, other] = [await sendFile(client), await createFile(client)];
    const id = toBase64Url(file.recipient.id);
    expect(await (await admin(node, 'status', { id })).json()).toEqual({ status: 'active', size: 65_536, created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:00Z$/) });
    expect((await admin(node, 'block', { id, reason: 'spam', noticeSeconds: 60 })).status).toBe(200);
    expect(await (await admin(node, 'status', { id: id.replaceAll('=', '') })).json()).toMatchObject({ status: 'blocked (spam)' });
    await expect(download(client, file)).rejects.toMatchObject({ error: { type: 'BLOCKED' } });
    const otherId = toBase64Url(other.recipient.id);
    expect(await (await admin(node, 'status', { id: otherId })).json()).toMatchObject({ status: 'not uploaded' });
    expect((await admin(node, 'delete', { id: otherId })).status).toBe(200);
    await expect(upload(client, other)).rejects.toMatchObject({ error: { type: 'AUTH' } });
    for (const [wrong, status] of [[otherId, 404], [toBase64Url(file.sender.id), 404], ['', 400], ['?', 400]] as const) {
      expect((await admin(node, 'status', { id: wrong })).status, wrong).toBe(status);
    }
    const metric = await metrics(node);
    expect([metric('simplex_xftp_files_blocked'), metric('simplex_xftp_files_deleted'), metric('simplex_xftp_files_size')]).toEqual([1, 1, 0]);
  });

  it('lets a sender upload a blocked file again when its operator unblocks it', async () => {
    const folder = serverFolder();
    const node = await startNode(folder);
    const client = await connect(node);
    const file = await sendFile(client);
    const id = toBase64Url(file.recipient.id);
    await admin(node, 'block', { id, reason: 'content' });
    await expect(upload(client, file)).rejects.toMatchObject({ error: { type: 'BLOCKED' } });
    expect(await (await admin(node, 'unblock', { id })).json()).toEqual({ status: 'unblocked', target: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(await (await admin(node, 'status', { id })).json()).toMatchObject({ status: 'not uploaded' });
    await expect(download(client, file)).rejects.toMatchObject({ error: { type: 'NO_FILE' } });
    await upload(client, file);
    expect(await download(client, file)).toEqual(file.content);
    expect((await admin(node, 'unblock', { id: toBase64Url(file.sender.id) })).status).toBe(404);
    const audit = readFileSync(join(folder, 'data/audit-xftp.log'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as object);
    expect(audit).toMatchObject([{ action: 'file block', reason: 'content' }, { action: 'file unblock', result: 'ok' }, { action: 'file unblock', result: 'missing' }]);
  });

  it('asks for the password that its settings name, and for that of the relay where they name none', async () => {
    const folder = serverFolder();
    for (const [name, secret] of [['own', 'mine'], ['relay', 'ours']] as const) writeFileSync(join(folder, name), `${secret}\n`);
    const own = [`xftpAccess.passwordFile=${folder}/own`];
    const accepted = async (settings: readonly string[]): Promise<string[]> => {
      const node = await startConfigured(configOf(folder, settings, join(folder, 'relay')));
      const client = await connect(node);
      const tried = await Promise.all(['mine', 'ours', null].map((password) => createFile(client, password).then(() => [String(password)], () => [])));
      await node.stop();
      return tried.flat();
    };
    expect(await accepted([])).toEqual(['ours']);
    expect(await accepted(own)).toEqual(['mine']);
    expect(await accepted([...own, 'xftpAccess.open=on'])).toEqual(['mine', 'ours', 'null']);
    expect(await accepted([...own, 'xftpAccess.newFiles=off'])).toEqual([]);
  });

  it('takes a new certificate while running', async () => {
    const folder = serverFolder();
    const node = await startNode(folder);
    const before = await connect(node);
    writeIdentity(folder, newLeaf('ed448'));
    await node.reload();
    await sendFile(await connect(node));
    await sendFile(before);
    writeFileSync(join(folder, 'server.key'), newLeaf().key);
    await expect(node.reload()).rejects.toMatchObject({ code: 'IDENTITY' });
    await sendFile(await connect(node));
  });

  it('drains: says so, lets clients go, and is gone', async () => {
    const node = await startNode(serverFolder(), 'shutdown.drainTimeout=700ms');
    const [one, two] = [await connect(node), await connect(node)];
    const stopping = node.stop();
    const ready = await fetch(`${node.adminUrl}readyz`);
    expect([ready.status, (await ready.text()).includes('draining')]).toEqual([503, true]);
    await Promise.all([one.closed, two.closed]);
    await stopping;
    await expect(fetch(`${node.adminUrl}healthz`)).rejects.toThrow();
    await expect(connect(node)).rejects.toThrow();
  });
});

/** As browsers ask: HTTP/2 with the server's name in the TLS handshake. */
async function get(node: XftpNode, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const session = connectHttp2(`https://localhost:${node.endpoints[0]!.port}`, { rejectUnauthorized: false });
  try {
    const stream = session.request({ ':path': path });
    const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
    return { status: headers[':status'], body: await text(stream) };
  } finally {
    session.close();
  }
}

it('with a web certificate serves pages to browsers and files to apps at one port', async () => {
  const folder = serverFolder();
  const web = newLeaf();
  writeFileSync(join(folder, 'web.crt'), web.certificate);
  writeFileSync(join(folder, 'web.key'), web.key);
  const node = await startNode(folder, `xftpListen.webCertificateFile=${folder}/web.crt`, `xftpListen.webKeyFile=${folder}/web.key`);
  expect(node.warnings.join()).not.toContain('No pages');
  const page = await get(node, '/');
  expect([page.status, page.body]).toEqual([200, expect.stringContaining(node.address.slice(0, 40))]);
  expect([(await get(node, '/file')).status, (await get(node, '/nothing')).status]).toEqual([200, 404]);
  const client = await connect(node);
  expect(await download(client, await sendFile(client))).toBeInstanceOf(Uint8Array);
});

describe('room', () => {
  it('that is to be spared is not taken, and the operator hears of it once', async () => {
    const lines: string[] = [];
    const config = configOf(serverFolder(), ['xftpStorage.reserve=1000TiB']);
    const node = await startConfigured(config, { ...silentLogger, warn: (message) => lines.push(message) });
    expect(node.warnings.join()).toContain('xftpStorage.reserve');
    const client = await connect(node);
    for (const file of [await createFile(client), await createFile(client)]) await expect(upload(client, file)).rejects.toMatchObject({ error: { type: 'QUOTA' } });
    expect(lines).toEqual([expect.stringContaining('uploads are refused')]);
    expect((await metrics(node))('polyplex_chunk_store_room_bytes')).toBe(0);
    expect((await fetch(`${node.adminUrl}readyz`)).status, 'downloads still work').toBe(200);
  });

  it('of the quota is given back', async () => {
    const node = await startNode(serverFolder(), 'xftpStorage.quota=100KiB');
    const client = await connect(node);
    const [first, second] = [await sendFile(client), await createFile(client)];
    await expect(upload(client, second)).rejects.toMatchObject({ error: { type: 'QUOTA' } });
    await client.deleteChunk(first.sender);
    await upload(client, second);
  });
});

it('a node whose disk is gone is alive, not ready, and says so in its metrics', async () => {
  const folder = serverFolder();
  const node = await startNode(folder);
  renameSync(join(folder, 'data/xftp/files'), join(folder, 'elsewhere'));
  const ready = await fetch(`${node.adminUrl}readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('bodies of files cannot be written')]);
  expect((await fetch(`${node.adminUrl}healthz`)).status).toBe(200);
  const metric = await metrics(node);
  expect([metric('polyplex_store_available'), metric('polyplex_chunk_store_available')]).toEqual([1, 0]);
  const client = await connect(node);
  await expect(upload(client, await createFile(client))).rejects.toMatchObject({ error: { type: 'TIMEOUT' } });
  expect((await metrics(node))('polyplex_xftp_store_failures_total')).toBe(1);
  renameSync(join(folder, 'elsewhere'), join(folder, 'data/xftp/files'));
  await sendFile(client);
});

describe('a node that cannot start', () => {
  async function failure(folder: string, ...settings: readonly string[]): Promise<unknown> {
    return createXftpNode(configOf(folder, settings), { log: silentLogger, version: '1' }).then(
      async (node) => node.stop().then(() => 'it started'),
      (error: unknown) => error,
    );
  }

  it('names the port that is taken, and leaves the data free', async () => {
    const folder = serverFolder();
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    expect(await failure(folder, `xftpListen.ports=${port}`)).toMatchObject({ code: 'LISTEN', message: expect.stringMatching(new RegExp(`port ${port} is in use.*xftpListen\\.ports`)) });
    expect(await failure(folder, `xftpAdmin.port=${port}`)).toMatchObject({ code: 'LISTEN', message: expect.stringContaining('xftpAdmin.port') });
    other.close();
    await startNode(folder);
  });

  it('names data that another process uses, and data that is none', async () => {
    const folder = serverFolder();
    const node = await startNode(folder);
    expect(await failure(folder)).toMatchObject({ code: 'STORAGE', message: expect.stringContaining('another process is using it') });
    await node.stop();
    writeFileSync(join(folder, 'data/xftp/records/data.mdb'), 'not a store');
    expect(await failure(folder)).toMatchObject({ code: 'STORAGE', message: expect.stringContaining('storage.dataDir') });
  });

  it.each([
    ['a missing certificate', ['xftpIdentity.certificateFile=/nowhere/server.crt'], /\/nowhere\/server\.crt cannot be read \(ENOENT; xftpIdentity\.certificateFile/],
    ['a missing web certificate', ['xftpListen.webCertificateFile=/nowhere/web.crt', 'xftpListen.webKeyFile=/nowhere/web.key'], /xftpListen\.webCertificateFile/],
  ])('names %s, and makes nothing', async (_name, settings, message) => {
    const folder = serverFolder();
    expect(await failure(folder, ...settings)).toMatchObject({ code: 'IDENTITY', message: expect.stringMatching(message) });
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });
});
