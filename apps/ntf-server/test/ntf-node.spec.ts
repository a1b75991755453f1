/** A whole node over real sockets: apps, keys, reload, what operators see, and its end. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { overviewSchema } from '@polyplex/admin-api';
import { toBase64Url } from '@polyplex/base';
import { checkToken, deleteToken, pingProxy } from '@polyplex/client';
import { parseAddress } from '@polyplex/protocol-common';
import { silentLogger } from '@polyplex/telemetry';
import { describe, expect, it, vi } from 'vitest';
import { createNtfNode, type NtfNode } from '../src/index.ts';
import { APPLE, configOf, connect, IPHONE, newLeaf, NULL_DEVICE, proxyFolder, register, startNode, writeIdentity } from './support.ts';

async function metrics(node: NtfNode): Promise<(name: string) => number | undefined> {
  const exposition = await (await fetch(`${node.adminUrl}metrics`)).text();
  return (name) => {
    const line = exposition.split('\n').find((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
}

describe('a running node', () => {
  it('serves apps of every version at the address it gives', async () => {
    const node = await startNode(proxyFolder());
    expect(node.address).toMatch(/^ntf:\/\/.+@localhost:\d+$/);
    for (const version of [1, 2, 3]) {
      const client = await connect(node, { min: version, max: version });
      await pingProxy(client);
      const token = await register(client);
      expect(['REGISTERED', 'CONFIRMED']).toContain(await checkToken(client, token));
      await deleteToken(client, token);
    }
  });

  it('keeps devices and identity from one run to the next', async () => {
    const folder = proxyFolder();
    const first = await startNode(folder);
    const token = await register(await connect(first));
    await first.stop();
    const second = await startNode(folder);
    expect(parseAddress(second.address)!.keyHash).toEqual(parseAddress(first.address)!.keyHash);
    expect(['REGISTERED', 'CONFIRMED']).toContain(await checkToken(await connect(second), token));
  });

  it('refuses devices that it could not push to', async () => {
    const without = await startNode(proxyFolder(), 'ntfWebPush.enabled=off');
    await expect(register(await connect(without), IPHONE)).rejects.toMatchObject({ error: { type: 'CMD', error: 'PROHIBITED' } });
    const folder = proxyFolder();
    const closed = await startNode(folder, 'ntfAccess.newTokens=off');
    await expect(register(await connect(closed))).rejects.toMatchObject({ error: { type: 'AUTH' } });
    expect(closed.warnings.join()).toContain('No new devices');
  });

  it('tells the key that apps subscribe with, where there is Web Push', async () => {
    const folder = proxyFolder();
    expect((await startNode(folder)).facts).toEqual([['Web Push key', expect.stringMatching(/^[\w-]{87}$/)]]);
    expect((await startNode(proxyFolder(), 'ntfWebPush.enabled=off')).facts).toEqual([]);
  });

  it('takes a new certificate while running', async () => {
    const folder = proxyFolder();
    const node = await startNode(folder);
    const before = await connect(node);
    writeIdentity(folder, newLeaf('ed448'));
    await node.reload();
    for (const client of [before, await connect(node)]) await pingProxy(client);
    rmSync(join(folder, 'server.key'));
    await expect(node.reload()).rejects.toMatchObject({ code: 'IDENTITY' });
    await pingProxy(await connect(node));
  });
});

describe('files that are wrong', () => {
  const other = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  it.each([
    ['an Apple key that is missing', 'AuthKey.p8', null, /ntfApns\.keyFile.*AuthKey\.p8 cannot be read \(ENOENT\)/],
    ['an Apple key of another kind', 'AuthKey.p8', other, /ntfApns\.keyFile.*another kind/],
    ['an Apple key that is none', 'AuthKey.p8', 'nonsense', /ntfApns\.keyFile.*no private key/],
    ['a Web Push key that is missing', 'vapid.key', null, /ntfWebPush\.keyFile.*polyplex init --push/],
    ['a Web Push key that is none', 'vapid.key', '', /ntfWebPush\.keyFile/],
    ['no secret of services', 'services.key', null, /ntfRelays\.serviceKeyFile/],
  ])('%s is named before anything is opened', async (_name, file, content, message) => {
    const folder = proxyFolder();
    if (content === null) rmSync(join(folder, file));
    else writeFileSync(join(folder, file), content);
    await expect(createNtfNode(configOf(folder, APPLE(folder)), { log: silentLogger, version: '1' })).rejects.toThrow(message);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('are all named at once, and no key is quoted', async () => {
    const folder = proxyFolder();
    for (const file of ['AuthKey.p8', 'vapid.key']) writeFileSync(join(folder, file), 'secret-content');
    rmSync(join(folder, 'server.crt'));
    const failure = await createNtfNode(configOf(folder, APPLE(folder)), { log: silentLogger, version: '1' }).catch((error: unknown) => error as Error);
    for (const part of ['server.crt', 'AuthKey.p8', 'vapid.key']) expect((failure as Error).message).toContain(part);
    expect((failure as Error).message).not.toContain('secret-content');
  });

  it('a CA that is no certificate is', async () => {
    const folder = proxyFolder();
    writeFileSync(join(folder, 'ca.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    await expect(createNtfNode(configOf(folder, [`ntfWebPush.caFile=${folder}/ca.pem`]), { log: silentLogger, version: '1' })).rejects.toThrow(/ntfWebPush\.caFile/);
  });
});

describe('operators', () => {
  it('see counts, relays and push services, and nothing of devices', async () => {
    const node = await startNode(proxyFolder(), 'ntfAdmin.nodeName=push');
    const client = await connect(node);
    const token = await register(client);
    await vi.waitFor(async () => expect((await metrics(node))('polyplex_ntf_push_answers_total')).toBe(1), { timeout: 20_000 });
    const pages = await Promise.all(['overview', 'fleet', 'relays', 'places', 'stats'].map(async (page) => (await fetch(`${node.adminUrl}admin/${page}`)).text()));
    const overview = overviewSchema.strict().parse(JSON.parse(pages[0]!));
    expect(overview).toMatchObject({ service: 'ntf', node: 'push', address: node.address, state: 'running', notReady: [], gauges: { tokens: 1, sessions: 1, relaysClaimed: 0, watchedQueues: 0 } });
    expect(overview.stores.map(({ name, engine, available }) => [name, engine, available])).toEqual([['tokens', 'embedded', true]]);
    expect(JSON.parse(pages[2]!)).toEqual({ total: 0, relays: [] });
    expect(JSON.parse(pages[3]!)).toMatchObject({ total: 1, places: [{ place: 'apns_null', queued: 0, inFlight: 0, pausedSeconds: null }] });
    expect(JSON.parse(pages[4]!)).toMatchObject({ tknCreated: 0, tknCount: 1, 'activeTokens.day': 0 });
    for (const page of pages) for (const secret of [toBase64Url(token.tokenId), Buffer.from(token.tokenId).toString('hex'), 'test_ntf_token']) expect(page).not.toContain(secret);
    expect(await (await fetch(`${node.adminUrl}readyz`)).text()).toBe('ready\n');
  });

  it('keep statistics over restarts where they are on', async () => {
    const folder = proxyFolder();
    const settings = ['statistics.daily=on', ...APPLE(folder), 'ntfApns.productionHost=127.0.0.1:1'];
    const first = await startNode(folder, ...settings);
    await register(await connect(first), IPHONE);
    await first.stop();
    expect(readFileSync(join(folder, 'data/statistics/ntf-statistics.txt'), 'utf8')).toMatch(/^tknCreated=1$/m);
    const second = await startNode(folder, ...settings);
    expect(await (await fetch(`${second.adminUrl}admin/stats`)).json()).toMatchObject({ tknCreated: 1, ntfVrfQueued: 1 });
  });

  it('make backups of the embedded engine', async () => {
    const folder = proxyFolder();
    const node = await startNode(folder);
    await register(await connect(node));
    const begun = await fetch(`${node.adminUrl}admin/backup`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    const { name } = (await begun.json()) as { readonly name: string };
    await vi.waitFor(async () => expect(await (await fetch(`${node.adminUrl}admin/backup`)).json()).toMatchObject({ state: 'done' }), { timeout: 20_000 });
    const manifest = JSON.parse(readFileSync(join(folder, 'data/backups', name, 'manifest.json'), 'utf8')) as { server: string; counts: object };
    expect(manifest).toMatchObject({ server: 'ntf', counts: { tokens: 1, subscriptions: 0 } });
    expect(readdirSync(join(folder, 'data/backups', name, 'tokens'))).toEqual(['data.mdb']);
  });
});

it('a node whose port is taken says so, and leaves nothing open', async () => {
  const folder = proxyFolder();
  const first = await startNode(folder);
  const port = first.endpoints[0]!.port;
  const second = proxyFolder();
  await expect(createNtfNode(configOf(second, [`ntfListen.ports=${String(port)}`]), { log: silentLogger, version: '1' })).rejects.toMatchObject({ code: 'LISTEN', message: expect.stringContaining('ntfListen.ports') });
  await startNode(second);
});

it('a stop answers what is under way, and a second one changes nothing', async () => {
  const node = await startNode(proxyFolder());
  const client = await connect(node);
  const registering = register(client, NULL_DEVICE);
  await registering;
  await Promise.all([node.stop(), node.stop()]);
  await expect(pingProxy(client)).rejects.toMatchObject({ code: expect.stringMatching(/CLOSED|NETWORK/) });
});
