/** A file server as it runs, on free ports of the loopback, in a folder of its own, and clients of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectXftp, type XftpClient } from '@polyplex/client';
import { loadConfig } from '@polyplex/config';
import { generateKeyPair, randomBytes, sha256 } from '@polyplex/crypto';
import { parseAddress } from '@polyplex/protocol-common';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { issueCa, type IssuedCertificate, issueServerCertificate } from '@polyplex/transport-tls';
import { afterEach } from 'vitest';
import { createXftpNode, type XftpConfig, xftpConfig, type XftpNode } from '../src/index.ts';

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

/** A folder with an identity. */
export function serverFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polyplex-files-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  writeIdentity(folder, newLeaf());
  return folder;
}

export function writeIdentity(folder: string, { key, certificate }: IssuedCertificate): void {
  writeFileSync(join(folder, 'server.key'), key);
  writeFileSync(join(folder, 'server.crt'), certificate);
}

export function configOf(folder: string, settings: readonly string[] = [], passwordFile: string | null = null): XftpConfig {
  const own = [
    'xftpListen.host=127.0.0.1', 'xftpListen.ports=0', 'xftpAdmin.port=0', 'shutdown.drainTimeout=0', 'xftpLimits.drainTransfers=1s', 'xftpStorage.reserve=0',
    `storage.dataDir=${folder}/data`, `xftpIdentity.certificateFile=${folder}/server.crt`, `xftpIdentity.keyFile=${folder}/server.key`,
  ];
  return { ...loadConfig(xftpConfig, { folder, flags: [...own, ...settings] }).values, access: { passwordFile } };
}

export async function startConfigured(config: XftpConfig, log: Logger = silentLogger): Promise<XftpNode> {
  const node = await createXftpNode(config, { log, version: '1.2.3' });
  cleanUp(() => node.stop());
  return node;
}

export function startNode(folder: string, ...settings: readonly string[]): Promise<XftpNode> {
  return startConfigured(configOf(folder, settings));
}

export async function connect({ address }: XftpNode): Promise<XftpClient> {
  const client = await connectXftp({ address: { ...parseAddress(address)!, hosts: ['127.0.0.1'] }, timeouts: { requestMs: 10_000 } });
  cleanUp(() => client.close());
  return client;
}

export interface TestFile {
  readonly content: Uint8Array;
  readonly digest: Uint8Array;
  readonly sender: { readonly id: Uint8Array; readonly key: ReturnType<typeof generateKeyPair<'ed25519'>>['privateKey'] };
  readonly recipient: { readonly id: Uint8Array; readonly key: ReturnType<typeof generateKeyPair<'ed25519'>>['privateKey'] };
}

const SIZE_BYTES = 65_536;

/** Registers a file of 64 KiB. */
export async function createFile(client: XftpClient, password: string | null = null): Promise<TestFile> {
  const content = randomBytes(SIZE_BYTES);
  const digest = sha256(content);
  const [sender, recipient] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
  const { senderId, recipientIds } = await client.createChunk({ sender, size: SIZE_BYTES, digest, recipientKeys: [recipient.publicKey], password });
  return { content, digest, sender: { id: senderId, key: sender.privateKey }, recipient: { id: recipientIds[0]!, key: recipient.privateKey } };
}

export function upload(client: XftpClient, { sender, content }: TestFile): Promise<void> {
  return client.uploadChunk(sender, content.length, [content]);
}

export async function download(client: XftpClient, { recipient, content, digest }: TestFile): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await client.downloadChunk(recipient, { size: content.length, digest }, (piece) => void pieces.push(piece));
  return new Uint8Array(Buffer.concat(pieces));
}

/** Registers and uploads. */
export async function sendFile(client: XftpClient, password: string | null = null): Promise<TestFile> {
  const file = await createFile(client, password);
  await upload(client, file);
  return file;
}
