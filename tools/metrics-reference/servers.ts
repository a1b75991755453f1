/** What servers of each kind say at `/metrics`: started here as they are, asked over HTTP, and stopped. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@polyplex/config';
import { startRedis } from '@polyplex/local-cluster';
import { silentLogger } from '@polyplex/telemetry';
import { issueCa, issueServerCertificate } from '@polyplex/transport-tls';
import { botConfig, createBotNode, newBotKey } from 'directory-bot';
import { createNtfNode, ntfConfig } from 'ntf-server';
import { createSmpNode, smpConfig } from 'smp-server';
import { createXftpNode, xftpConfig } from 'xftp-server';

/** In Prometheus' text format. */
export interface Expositions {
  readonly relay: string;
  readonly relayOnRedis: string;
  readonly fileServer: string;
  readonly pushProxy: string;
  readonly bot: string;
}

interface Started {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

const DEPS = { log: silentLogger, version: '0' };

/** Needs redis-server. */
export async function readExpositions(): Promise<Expositions> {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-metrics-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  await makeIdentity(folder);
  const redis = await startRedis({ config: ['maxmemory 100mb', 'maxmemory-policy noeviction'] });
  parts.defer(() => redis.stop());
  const read = async (starting: Promise<Started>): Promise<string> => {
    const node = await starting;
    parts.defer(() => node.stop());
    return (await fetch(`${node.adminUrl}metrics`)).text();
  };
  return {
    relay: await read(startRelay(folder, [])),
    relayOnRedis: await read(startRelay(folder, ['storage.engine=redis', `redis.urls=${redis.url}`])),
    fileServer: await read(startFileServer(folder)),
    pushProxy: await read(startPushProxy(folder)),
    bot: await read(startBot(folder, parts)),
  };
}

async function makeIdentity(folder: string): Promise<void> {
  const ca = issueCa({ algorithm: 'ed25519' });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519' });
  await writeFile(join(folder, 'server.crt'), leaf.certificate + ca.certificate);
  await writeFile(join(folder, 'server.key'), leaf.key);
}

function startRelay(folder: string, settings: readonly string[]): Promise<Started & { readonly address: string }> {
  const flags = [
    'listen.host=127.0.0.1', 'listen.ports=0', 'admin.port=0', 'shutdown.drainTimeout=0', `storage.dataDir=${folder}/data`,
    `identity.certificateFile=${folder}/server.crt`, `identity.keyFile=${folder}/server.key`, ...settings,
  ];
  return createSmpNode(loadConfig(smpConfig, { folder, flags }).values, DEPS);
}

function startFileServer(folder: string): Promise<Started> {
  const flags = [
    'xftpListen.host=127.0.0.1', 'xftpListen.ports=0', 'xftpAdmin.port=0', 'shutdown.drainTimeout=0', `storage.dataDir=${folder}/data`,
    `xftpIdentity.certificateFile=${folder}/server.crt`, `xftpIdentity.keyFile=${folder}/server.key`,
  ];
  return createXftpNode({ ...loadConfig(xftpConfig, { folder, flags }).values, access: { passwordFile: null } }, DEPS);
}

/** At a relay of its own, which gives it its address. */
async function startBot(folder: string, parts: AsyncDisposableStack): Promise<Started> {
  const relay = await startRelay(folder, [`storage.dataDir=${folder}/bots-relay`]);
  parts.defer(() => relay.stop());
  await writeFile(join(folder, 'store.key'), newBotKey());
  const flags = ['botAdmin.port=0', 'botWeb.enabled=off', `storage.dataDir=${folder}/data`, `bot.keyFile=${folder}/store.key`, 'shutdown.drainTimeout=0'];
  return createBotNode(loadConfig(botConfig, { folder, flags }).values, { ...DEPS, ownRelay: relay.address, ownFileServer: null });
}

function startPushProxy(folder: string): Promise<Started> {
  const flags = [
    'ntfListen.host=127.0.0.1', 'ntfListen.ports=0', 'ntfAdmin.port=0', 'shutdown.drainTimeout=0', `storage.dataDir=${folder}/data`, 'ntfWebPush.enabled=off',
    'ntfRelays.serviceCertificates=off', `ntfIdentity.certificateFile=${folder}/server.crt`, `ntfIdentity.keyFile=${folder}/server.key`,
  ];
  return createNtfNode(loadConfig(ntfConfig, { folder, flags }).values, DEPS);
}
