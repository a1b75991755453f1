/** Whole files that come from elsewhere; their bodies are in the chunk store already. */
import { equalBytes, idKey } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import { isId, owned } from '@polyplex/store-common';
import type { NewRecipient, Transferable, WholeFile } from '@polyplex/store-contract';
import { answer, guarded, present } from '../engine.ts';
import { type FileEngine, GROWS, putBody, putFile, rowOf } from './engine.ts';
import { areFree, areIds, putRecipients } from './files.ts';
import { recipientIdsOf } from './tables.ts';
import type { FileRow } from './value-formats.ts';

type Put = Awaited<ReturnType<Transferable['putFile']>>;

export function createFileTransfer(engine: FileEngine): Transferable {
  return { putFile: (file) => guarded(engine, () => put(engine, owned(file))) };
}

function put(engine: FileEngine, { file, recipients }: WholeFile): Promise<Put> {
  const { tables, writes, usage } = engine;
  const { senderId, size } = file;
  const row = rowOf(file);
  const { bodyId } = row;
  if (!isId(senderId) || !areIds(recipients)) return Promise.resolve('collision');
  return writes.run<Put>(() => {
    const found = tables.files.get(senderId);
    if (found !== null) return answer(isSame(engine, found, { senderId, row, recipients }) ? 'exists' : 'collision');
    if (!areFree(engine, recipients) || (bodyId !== null && tables.bodies.has(bodyId))) return answer('collision');
    putFile(engine, senderId, row);
    putRecipients(engine, senderId, recipients);
    if (bodyId !== null) {
      putBody(engine, bodyId, null, { state: 'H', senderId, size, due: 0 });
      usage.add({ uploaded: 1, bytes: size });
    }
    return answer('written');
  }, GROWS);
}

interface Given {
  readonly senderId: Uint8Array;
  readonly row: FileRow;
  readonly recipients: readonly NewRecipient[];
}

/** Whether an earlier call wrote it: the same body, and the same recipients in any order. */
function isSame({ tables }: FileEngine, found: FileRow, { senderId, row, recipients }: Given): boolean {
  const sameBody = found.bodyId === null || row.bodyId === null ? found.bodyId === row.bodyId : equalBytes(found.bodyId, row.bodyId);
  const ids = recipientIdsOf(tables, senderId);
  if (!sameBody || ids.length !== recipients.length) return false;
  const given = new Map(recipients.map(({ recipientId, recipientKey }) => [idKey(recipientId), recipientKey]));
  return ids.every((id) => {
    const key = given.get(idKey(id));
    return key !== undefined && publicKeysEqual(key, present(tables.recipients.get(id)).recipientKey);
  });
}
