/** Ids of files and their recipients: random, so that whoever knows one was told it (XFTP §3.4). */
import { type PublicKey, randomBytes } from '@polyplex/crypto';
import type { NewRecipient } from '@polyplex/store-contract';

export const FILE_ID_BYTES = 16;
/** XFTP §5.2. */
export const ID_ATTEMPTS = 3;

export function newRecipients(keys: readonly PublicKey[]): readonly NewRecipient[] {
  return keys.map((recipientKey) => ({ recipientId: randomBytes(FILE_ID_BYTES), recipientKey }));
}
