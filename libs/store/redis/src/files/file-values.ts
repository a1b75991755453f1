/** What the fields of a file's record hold: its unchanging part, its status, and the key of a recipient. */
import { type Codec, DecodeError, fields, shortString } from '@polyplex/codec';
import { decodeValue, encodeValue, publicKey, queueStatus, storeError, word48 } from '@polyplex/store-common';
import type { FileRecord, NewFile, NewRecipient } from '@polyplex/store-contract';
import { bytesOf, type Reply, textOfReply } from '../redis-reply.ts';
import { idText } from './file-keys.ts';

const fixedPart = fields({ senderKey: publicKey, size: word48, digest: shortString, createdAt: word48 });

export function encodeFixed({ senderKey, size, digest, createdAt }: NewFile): Buffer {
  return bufferOf(encodeValue(fixedPart, { senderKey, size, digest, createdAt }));
}

/** Its second byte is `A` for an active file: scripts look at it. */
export function encodeStatus(status: FileRecord['status']): Buffer {
  return bufferOf(encodeValue(queueStatus, status));
}

/** The sender id as text, a colon, the key. */
export function encodeRecipient(senderId: Uint8Array, { recipientKey }: NewRecipient): Buffer {
  return Buffer.concat([Buffer.from(`${idText(senderId)}:`), encodeValue(publicKey, recipientKey)]);
}

export const readKey = (reply: Reply | undefined): NewRecipient['recipientKey'] => read(publicKey, reply);

/** Fields `r`, `s` and `b` of a record; null where there is none. */
export function readFile(senderId: Uint8Array, [fixed, status, body]: readonly Reply[]): FileRecord | null {
  if (fixed === null || fixed === undefined) return null;
  const bodyId = textOfReply(body);
  return { senderId, ...read(fixedPart, fixed), status: read(queueStatus, status), bodyId: bodyId === '' ? null : bodyId };
}

function read<T>(format: Codec<T>, reply: Reply | undefined): T {
  try {
    return decodeValue(format, bytesOf(reply) ?? new Uint8Array(0));
  } catch (error) {
    if (error instanceof DecodeError) throw storeError('DAMAGED', error);
    throw error;
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
