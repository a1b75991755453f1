/** `polyplex store verify`, and the same check before an import. */
import { type Header, readTransfer, type Totals } from '@polyplex/store-transfer';
import { CliError } from '../report-failure.ts';
import { type ByteInput, byteInput } from './byte-streams.ts';
import { explained } from './failures.ts';
import { interruption } from './interruption.ts';
import { Progress, sizeText } from './progress.ts';
import { checksumRow, doneOf, madeRow, rowsText, totalRows } from './summary.ts';

export interface Verified {
  readonly header: Header;
  readonly totals: Totals;
  readonly checksum: Uint8Array;
  readonly bytes: number;
}

/** Reads all of it; throws `CliError` when it is not whole, or when the signal comes. */
export async function verified(input: ByteInput, signal: AbortSignal): Promise<Verified> {
  const progress = new Progress('checking');
  let bytes = 0;
  let header: Header | null = null;
  try {
    for await (const part of readTransfer(input.read(signal, (more) => (bytes += more)))) {
      if (part.type === 'header') header = part.header;
      if (part.type === 'end') return { header: header!, totals: part.totals, checksum: part.checksum, bytes };
      progress.update({ done: doneOf(part.totals), bytes, share: input.size === null ? null : bytes / input.size });
    }
    throw new CliError('FAILED', `${input.name} could not be read to its end`);
  } catch (error) {
    if (signal.aborted) throw new CliError('FAILED', 'interrupted while the file was checked; nothing was changed', { cause: error });
    throw explained(error, input.name, '');
  } finally {
    progress.end();
  }
}

export async function verifyCommand(file: string): Promise<void> {
  const input = byteInput(file);
  const { header, totals, checksum, bytes } = await verified(input, interruption());
  process.stdout.write(`The file is whole.\n\n${rowsText([madeRow(header), ...totalRows(totals), ['Size', sizeText(bytes)], checksumRow(checksum)])}`);
}
