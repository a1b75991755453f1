/** A transfer whose state lives in memory: for the small files that redirects are. */
import type { TransferPlace } from './transfer-place.ts';

/** `size` is that of the encrypted file. */
export function memoryPlace(size: number): TransferPlace {
  const bytes = new Uint8Array(size);
  let lines: string[] = [];
  return {
    data: {
      read: (at, length) => Promise.resolve(bytes.slice(at, at + length)),
      write: (at, written) => Promise.resolve(bytes.set(written, at)),
      sync: () => Promise.resolve(),
    },
    readJournal: () => Promise.resolve(lines),
    append: (line) => Promise.resolve(void lines.push(line)),
    clear: () => Promise.resolve(void (lines = [])),
  };
}
