/**
 * The store log of the reference's file server, folded into whole files: some 110 bytes of memory a file and 70 a
 * recipient, whatever the log has grown to. A line that is wrong is told and passed over, as the reference does.
 */
import type { LoggedFile } from './file-blocks.ts';
import { FileFold } from './file-fold.ts';
import type { BadLine } from '../text-log/bad-line.ts';
import { eachLine } from '../text-log/log-lines.ts';
import type { LineFault } from './line-fault.ts';
import { readLogRecord } from './log-record.ts';

export interface XftpLog {
  readonly lines: number;
  readonly fileCount: number;
  readonly recipientCount: number;
  /** Files that have a body, and the bytes of all these. */
  readonly bodies: { readonly count: number; readonly bytes: number };
  /** Bytes of memory that the files take. */
  readonly memoryBytes: number;
  /** All files, in an order that stays the same for the same log; may be walked any number of times. */
  files(): Iterable<LoggedFile>;
}

/** Rejects only with what the chunks reject with. */
export async function readXftpLog(chunks: AsyncIterable<Uint8Array>, onBadLine: (bad: BadLine<LineFault>) => void): Promise<XftpLog> {
  const fold = new FileFold();
  let lines = 0;
  await eachLine(chunks, (text, line) => {
    lines = line;
    const record = text === null ? 'LONG' : readLogRecord(text);
    const fault = typeof record === 'string' ? { fault: record, loses: true } : fold.take(record, line);
    if (fault !== null) onBadLine({ line, ...fault });
  });
  const { fileCount, recipientCount, bytes: memoryBytes } = fold;
  return { lines, fileCount, recipientCount, memoryBytes, bodies: fold.bodies(), files: () => fold.files() };
}
