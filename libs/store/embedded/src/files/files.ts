/** Files and their recipients: creation, lookup, acknowledgement (XFTP §5.1, §5.2). */
import { copyBytes, idKey } from '@polyplex/base';
import { isId, owned } from '@polyplex/store-common';
import type { FileParty, Files, FoundFile, NewFile, NewRecipient } from '@polyplex/store-contract';
import { answer, guarded, now, present } from '../engine.ts';
import { type FileEngine, FREES, GROWS, putFile, recordOf, rowOf } from './engine.ts';
import { missRecipient, missSender } from './missing-file.ts';
import { recipientKey } from './tables.ts';

export function createFiles(engine: FileEngine): Files {
  return {
    create: (file, recipients) => guarded(engine, () => create(engine, owned(file), owned(recipients))),
    addRecipients: (senderId, recipients) => guarded(engine, () => add(engine, copyBytes(senderId), owned(recipients))),
    find: (party, id) => now(engine, () => find(engine, party, id)),
    acknowledge: (recipientId) => guarded(engine, () => acknowledge(engine, copyBytes(recipientId))),
  };
}

/** Whether these may be the ids of recipients: well formed, and none twice. */
export function areIds(recipients: readonly NewRecipient[]): boolean {
  return recipients.every(({ recipientId }) => isId(recipientId)) &&
    new Set(recipients.map(({ recipientId }) => idKey(recipientId))).size === recipients.length;
}

export function areFree({ tables }: FileEngine, recipients: readonly NewRecipient[]): boolean {
  return !recipients.some(({ recipientId }) => tables.recipients.has(recipientId));
}

export function putRecipients({ tables }: FileEngine, senderId: Uint8Array, recipients: readonly NewRecipient[]): void {
  for (const { recipientId, recipientKey: key } of recipients) {
    tables.recipients.put(recipientId, { senderId, recipientKey: key });
    tables.fileRecipients.put(recipientKey(senderId, recipientId), undefined);
  }
}

function create(engine: FileEngine, file: NewFile, recipients: readonly NewRecipient[]): ReturnType<Files['create']> {
  const { senderId } = file;
  if (!isId(senderId) || !areIds(recipients)) return Promise.resolve('collision');
  return engine.writes.run<'created' | 'collision'>(() => {
    if (engine.tables.files.has(senderId) || !areFree(engine, recipients)) return answer('collision');
    putFile(engine, senderId, rowOf({ ...file, status: { state: 'active' }, bodyId: null }));
    putRecipients(engine, senderId, recipients);
    return answer('created');
  }, GROWS);
}

function add(engine: FileEngine, senderId: Uint8Array, recipients: readonly NewRecipient[]): ReturnType<Files['addRecipients']> {
  return engine.writes.run<'added' | 'collision' | 'gone'>(() => {
    if (!engine.tables.files.has(senderId)) return answer('gone');
    if (!areIds(recipients) || !areFree(engine, recipients)) return answer('collision');
    putRecipients(engine, senderId, recipients);
    return answer('added');
  }, GROWS);
}

function find(engine: FileEngine, party: FileParty, id: Uint8Array): FoundFile | null {
  const { files, recipients } = engine.tables;
  if (party === 'sender') {
    const row = files.get(id);
    return row === null ? missSender(id) : { file: recordOf(copyBytes(id), row), key: row.senderKey };
  }
  const recipient = recipients.get(id);
  if (recipient === null) return missRecipient(engine);
  const { senderId, recipientKey: key } = recipient;
  return { file: recordOf(senderId, present(files.get(senderId))), key };
}

function acknowledge({ tables, writes }: FileEngine, recipientId: Uint8Array): Promise<boolean> {
  return writes.run(() => {
    const recipient = tables.recipients.get(recipientId);
    if (recipient === null) return answer(false);
    tables.fileRecipients.remove(recipientKey(recipient.senderId, recipientId));
    tables.recipients.remove(recipientId);
    return answer(true);
  }, FREES);
}
