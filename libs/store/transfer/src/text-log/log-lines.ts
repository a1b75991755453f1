/** The lines of a log that comes in chunks of any size. Holds the line under way and one chunk. */

const LINE_FEED = 0x0a;
/** A file with all its recipients in one line has some 110 characters for each of them. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** `at`: at which byte it begins; `ends`: whether a line feed ends it, and nothing is missing. */
export type OnLine = (text: string | null, line: number, at: number, ends: boolean) => void;

/** Calls back with each line, counted from 1, one character a byte; null for one that is longer than allowed. A last line need not end. */
export async function eachLine(chunks: AsyncIterable<Uint8Array>, onLine: OnLine, maxBytes = MAX_LINE_BYTES): Promise<void> {
  const held: Buffer[] = [];
  let heldBytes = 0;
  let line = 0;
  /** Where the chunk begins. */
  let passed = 0;
  const hold = (bytes: Buffer): void => {
    heldBytes += bytes.length;
    if (heldBytes > maxBytes) held.length = 0;
    else if (bytes.length > 0) held.push(bytes);
  };
  const end = (at: number, ends: boolean): void => {
    onLine(heldBytes > maxBytes ? null : Buffer.concat(held).toString('latin1'), ++line, at - heldBytes, ends);
    held.length = heldBytes = 0;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      if (heldBytes === 0 && at - from <= maxBytes) onLine(bytes.toString('latin1', from, at), ++line, passed + from, true);
      else {
        hold(bytes.subarray(from, at));
        end(passed + at, true);
      }
      from = at + 1;
    }
    // The source may use its memory again.
    hold(Buffer.from(bytes.subarray(from)));
    passed += bytes.length;
  }
  if (heldBytes > 0) end(passed, false);
}
