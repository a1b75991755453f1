/** Files of an old server, read from their beginning to their end, and whether somebody writes to them meanwhile. */
import { createReadStream, statSync } from 'node:fs';
import { fileFailure } from '../moving/failures.ts';
import { Progress } from '../moving/progress.ts';
import { CliError } from '../report-failure.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Looks at a file; the answer throws `CliError` FAILED when it has changed since. */
export function unchanged(path: string): () => void {
  const before = statSync(path, { throwIfNoEntry: false });
  return () => {
    const after = statSync(path, { throwIfNoEntry: false });
    if (after?.size !== before?.size || after?.mtimeMs !== before?.mtimeMs) throw new CliError('FAILED', `${path} was written to while it was read: stop the old server first`);
  };
}

/** What `task` makes of a file's bytes; `what` is told meanwhile, such as "reading the log". Throws `CliError`. */
export async function readWhole<T>(path: string, what: string, signal: AbortSignal, task: (chunks: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
  const size = statSync(path).size;
  const check = unchanged(path);
  const progress = new Progress(what);
  let bytes = 0;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      progress.update({ done: [], bytes, share: size === 0 ? null : Math.min(1, bytes / size) });
      yield chunk;
    }
  };
  try {
    const made = await task(chunks());
    check();
    return made;
  } catch (error) {
    if (signal.aborted) throw new CliError('FAILED', `interrupted while ${what}; nothing was changed`, { cause: error });
    throw fileFailure(path, 'read', error);
  } finally {
    progress.end();
  }
}
