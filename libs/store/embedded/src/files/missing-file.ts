/**
 * A lookup that finds nothing takes the time of one that finds a file, so that the time does not tell which ids exist
 * (as `missing-queue.ts`). The record read in its place is of the usual kind.
 */
import { randomBytes } from '@polyplex/crypto';
import { decodeValue, encodeValue } from '@polyplex/store-common';
import { type FileEngine, recordOf } from './engine.ts';
import { fileRow, recipientRow } from './value-formats.ts';

const key = { kind: 'ed25519', raw: randomBytes(32) } as const;

const usualFile = encodeValue(fileRow, {
  senderKey: key, size: 65_536, digest: randomBytes(32), createdAt: 0, status: { state: 'active' }, bodyId: randomBytes(32),
});
const usualRecipient = encodeValue(recipientRow, { senderId: randomBytes(24), recipientKey: key });

export function missSender(id: Uint8Array): null {
  recordOf(Uint8Array.from(id), decodeValue(fileRow, usualFile.slice()));
  return null;
}

export function missRecipient({ tables }: FileEngine): null {
  const { senderId } = decodeValue(recipientRow, usualRecipient.slice());
  tables.files.get(senderId);
  return missSender(senderId);
}
