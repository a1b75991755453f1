/**
 * The source of a body that is written: its pieces, no more and no fewer bytes than it says, until the signal ends it; it is
 * let go of when the write ends early.
 */
import type { ChunkBody } from '@polyplex/store-contract';
import { storeError } from './store-failure.ts';

/** One write's; `release` ends its use, however the write ended. */
export class BodySource {
  readonly size: number;
  private readonly pieces: AsyncIterator<Uint8Array>;
  private readonly signal: AbortSignal;
  private given = 0;
  private ended = false;
  /** Rejects the piece that is waited for. */
  private interrupt: ((reason: unknown) => void) | null = null;
  private readonly aborted = (): void => this.interrupt?.(this.signal.reason);

  constructor({ size, pieces }: ChunkBody, signal: AbortSignal) {
    this.size = size;
    this.signal = signal;
    this.pieces = pieces[Symbol.asyncIterator]();
    signal.addEventListener('abort', this.aborted);
  }

  /** The next piece, good until the one after it is asked for; null at the end. */
  async next(): Promise<Uint8Array | null> {
    this.signal.throwIfAborted();
    const { done, value } = await new Promise<IteratorResult<Uint8Array, unknown>>((resolve, reject) => {
      this.interrupt = reject;
      this.pull().then(resolve, reject);
    });
    if (done === true) {
      if (this.given !== this.size) throw storeError('FAILED', undefined, 'the source gave fewer bytes than it said');
      return null;
    }
    this.given += value.length;
    if (this.given > this.size) throw storeError('FAILED', undefined, 'the source gave more bytes than it said');
    return value;
  }

  private async pull(): Promise<IteratorResult<Uint8Array, unknown>> {
    let ended = true; // also when it throws
    try {
      const step = await this.pieces.next();
      ended = step.done === true;
      return step;
    } finally {
      this.ended ||= ended;
    }
  }

  /** Lets go of the source; does not wait, since it may be waiting itself. */
  release(): void {
    this.signal.removeEventListener('abort', this.aborted);
    if (this.ended) return;
    this.ended = true;
    this.pieces.return?.().catch(() => undefined); // what failed, failed before
  }
}
