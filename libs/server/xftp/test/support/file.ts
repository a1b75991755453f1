/** Files as clients make them. */
import { concatBytes } from '@polyplex/base';
import {
  agree, boxKeyOf, BOX_TAG_BYTES, createBoxOpener, generateKeyPair, type KeyPair, type PrivateKey, randomBytes, sha256,
} from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';
import { CHUNK_SIZES, type XftpCommand } from '@polyplex/protocol-xftp';
import type { RawClient, Received } from './raw-client.ts';
import { said } from './raw-client.ts';

export type Kind = 'ed25519' | 'ed448' | 'x25519';

export const SMALL = CHUNK_SIZES[0]!;

export interface TestRecipient {
  readonly id: Uint8Array;
  readonly key: PrivateKey;
}

export interface TestFile {
  readonly senderId: Uint8Array;
  readonly senderKey: PrivateKey;
  readonly recipients: readonly TestRecipient[];
  readonly content: Uint8Array;
}

export interface NewFileOptions {
  readonly size?: number;
  readonly kind?: Kind;
  readonly recipients?: number;
  readonly password?: string | null;
  readonly content?: Uint8Array;
}

interface Draft {
  readonly command: XftpCommand & { readonly tag: 'FNEW' };
  readonly sender: KeyPair;
  readonly recipients: readonly KeyPair[];
  readonly content: Uint8Array;
}

export function newFile({ size = SMALL, kind = 'ed25519', recipients: count = 1, password = null, content = randomBytes(size) }: NewFileOptions = {}): Draft {
  const sender = generateKeyPair(kind);
  const recipients = Array.from({ length: count }, () => generateKeyPair(kind));
  const recipientKeys = recipients.map(({ publicKey }) => publicKey as AuthKey);
  return {
    command: { tag: 'FNEW', senderKey: sender.publicKey, size, digest: sha256(content), recipientKeys, password },
    sender,
    recipients,
    content,
  };
}

/** Registers a file; throws when it is refused. */
export async function createFile(client: RawClient, options: NewFileOptions = {}): Promise<TestFile> {
  const { command, sender, recipients, content } = newFile(options);
  const { reply } = await client.send(command, { key: sender.privateKey });
  if (reply.tag !== 'SIDS') throw new Error(said(reply));
  return {
    senderId: reply.senderId,
    senderKey: sender.privateKey,
    recipients: reply.recipientIds.map((id, i) => ({ id, key: recipients[i]!.privateKey })),
    content,
  };
}

export function upload(client: RawClient, file: TestFile, body: Uint8Array = file.content): Promise<Received> {
  return client.send({ tag: 'FPUT' }, { entityId: file.senderId, key: file.senderKey, body });
}

/** Registers and uploads; throws when anything is refused. */
export async function uploadedFile(client: RawClient, options: NewFileOptions = {}): Promise<TestFile> {
  const file = await createFile(client, options);
  const { reply } = await upload(client, file);
  if (reply.tag !== 'OK') throw new Error(said(reply));
  return file;
}

export interface Download extends Received {
  /** Null when the reply is no FILE, or the tag is wrong. */
  readonly content: Uint8Array | null;
}

export async function download(client: RawClient, { id, key }: TestRecipient): Promise<Download> {
  const keys = generateKeyPair('x25519');
  const answer = await client.send({ tag: 'FGET', dhKey: keys.publicKey }, { entityId: id, key });
  return { ...answer, content: opened(answer, keys.privateKey) };
}

/** The chunk after a FILE reply; null when it was changed on its way. */
export function opened({ reply, rest }: Received, privateKey: PrivateKey<'x25519'>): Uint8Array | null {
  if (reply.tag !== 'FILE') return null;
  const opener = createBoxOpener(boxKeyOf(agree(privateKey, reply.dhKey)!), reply.nonce);
  const content = opener.update(concatBytes(rest.subarray(0, -BOX_TAG_BYTES)));
  return opener.finish(rest.subarray(-BOX_TAG_BYTES)) ? content : null;
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
