/** Whether the stores have what the log has: every record, every recipient, and every byte of the bodies. */
import { equalBytes } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import { formatBlockingInfo } from '@polyplex/protocol-common';
import type { FileRecord, FoundFile, NewRecipient, QueueStatus } from '@polyplex/store-contract';
import type { LoggedFile } from '../xftp-log/file-blocks.ts';
import { type BodySource, checkedBody } from './body-source.ts';
import { type FileStores, wholeFile } from './import-files.ts';
import { readToEnd, type VerifyOutcome, walkFiles, type WalkOptions } from './outcomes.ts';

/** Rejects with the `StoreError` that ended it. */
export async function verifyFiles(stores: FileStores, files: Iterable<LoggedFile>, options: WalkOptions<VerifyOutcome>): Promise<void> {
  const stored: BodySource = { open: (bodyId) => stores.chunks.read(bodyId) };
  await walkFiles(files, options, (logged) => verifyFile(stores, logged, stored));
}

async function verifyFile({ files }: FileStores, logged: LoggedFile, stored: BodySource): Promise<Extract<VerifyOutcome, 'right' | 'ABSENT' | 'DIFFERENT'>> {
  const { file, recipients } = wholeFile(logged);
  const found = await files.find('sender', file.senderId);
  if (found === null) return 'ABSENT';
  if (!isSameRecord(found.file, file)) return 'DIFFERENT';
  const parties = await Promise.all(recipients.map(({ recipientId }) => files.find('recipient', recipientId)));
  if (!parties.every((party, i) => isParty(party, recipients[i]!, file))) return 'DIFFERENT';
  if (file.bodyId !== null) await readToEnd(await checkedBody(stored, file.bodyId, logged.file));
  return 'right';
}

function isSameRecord(a: FileRecord, b: FileRecord): boolean {
  return equalBytes(a.senderId, b.senderId) && publicKeysEqual(a.senderKey, b.senderKey) && a.size === b.size &&
    equalBytes(a.digest, b.digest) && a.createdAt === b.createdAt && a.bodyId === b.bodyId &&
    isSameStatus(a.status, b.status);
}

function isSameStatus(a: QueueStatus, b: QueueStatus): boolean {
  if (a.state !== 'blocked' || b.state !== 'blocked') return a.state === b.state;
  return formatBlockingInfo(a.info) === formatBlockingInfo(b.info);
}

function isParty(found: FoundFile | null, { recipientKey }: NewRecipient, { senderId }: FileRecord): boolean {
  return found !== null && publicKeysEqual(found.key, recipientKey) && equalBytes(found.file.senderId, senderId);
}
