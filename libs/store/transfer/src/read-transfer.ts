/**
 * Reads a transfer file block by block. What is answered has been checked: records come when the checkpoint behind them
 * has the right checksum and counts. Every failure of the file is a `TransferError`; one of the source is passed on.
 */
import { equalBytes } from '@polyplex/base';
import { decode, DecodeError } from '@polyplex/codec';
import { FORMAT_VERSION } from '@polyplex/store-common';
import { ByteSource } from './byte-source.ts';
import {
  CHECKSUM_BYTES, COUNTED_AS, type Frame, frame, type Header, LENGTH_BYTES, MARK, NOTHING, type Position, type RecordFrame, sameTotals,
  type Totals, TRANSFER_VERSION,
} from './formats.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCK_RECORDS, MAX_FRAME_BYTES } from './limits.ts';
import { RunningSum } from './running-sum.ts';
import { TransferError } from './transfer-error.ts';

/** What a checkpoint says about all that is before it. */
interface Checked {
  readonly totals: Totals;
  /** Null where no export can go on. */
  readonly position: Position | null;
  /** Behind the checkpoint; good until the next part is asked for. */
  readonly sum: RunningSum;
}

export type TransferPart =
  | ({ readonly type: 'header'; readonly header: Header } & Checked)
  | ({ readonly type: 'block'; readonly records: readonly RecordFrame[] } & Checked)
  | { readonly type: 'end'; readonly totals: Totals; readonly checksum: Uint8Array };

type Checkpoint = Extract<Frame, { type: 'C' | 'E' }>;

/** The header first, then blocks, then the end. */
export async function* readTransfer(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TransferPart, void> {
  const source = new ByteSource(chunks);
  try {
    const reader = new PartReader(source);
    await reader.readMark();
    for (;;) {
      const part = reader.take(await reader.nextFrame());
      if (part !== null) yield part;
      if (part?.type === 'end') break;
    }
    if (await source.has(1)) throw reader.damaged('more follows its end mark');
  } finally {
    await source.end();
  }
}

class PartReader {
  private readonly source: ByteSource;
  private readonly sum = new RunningSum();
  private header: Header | null = null;
  private headerChecked = false;
  private records: RecordFrame[] = [];
  private totals: { -readonly [K in keyof Totals]: Totals[K] } = { ...NOTHING };
  /** Where the block begins. */
  private blockAt = 0;
  /** Messages and notifications that belong to the last queue and are to follow. */
  private due = { messages: 0, notifications: 0 };

  constructor(source: ByteSource) {
    this.source = source;
  }

  damaged(how: string): TransferError {
    return new TransferError('DAMAGED', `the file is damaged between byte ${this.blockAt} and byte ${this.sum.bytes}: ${how}`);
  }

  async readMark(): Promise<void> {
    const whole = await this.source.has(MARK.length + 1);
    const bytes = this.source.take(Math.min(this.source.available, MARK.length + 1));
    if (!equalBytes(bytes.subarray(0, MARK.length), MARK.subarray(0, bytes.length)) || bytes.length === 0) {
      throw new TransferError('FOREIGN', 'this is not a file that "polyplex store export" made');
    }
    if (!whole) throw this.cut();
    if (bytes[MARK.length] !== TRANSFER_VERSION) throw newer();
    this.sum.add(bytes);
  }

  /** The bytes of a frame, its length included. */
  async nextFrame(): Promise<Uint8Array> {
    if (!(await this.source.has(LENGTH_BYTES))) throw this.cut();
    const prefix = this.source.take(LENGTH_BYTES);
    const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0);
    if (length === 0 || length > MAX_FRAME_BYTES) throw this.damaged('a length is impossible');
    if (this.sum.bytes + length - this.blockAt > MAX_BLOCK_BYTES || this.records.length > MAX_BLOCK_RECORDS) {
      throw this.damaged('a checkpoint is missing');
    }
    if (!(await this.source.has(length))) throw this.cut();
    const bytes = this.source.take(length);
    this.sum.add(prefix);
    // A checksum is not part of what it is the checksum of.
    const isCheckpoint = bytes[0] === CHECKPOINT || bytes[0] === END;
    this.sum.add(isCheckpoint ? bytes.subarray(0, Math.max(0, length - CHECKSUM_BYTES)) : bytes);
    return bytes;
  }

  /** What is known to be right now; null within a block. */
  take(bytes: Uint8Array): TransferPart | null {
    const taken = this.decode(bytes);
    if (this.header === null) {
      if (taken.type !== 'H') throw this.damaged('the header is missing');
      this.header = taken.header;
      return null;
    }
    if (taken.type === 'C' || taken.type === 'E') return this.check(taken);
    if (taken.type === 'H' || !this.headerChecked) throw this.damaged('the order is impossible');
    this.count(taken);
    this.records.push(taken);
    return null;
  }

  private decode(bytes: Uint8Array): Frame {
    try {
      return decode(frame, bytes, this.header?.values ?? FORMAT_VERSION);
    } catch (error) {
      if (error instanceof DecodeError) throw this.damaged('a record cannot be read');
      throw error;
    }
  }

  private count(record: RecordFrame): void {
    const { due, totals } = this;
    const inOrder = record.type === 'M' ? due.messages > 0 : due.messages === 0 && (record.type === 'N') === (due.notifications > 0);
    if (!inOrder) throw this.damaged('the order is impossible');
    totals[COUNTED_AS[record.type]]++;
    if (record.type === 'Q') this.due = { messages: record.queue.messages, notifications: record.queue.notifications };
    if (record.type === 'M') due.messages--;
    if (record.type === 'N') due.notifications--;
  }

  private check(checkpoint: Checkpoint): TransferPart {
    if (!equalBytes(this.sum.digest(), checkpoint.checksum)) throw this.damaged('its checksum is wrong');
    if (!sameTotals(this.totals, checkpoint.totals)) throw this.damaged('its counts are wrong');
    this.sum.add(checkpoint.checksum);
    const between = this.due.messages === 0 && this.due.notifications === 0;
    if (checkpoint.type === 'E') {
      if (!between || !this.headerChecked || this.records.length > 0) throw this.damaged('the order is impossible');
      return { type: 'end', totals: checkpoint.totals, checksum: Uint8Array.from(checkpoint.checksum) };
    }
    if (checkpoint.position !== null && !between) throw this.damaged('the order is impossible');
    return this.checked(checkpoint);
  }

  private checked({ totals, position }: Checkpoint & { type: 'C' }): TransferPart {
    const { header, sum, records, headerChecked } = this;
    this.records = [];
    this.blockAt = sum.bytes;
    this.headerChecked = true;
    if (headerChecked) return { type: 'block', records, totals, position, sum };
    if (header!.values < 1 || header!.values > FORMAT_VERSION) throw newer();
    return { type: 'header', header: header!, totals, position, sum };
  }

  private cut(): TransferError {
    return new TransferError('CUT', `the file ends at byte ${this.source.length} without its end mark; it is whole up to byte ${this.blockAt}`);
  }
}

const CHECKPOINT = 'C'.charCodeAt(0);
const END = 'E'.charCodeAt(0);

function newer(): TransferError {
  return new TransferError('NEWER', 'the file was made by a newer release of Polyplex: use that release');
}
