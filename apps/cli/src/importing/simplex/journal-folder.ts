/** The folder of the journal store (SMP §9.4): four folders of two characters of the queue's id, and one of the rest. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toBase64Url } from '@polyplex/base';
import type { JournalFiles } from '@polyplex/store-transfer';
import { CliError } from '../../report-failure.ts';

const LEVELS = 4;
const LEVEL_CHARACTERS = 2;
/** Of some 21 kB a message at most, a few hundred are in a file. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Reading rejects with `CliError` FILES where a file is there and cannot be read. */
export function journalFolder(folder: string): JournalFiles {
  return {
    state: (recipientId) => read(folder, join(pathOf(recipientId), `queue_state.${toBase64Url(recipientId)}.log`)),
    messages: (recipientId, journalId) => read(folder, join(pathOf(recipientId), `messages.${journalId}.log`)),
  };
}

function pathOf(recipientId: Uint8Array): string {
  const name = toBase64Url(recipientId);
  const levels = Array.from({ length: LEVELS }, (_, i) => name.slice(i * LEVEL_CHARACTERS, (i + 1) * LEVEL_CHARACTERS));
  return join(...levels, name.slice(LEVELS * LEVEL_CHARACTERS));
}

/** No message names the file: its path is the queue's id. */
async function read(folder: string, name: string): Promise<Uint8Array | null> {
  const path = join(folder, name);
  try {
    if ((await stat(path)).size > MAX_FILE_BYTES) throw new CliError('FILES', `a file in ${folder} is larger than any journal`);
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (error instanceof CliError) throw error;
    throw new CliError('FILES', `a file in ${folder} cannot be read (${code ?? 'unknown reason'}): do this as a user who may`);
  }
}
