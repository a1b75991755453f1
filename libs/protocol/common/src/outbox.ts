/**
 * What one end of a session has to say. Transmissions of one turn of the event loop leave together, in as few blocks
 * as fit, in the order in which they were added: a reply and a message to the same client share a block. Only this
 * file seals and writes blocks, because the order of the chain is the order on the wire (SMP §3.6).
 */
import { type BatchItem, splitBatches } from './block.ts';
import type { BlockCipher } from './block-cipher.ts';
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

  constructor(connection: BlockConnection, cipher: BlockCipher, sent: () => void) {
    this.connection = connection;
    this.cipher = cipher;
    this.sent = sent;
  }

  /** Adds an encoded transmission; it leaves at the end of this turn. */
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
      for (const batch of splitBatches(items)) {
        if (!this.connection.write(this.cipher.seal(batch))) this.writable = false;
      }
    } catch {
      // What cannot be written is a bug, and this is no caller's turn: it ends the connection, not the process.
      this.connection.destroy('error');
      return;
    }
    this.sent();
  }

  drained(): void {
    if (this.writable) return;
    this.writable = true;
    this.onWritable();
  }
}
