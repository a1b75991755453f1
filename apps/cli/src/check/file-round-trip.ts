/**
 * A full round trip through any XFTP server, as an app would make it: connect, create a file of the smallest size, upload
 * it, download it as its recipient and compare, acknowledge, delete.
 */
import { connectXftp, type ConnectXftpOptions, type CreatedChunk, type XftpClient } from '@polyplex/client';
import { equalBytes, SECOND } from '@polyplex/base';
import { generateKeyPair, type KeyPair, randomBytes, sha256 } from '@polyplex/crypto';
import type { AddressText } from '@polyplex/protocol-common';
import { CHUNK_SIZES } from '@polyplex/protocol-xftp';
import { type CheckedClient, type CheckReport, inTime, runSteps, type Step, type StepResult } from './steps.ts';

export interface FileCheckOptions {
  readonly address: AddressText;
  readonly connect: Omit<ConnectXftpOptions, 'address'>;
  /** Called as each step ends. */
  readonly onStep: (step: StepResult) => void;
}

/** How long a check that failed tries to take its file away again; else it expires. */
const CLEAN_UP_MS = 2 * SECOND;

/** What failed is in the last step of the report. */
export function fileRoundTrip({ address, connect, onStep }: FileCheckOptions): Promise<CheckReport> {
  return runSteps(onStep, (step, clients) => journey(address, connect, step, clients));
}

interface CheckFile extends CreatedChunk {
  readonly content: Uint8Array;
  readonly digest: Uint8Array;
  readonly sender: KeyPair<'ed25519'>;
  readonly recipient: KeyPair<'ed25519'>;
}

async function journey(address: AddressText, connect: FileCheckOptions['connect'], step: Step, clients: CheckedClient[]): Promise<void> {
  const open = async (): Promise<XftpClient> => {
    const client = await connectXftp({ ...connect, address });
    clients.push(client);
    return client;
  };
  const sender = await step('connect (TLS, certificates, handshake)', open);
  const recipient = await step('connect as recipient', open);
  const file = await step('create a file', () => createFile(sender, address.password));
  try {
    await transfer(sender, recipient, file, step);
  } catch (error) {
    await inTime(deleteFile(sender, file), CLEAN_UP_MS, 'not deleted in time').catch(() => undefined);
    throw error;
  }
  await step('delete the file', () => deleteFile(sender, file));
}

async function createFile(client: XftpClient, password: string | null): Promise<CheckFile> {
  const content = randomBytes(CHUNK_SIZES[0]!);
  const digest = sha256(content);
  const [sender, recipient] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
  const created = await client.createChunk({ sender, size: content.length, digest, recipientKeys: [recipient.publicKey], password });
  return { ...created, content, digest, sender, recipient };
}

function deleteFile(client: XftpClient, { senderId, sender }: CheckFile): Promise<void> {
  return client.deleteChunk({ id: senderId, key: sender.privateKey });
}

async function transfer(sender: XftpClient, recipient: XftpClient, file: CheckFile, step: Step): Promise<void> {
  const { content, digest } = file;
  const entity = { id: file.recipientIds[0]!, key: file.recipient.privateKey };
  await step('upload it', () => sender.uploadChunk({ id: file.senderId, key: file.sender.privateKey }, content.length, [content]));
  await step('download and compare', async () => {
    const received = new Uint8Array(content.length);
    let at = 0;
    await recipient.downloadChunk(entity, { size: content.length, digest }, (piece) => {
      received.set(piece, at);
      at += piece.length;
    });
    if (!equalBytes(received, content)) throw new Error('the file that came is not the one that was sent');
  });
  await step('acknowledge it', () => recipient.acknowledgeChunk(entity));
}
