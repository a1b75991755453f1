/** A description that is of no use any more is deleted, if its owner agrees (XFTP §8.4). */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { attempt } from './transfer-folder.ts';

/** `yes`: without asking. Where nobody can be asked it stays. */
export async function offerToDelete(path: string, yes: boolean): Promise<void> {
  if (!yes && !(await isAgreed(path))) {
    process.stdout.write(`The description ${path} cannot be used again; it was not deleted.\n`);
    return;
  }
  await attempt(path, () => rm(path));
  process.stdout.write(`Deleted the description ${path}.\n`);
}

async function isAgreed(path: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new AbortController();
  lines.once('close', () => closed.abort());
  try {
    const answer = await lines.question(`The description ${path} cannot be used again. Delete it (Y/n)? `, { signal: closed.signal });
    return /^\s*(y(es)?)?\s*$/i.test(answer);
  } catch {
    return false; // the terminal was closed: nobody agreed
  } finally {
    lines.close();
  }
}
