/** Writes a transfer file block by block. Waits for each block to be taken, so it holds one and no more. */
import { concatBytes } from '@polyplex/base';
import { encode } from '@polyplex/codec';
import { FORMAT_VERSION } from '@polyplex/store-common';
import type { ServiceRecord, StoredQueue } from '@polyplex/store-contract';
import {
  CHECKSUM_BYTES, COUNTED_AS, type Frame, frame, type Header, LENGTH_BYTES, MARK, NOTHING, type Position, type RecordFrame, type Totals,
  TRANSFER_VERSION,
} from './formats.ts';
import { BLOCK_BYTES, BLOCK_RECORDS, MAX_FRAME_BYTES } from './limits.ts';
import type { ResumePoint } from './resume-point.ts';
import { RunningSum } from './running-sum.ts';
import { TransferError } from './transfer-error.ts';

const NO_CHECKSUM = new Uint8Array(CHECKSUM_BYTES);

/** A place in the file. */
interface Mark {
  readonly bytes: number;
  readonly records: number;
}

/** Takes bytes; resolves when more may come. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

export class TransferWriter {
  private readonly sink: Sink;
  private readonly sum: RunningSum;
  private readonly counted: { -readonly [K in keyof Totals]: Totals[K] };
  private waiting: Uint8Array[] = [];
  /** Where the block begins, and where the last point to go on from is. */
  private block: Mark;
  private point: Mark;
  private records = 0;

  /** With `from`, what comes is written behind that point. */
  constructor(sink: Sink, from: ResumePoint | null = null) {
    this.sink = sink;
    this.sum = from?.sum.copy() ?? new RunningSum();
    this.counted = { ...(from?.totals ?? NOTHING) };
    this.block = this.point = { bytes: this.sum.bytes, records: 0 };
  }

  get totals(): Totals {
    return { ...this.counted };
  }

  /** Bytes of the file so far. */
  get bytes(): number {
    return this.sum.bytes;
  }

  /** Whether a checkpoint with a position is due. */
  get pointIsDue(): boolean {
    return this.isFull(this.point);
  }

  async begin(header: Omit<Header, 'values'>, position: Position): Promise<void> {
    this.keep(concatBytes(MARK, new Uint8Array([TRANSFER_VERSION])));
    this.put({ type: 'H', header: { ...header, values: FORMAT_VERSION } });
    await this.checkpoint(position);
  }

  async service(service: ServiceRecord): Promise<void> {
    await this.record({ type: 'S', service });
  }

  async queue({ record, link, messages, notifications, lastId }: StoredQueue): Promise<void> {
    const queue = { record, link, lastId, messages: messages.length, notifications: notifications.length };
    await this.record({ type: 'Q', queue });
    for (const message of messages) await this.record({ type: 'M', message });
    for (const notification of notifications) await this.record({ type: 'N', notification });
  }

  /** Ends the block. With a position, an export can go on from here. */
  async checkpoint(position: Position | null): Promise<void> {
    this.seal({ type: 'C', totals: this.totals, position, checksum: NO_CHECKSUM });
    this.block = { bytes: this.sum.bytes, records: this.records };
    if (position !== null) this.point = this.block;
    await this.flush();
  }

  /** Ends the file; answers its checksum. */
  async end(): Promise<Uint8Array> {
    if (this.records > this.block.records) await this.checkpoint(null);
    const checksum = this.seal({ type: 'E', totals: this.totals, checksum: NO_CHECKSUM });
    await this.flush();
    return checksum;
  }

  private isFull({ bytes, records }: Mark): boolean {
    return this.records - records >= BLOCK_RECORDS || this.sum.bytes - bytes >= BLOCK_BYTES;
  }

  private async record(record: RecordFrame): Promise<void> {
    if (this.isFull(this.block)) await this.checkpoint(null);
    this.put(record);
    this.counted[COUNTED_AS[record.type]]++;
    this.records++;
  }

  private put(value: Frame): void {
    for (const part of framed(value)) this.keep(part);
  }

  /** Puts a frame whose last part is the checksum of all before it. */
  private seal(value: Frame): Uint8Array {
    const [length, bytes] = framed(value);
    this.keep(length);
    this.keep(bytes.subarray(0, bytes.length - CHECKSUM_BYTES));
    const checksum = this.sum.digest();
    this.keep(checksum);
    return checksum;
  }

  private keep(bytes: Uint8Array): void {
    this.sum.add(bytes);
    this.waiting.push(bytes);
  }

  private async flush(): Promise<void> {
    const bytes = concatBytes(...this.waiting);
    this.waiting = [];
    await this.sink(bytes);
  }
}

function framed(value: Frame): readonly [length: Uint8Array, bytes: Uint8Array] {
  const bytes = encode(frame, value, FORMAT_VERSION);
  if (bytes.length > MAX_FRAME_BYTES) throw new TransferError('TOO_LARGE', 'a record is larger than the format allows');
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return [length, bytes];
}
