/** Where an export that was interrupted can go on: what is in its file up to the last checkpoint that is right. */
import type { Header, Position, Totals } from './formats.ts';
import { readTransfer } from './read-transfer.ts';
import type { RunningSum } from './running-sum.ts';
import { TransferError } from './transfer-error.ts';

export interface ResumePoint {
  readonly header: Header;
  readonly position: Position;
  readonly totals: Totals;
  /** Of the bytes to be kept; `sum.bytes` is how many these are. */
  readonly sum: RunningSum;
}

/**
 * Null where not even the header is right. The rest of the file, cut or damaged, is to be written again. A whole file has
 * a point before its end. Throws `TransferError` for what is no transfer file or a newer release's.
 */
export async function resumePoint(chunks: AsyncIterable<Uint8Array>): Promise<ResumePoint | null> {
  let header: Header | null = null;
  let point: ResumePoint | null = null;
  try {
    for await (const part of readTransfer(chunks)) {
      if (part.type === 'header') header = part.header;
      if (part.type === 'end' || part.position === null) continue;
      point = { header: header!, position: part.position, totals: part.totals, sum: part.sum.copy() };
    }
  } catch (error) {
    if (!(error instanceof TransferError) || error.code === 'FOREIGN' || error.code === 'NEWER') throw error;
  }
  return point;
}
