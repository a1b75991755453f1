/** Where a transfer keeps what it has done so far: its journal in the agent's records, which are sealed, the encrypted file in a work file. */
import type { FileSource, TransferPlace } from '@polyplex/client';
import type { WorkFile } from '@polyplex/store-contract';
import type { AgentContext } from '../context.ts';
import { sortable } from '../records/typed-records.ts';
import type { Step } from '../step.ts';

export function storedPlace(context: AgentContext, fileId: string, data: WorkFile): TransferPlace {
  const prefix = `${fileId}/`;
  const change = (work: (step: Step) => void): Promise<void> => context.change(work).catch((error: unknown) => {
    throw new RecordsFailure(error);
  });
  let next = numberAfter(context.read((records) => records.list('file-line', prefix).at(-1)?.key));
  return {
    data,
    readJournal: () => Promise.resolve(context.read((records) => records.list('file-line', prefix).map(({ value }) => value))),
    append: (line) => {
      const key = `${prefix}${sortable(next++)}`;
      return change((step) => step.put('file-line', key, line));
    },
    clear: async () => {
      if (next > 0) await change((step) => step.removeAll('file-line', prefix));
      next = 0;
      await data.clear();
    },
  };
}

/** Not the transfer has failed but the agent's store: it goes on when the agent is made anew. */
export class RecordsFailure extends Error {
  constructor(cause: unknown) {
    super('the records cannot be changed', { cause });
  }
}

function numberAfter(last: string | undefined): number {
  return last === undefined ? 0 : Number(last.slice(last.indexOf('/') + 1)) + 1;
}

/** Bytes that were kept to be sent. */
export function keptSource(context: AgentContext, fileId: string, name: string): FileSource {
  const keys = context.read((records) => records.list('file-piece', `${fileId}/`).map(({ key, value }) => ({ key, size: value.length })));
  return {
    name,
    size: keys.reduce((sum, { size }) => sum + size, 0),
    stamp: fileId,
    async *pieces() {
      for (const { key } of keys) yield await Promise.resolve(context.read((records) => records.get('file-piece', key)!));
    },
  };
}
