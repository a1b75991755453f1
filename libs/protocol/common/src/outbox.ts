/**
 * What one end of a session has to say. Transmissions of one turn of the event loop leave together, in as few blocks
 * as fit, in the order in which they were added: a reply and a message to the same client share a block. Only this
 * file seals and writes blocks, because the order of the chain is the order on the wire (SMP §3.6).
 */
import { type BatchItem, type Batching, BLOCK_SIZE_BYTES, smpBatching } from './block.ts';
import type { BlockCipher } from './block-cipher.ts';
import { RUN_BLOCKS, takeRun } from './block-pool.ts';
import type { BlockConnection } from './connection.ts';

export class Outbox {
  /** False while the other end does not keep up: whoever can wait holds back until `onWritable`. */
  writable = true;
  onWritable: () => void = () => undefined;
  private items: BatchItem[] = [];
  private scheduled = false;
  private readonly connection: BlockConnection;
  private readonly cipher: BlockCipher;
  private readonly sent: () => void;
  private readonly batching: Batching;

  constructor(connection: BlockConnection, cipher: BlockCipher, sent: () => void, batching = smpBatching) {
    this.connection = connection;
    this.cipher = cipher;
    this.sent = sent;
    this.batching = batching;
  }

  /** Adds an encoded transmission; it is written at the end of this turn, before any immediate that is asked for after this call. */
  add(transmission: BatchItem): void {
    this.items.push(transmission);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Transmissions that wait for the end of this turn. */
  get waiting(): number {
    return this.items.length;
  }

  flush(): void {
    this.scheduled = false;
    if (this.items.length === 0) return;
    const items = this.items;
    this.items = [];
    try {
      this.write(this.batching.split(items));
    } catch {
      // What cannot be written is a bug, and this is no caller's turn: it ends the connection, not the process.
      this.connection.destroy('error');
      return;
    }
    this.sent();
  }

  private write(batches: readonly (readonly BatchItem[])[]): void {
    const { sealInto } = this.cipher;
    if (batches.length > 1 && sealInto !== undefined && this.connection.takesRuns === true) {
      for (let i = 0; i < batches.length; i += RUN_BLOCKS) this.writeRun(batches.slice(i, i + RUN_BLOCKS), sealInto);
      return;
    }
    for (const batch of batches) {
      if (!this.connection.write(this.cipher.seal(batch))) this.writable = false;
    }
  }

  /** Sockets join what is written while they are busy, by copying it; blocks that are made side by side are spared that. */
  private writeRun(batches: readonly (readonly BatchItem[])[], sealInto: Required<BlockCipher>['sealInto']): void {
    const run = takeRun(batches.length);
    batches.forEach((batch, i) => sealInto(run.subarray(i * BLOCK_SIZE_BYTES, (i + 1) * BLOCK_SIZE_BYTES), batch));
    if (!this.connection.write(run)) this.writable = false;
  }

  drained(): void {
    if (this.writable) return;
    this.writable = true;
    this.onWritable();
  }
}
