/**
 * A body that was opened for reading: a file handle, so that it is read to its end although it be removed meanwhile. The
 * handle is closed at the end, after an error, when the reader leaves, and when nobody begins to read for a minute.
 */
import type { FileHandle } from 'node:fs/promises';
import { type Clock, MINUTE } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import type { ChunkBody } from '@polyplex/store-contract';
import { asStoreError } from '../store-failure.ts';

const PIECE_BYTES = 256 * 1024;
const BEGIN_WITHIN_MS = MINUTE;

export class OpenBody implements ChunkBody, AsyncIterator<Uint8Array, undefined> {
  readonly size: number;
  readonly pieces: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => this };
  private readonly handle: FileHandle;
  private readonly waiting: Set<OpenBody>;
  private readonly stopWaiting: () => void;
  private at = 0;
  /** Memory that was given back: new memory costs as much as the bytes that are read into it. */
  private spare: ArrayBufferLike | null = null;
  private state: 'waiting' | 'reading' | 'too late' | 'closed' = 'waiting';

  /** `waiting`: the bodies that nobody reads yet; this one is among them until then. */
  constructor(handle: FileHandle, size: number, { clock, waiting }: { clock: Clock; waiting: Set<OpenBody> }) {
    this.handle = handle;
    this.size = size;
    this.waiting = waiting;
    waiting.add(this);
    this.stopWaiting = clock.after(BEGIN_WITHIN_MS, () => void this.expire());
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.state === 'too late') throw storeError('UNAVAILABLE', undefined, 'nobody began to read the body in time');
    if (this.state === 'waiting') this.begin();
    const left = this.size - this.at;
    if (this.state === 'closed' || left === 0) return this.return();
    try {
      const buffer = this.memory(Math.min(left, PIECE_BYTES));
      const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, this.at);
      if (bytesRead === 0) throw storeError('DAMAGED', undefined, 'a body is cut short');
      this.at += bytesRead;
      return { done: false, value: buffer.subarray(0, bytesRead) };
    } catch (error) {
      await this.return();
      throw asStoreError(error);
    }
  }

  release({ buffer }: Uint8Array): void {
    this.spare = buffer;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.close('closed');
    return { done: true, value: undefined };
  }

  /** Lets go of a body that nobody reads; fine at any time. */
  async expire(): Promise<void> {
    if (this.state === 'waiting') await this.close('too late').catch(() => undefined); // nobody to be told
  }

  private memory(bytes: number): Buffer {
    const { spare } = this;
    this.spare = null;
    return spare !== null && spare.byteLength >= bytes ? Buffer.from(spare, 0, bytes) : Buffer.allocUnsafeSlow(bytes);
  }

  private begin(): void {
    this.state = 'reading';
    this.stopWaiting();
    this.waiting.delete(this);
  }

  private async close(state: 'closed' | 'too late'): Promise<void> {
    if (this.state === 'closed' || this.state === 'too late') return;
    if (this.state === 'waiting') this.begin();
    this.state = state;
    await this.handle.close();
  }
}
