/** The key under which an audit log hashes ids: made once, whole before it has its name, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';

const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

/** Of several processes that begin at once, one makes it and all read it. Rejects with the system's error. */
export async function auditKey(path: string): Promise<Buffer> {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  return readFile(path).catch(async (error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    await make(draft);
    await link(draft, path).catch((reason: unknown) => {
      if (codeOf(reason) !== 'EEXIST') throw reason;
    }).finally(() => rm(draft));
    return readFile(path);
  });
}

async function make(path: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(randomBytes(KEY_BYTES));
    await file.sync();
  } finally {
    await file.close();
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
