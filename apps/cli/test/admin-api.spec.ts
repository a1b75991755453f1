/**
 * Every route of the admin API as real servers answer it: each answer is what the table's schema says, and holds nothing that
 * the schema does not know.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_ROUTES, type AdminRoute, type RouteName, type ServiceName } from '@polyplex/admin-api';
import { toBase64Url } from '@polyplex/base';
import { connectSmp, connectXftp, createQueue } from '@polyplex/client';
import { loadConfig } from '@polyplex/config';
import { generateKeyPair, randomBytes, sha256 } from '@polyplex/crypto';
import { nodeLog } from '@polyplex/node';
import { parseAddress } from '@polyplex/protocol-common';
import { issueCa, issueServerCertificate } from '@polyplex/transport-tls';
import { type BotNode, createBotNode, newBotKey } from 'directory-bot';
import { createNtfNode, newVapidKey, type NtfNode } from 'ntf-server';
import { createSmpNode, type SmpNode } from 'smp-server';
import { createXftpNode, type XftpNode } from 'xftp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { polyplexConfig } from '../src/settings/polyplex-config.ts';

const SETTINGS = [
  'listen.host=127.0.0.1', 'listen.ports=0', 'admin.port=0', 'xftpListen.host=127.0.0.1', 'xftpListen.ports=0', 'xftpAdmin.port=0', 'xftpStorage.reserve=0',
  'ntfListen.host=127.0.0.1', 'ntfListen.ports=0', 'ntfAdmin.port=0', 'servers.push=on', 'botAdmin.port=0', 'botWeb.enabled=off', 'botDirectory.superUsers=1:anna', 'shutdown.drainTimeout=0', 'xftpLimits.drainTransfers=0',
];

/** What other releases may lack, and the page, which is where it was built. */
const MAY_BE_ABSENT: readonly RouteName[] = ['page', 'asset'];

let folder: string;
let relay: SmpNode;
let fileServer: XftpNode;
let pushProxy: NtfNode;
let bot: BotNode;
const ids: Record<'smp' | 'xftp', string> = { smp: '', xftp: '' };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'polyplex-api-'));
  const ca = issueCa({ algorithm: 'ed25519' });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519' });
  writeFileSync(join(folder, 'server.key'), leaf.key);
  writeFileSync(join(folder, 'server.crt'), leaf.certificate + ca.certificate);
  writeFileSync(join(folder, 'vapid.key'), newVapidKey());
  writeFileSync(join(folder, 'services.key'), 'a secret\n');
  writeFileSync(join(folder, 'bot.key'), newBotKey());
  const keys = [`ntfWebPush.keyFile=${folder}/vapid.key`, `ntfRelays.serviceKeyFile=${folder}/services.key`, `bot.keyFile=${folder}/bot.key`];
  const identities = ['identity', 'xftpIdentity', 'ntfIdentity'].flatMap((section) => [`${section}.certificateFile=${folder}/server.crt`, `${section}.keyFile=${folder}/server.key`]);
  const config = loadConfig(polyplexConfig, { folder, flags: [...SETTINGS, ...identities, ...keys, `storage.dataDir=${folder}/data`] }).values;
  const log = nodeLog({ level: 'info', format: 'json' }, () => undefined);
  const deps = { log, logControl: log.control, version: '1.2.3' };
  relay = await createSmpNode(config, deps);
  fileServer = await createXftpNode(config, deps);
  pushProxy = await createNtfNode(config, deps);
  bot = await createBotNode(config, { ...deps, ownRelay: relay.address, ownFileServer: null });
  await putSomething();
});

afterAll(async () => {
  await bot.stop();
  await Promise.all([relay.stop(), fileServer.stop(), pushProxy.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

async function putSomething(): Promise<void> {
  const own = (text: string) => ({ ...parseAddress(text)!, hosts: ['127.0.0.1'] });
  const smp = await connectSmp({ address: own(relay.address) });
  ids.smp = toBase64Url((await createQueue(smp, {})).senderId);
  const xftp = await connectXftp({ address: own(fileServer.address) });
  const content = randomBytes(65_536);
  const [sender, recipient] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
  const { recipientIds } = await xftp.createChunk({ sender, size: content.length, digest: sha256(content), recipientKeys: [recipient.publicKey], password: null });
  ids.xftp = toBase64Url(recipientIds[0]!);
  xftp.close();
  smp.close();
}

const urlOf = (server: ServiceName): string => ({ smp: relay, xftp: fileServer, ntf: pushProxy, bot })[server].adminUrl;
const idOf = (server: ServiceName): string => (server === 'smp' || server === 'xftp' ? ids[server] : '');

function bodyOf(name: RouteName, server: ServiceName): object {
  if (/Block$/.test(name)) return { id: idOf(server), reason: 'spam', noticeSeconds: 60 };
  if (/^(queue|file)/.test(name)) return { id: idOf(server) };
  return name === 'setLogLevel' ? { level: 'debug' } : {};
}

async function answerOf(name: RouteName, server: ServiceName): Promise<Response> {
  const { method, path } = ADMIN_ROUTES[name];
  const url = new URL(path.replace(':name', 'console.js'), urlOf(server));
  if (method === 'GET') return fetch(url);
  return fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(bodyOf(name, server)) });
}

const CASES = Object.entries<AdminRoute>(ADMIN_ROUTES).flatMap(([name, route]) => route.of.map((server) => [server, name as RouteName, route] as const));
/** What changes things goes in the order of the table, deleting last; backups have begun before they are looked at. */
const ORDER = [...CASES.filter(([, , { method }]) => method === 'POST'), ...CASES.filter(([, , { method }]) => method === 'GET')];

describe('real servers answer as the table says', () => {
  it.each(ORDER)('%s %s', async (server, name, { answer: { schema, contentType } }) => {
    const response = await answerOf(name, server);
    const text = await response.text();
    if (response.status === 404 && MAY_BE_ABSENT.includes(name)) return;
    expect([response.status, text]).toEqual([200, text]);
    if (name !== 'asset') expect(response.headers.get('content-type')).toBe(contentType);
    if (schema !== null) expect(schema.parse(JSON.parse(text))).toEqual(JSON.parse(text));
    for (const id of Object.values(ids)) expect(text).not.toContain(id.replace(/=+$/, ''));
  });

  it.each(CASES.filter(([, , { of }]) => of.length === 1))('what %s has alone (%s) the other does not', async (server, name) => {
    expect((await answerOf(name, server === 'smp' ? 'xftp' : 'smp')).status).toBe(404);
  });

  it('and describe themselves as the document in docs', async () => {
    const [of, ...others] = await Promise.all((['smp', 'xftp', 'ntf', 'bot'] as const).map(async (server) => (await answerOf('openapi', server)).json()));
    expect(others).toEqual([of, of, of]);
    expect(of).toMatchObject({ openapi: '3.1.0' });
  });
});
