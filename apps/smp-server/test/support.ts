/** A node as it runs, on free ports of the loopback, in a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '@polyplex/protocol-common';
import { connectSmp, type SmpClient } from '@polyplex/client';
import { loadConfig } from '@polyplex/config';
import { silentLogger } from '@polyplex/telemetry';
import { issueCa, type IssuedCertificate, issueServerCertificate } from '@polyplex/transport-tls';
import { afterEach } from 'vitest';
import { createSmpNode, type SmpConfig, smpConfig, type SmpNode } from '../src/index.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export const ca: IssuedCertificate = issueCa({ algorithm: 'ed25519' });

/** Another online certificate of the same identity. */
export function newLeaf(algorithm: 'ed25519' | 'ed448' = 'ed25519'): IssuedCertificate {
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  return { key: leaf.key, certificate: leaf.certificate + ca.certificate };
}

/** A folder with an identity. */
export function relayFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polyplex-node-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  writeIdentity(folder, newLeaf());
  return folder;
}

export function writeIdentity(folder: string, { key, certificate }: IssuedCertificate): void {
  writeFileSync(join(folder, 'server.key'), key);
  writeFileSync(join(folder, 'server.crt'), certificate);
}

const TEST_SETTINGS = [
  'listen.host=127.0.0.1', 'listen.ports=0', 'admin.port=0', 'shutdown.drainTimeout=0', 'storage.dataDir=data', 'proxy.allowPrivateAddresses=on',
];

export function configOf(folder: string, ...settings: readonly string[]): SmpConfig {
  const flags = [...TEST_SETTINGS, ...settings].map((setting) => setting.replace('=data', `=${folder}/data`));
  return loadConfig(smpConfig, { folder, flags }).values;
}

export async function startNode(folder: string, ...settings: readonly string[]): Promise<SmpNode> {
  const node = await createSmpNode(configOf(folder, ...settings), { log: silentLogger, version: '1.2.3' });
  cleanups.push(() => node.stop());
  return node;
}

export function connect({ address }: SmpNode): Promise<SmpClient> {
  return connectSmp({ address: { ...parseAddress(address)!, hosts: ['127.0.0.1'] } }).then((client) => {
    cleanups.push(() => client.close());
    return client;
  });
}
