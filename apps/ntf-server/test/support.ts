/** A push proxy as it runs, on free ports of the loopback, in a folder of its own. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@polyplex/base';
import { connectNtf, type NtfClient, type RegisteredToken, registerToken } from '@polyplex/client';
import { loadConfig } from '@polyplex/config';
import { generateKeyPair } from '@polyplex/crypto';
import { parseAddress } from '@polyplex/protocol-common';
import type { DeviceToken } from '@polyplex/protocol-ntf';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { issueCa, type IssuedCertificate, issueServerCertificate } from '@polyplex/transport-tls';
import { afterEach } from 'vitest';
import { createNtfNode, newVapidKey, type NtfConfig, ntfConfig, type NtfNode } from '../src/index.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function cleanUp(task: () => unknown): void {
  cleanups.push(task);
}

const ca: IssuedCertificate = issueCa({ algorithm: 'ed25519' });

/** Another online certificate of the same identity. */
export function newLeaf(algorithm: 'ed25519' | 'ed448' = 'ed25519'): IssuedCertificate {
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  return { key: leaf.key, certificate: leaf.certificate + ca.certificate };
}

/** A folder with an identity and the keys of an init, and Apple's. */
export function proxyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polyplex-push-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  writeIdentity(folder, newLeaf());
  writeFileSync(join(folder, 'vapid.key'), newVapidKey());
  writeFileSync(join(folder, 'services.key'), 'a secret\n');
  writeFileSync(join(folder, 'AuthKey.p8'), generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return folder;
}

export function writeIdentity(folder: string, { key, certificate }: IssuedCertificate): void {
  writeFileSync(join(folder, 'server.key'), key);
  writeFileSync(join(folder, 'server.crt'), certificate);
}

/** With Apple's key of the folder. */
export const APPLE = (folder: string): string[] => [`ntfApns.keyFile=${folder}/AuthKey.p8`, 'ntfApns.keyId=ABCDE12345', 'ntfApns.teamId=FGHIJ67890', 'ntfApns.topic=org.example.chat'];

export function configOf(folder: string, settings: readonly string[] = []): NtfConfig {
  const own = [
    'ntfListen.host=127.0.0.1', 'ntfListen.ports=0', 'ntfAdmin.port=0', 'shutdown.drainTimeout=0', `storage.dataDir=${folder}/data`,
    `ntfIdentity.certificateFile=${folder}/server.crt`, `ntfIdentity.keyFile=${folder}/server.key`,
    `ntfWebPush.keyFile=${folder}/vapid.key`, `ntfRelays.serviceKeyFile=${folder}/services.key`, 'ntfPushes.timeout=1s',
  ];
  return loadConfig(ntfConfig, { folder, flags: [...own, ...settings] }).values;
}

async function startConfigured(config: NtfConfig, log: Logger = silentLogger): Promise<NtfNode> {
  const node = await createNtfNode(config, { log, version: '1.2.3' });
  cleanUp(() => node.stop());
  return node;
}

export function startNode(folder: string, ...settings: readonly string[]): Promise<NtfNode> {
  return startConfigured(configOf(folder, settings));
}

export async function connect({ address }: NtfNode, versions?: { readonly min: number; readonly max: number }): Promise<NtfClient> {
  const client = await connectNtf({ address: { ...parseAddress(address)!, hosts: ['127.0.0.1'] }, requestTimeoutMs: 20_000, ...(versions === undefined ? {} : { versions }) });
  cleanUp(() => client.close());
  return client;
}

/** Nothing is pushed to it. */
export const NULL_DEVICE: DeviceToken = { provider: 'apns_null', token: utf8('test_ntf_token') };
export const IPHONE: DeviceToken = { provider: 'apns_prod', token: utf8('ab'.repeat(32)) };

export function register(client: NtfClient, device: DeviceToken = NULL_DEVICE): Promise<RegisteredToken> {
  return registerToken(client, device, { authKeys: generateKeyPair('ed25519'), dhKeys: generateKeyPair('x25519') });
}
