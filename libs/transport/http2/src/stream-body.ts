/**
 * The body that comes in on a stream, read piece by piece as it is asked for: what is not asked for stays within the
 * stream's window. A body that is left before its end is thrown away as it comes, within bounds, because an HTTP/2 client
 * that is not read any more may wait for its window for ever (XFTP §2.3).
 */
import type { Http2Stream } from 'node:http2';
import type { Clock } from '@polyplex/base';
import { broken, stalled } from './http-stream-error.ts';
import { cancelStream, refuseRest } from './reset-stream.ts';

export interface BodyLimits {
  readonly clock: Clock;
  /** Longest wait for the next piece. */
  readonly stallTimeoutMs: number;
  /** What is thrown away of a body that is left: so much, for so long; then the stream is reset. */
  readonly discardBytes: number;
  readonly discardTimeoutMs: number;
}

type State = 'untouched' | 'open' | 'done' | 'discarding';

export class StreamBody implements AsyncIterableIterator<Uint8Array> {
  readonly #stream: Http2Stream;
  readonly #limits: BodyLimits;
  #state: State = 'untouched';
  #ended = false;
  #failed = false;
  #wake: (() => void) | null = null;
  #discarded = 0;

  constructor(stream: Http2Stream, limits: BodyLimits) {
    this.#stream = stream;
    this.#limits = limits;
    // By a reset before we had answered, whatever its code: it would look like an end otherwise.
    stream.on('aborted', () => this.#fail());
    stream.on('close', () => this.#fail());
    stream.on('end', () => this.#end());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** One call at a time. */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#state === 'done' || this.#state === 'discarding') return END;
    this.touch();
    for (;;) {
      if (this.#failed) {
        this.#state = 'done';
        throw broken();
      }
      const piece = this.#stream.read() as Uint8Array | null;
      if (piece !== null) return { done: false, value: piece };
      if (this.#ended) {
        this.#state = 'done';
        return END;
      }
      await this.#change();
      if (this.#isLeft()) return END;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.discard();
    return Promise.resolve(END);
  }

  /** Throws away what is left; fine when nothing is. */
  discard(): void {
    if (this.#ended || this.#failed || this.#state === 'discarding') return;
    this.touch();
    this.#state = 'discarding';
    this.#wakeUp();
    const cancel = this.#limits.clock.after(this.#limits.discardTimeoutMs, () => refuseRest(this.#stream));
    this.#stream.on('close', cancel);
    this.#drop();
  }

  /** Begins to take what comes, up to the size of a buffer: Node refuses a body that nobody has touched when it was answered. */
  touch(): void {
    if (this.#state !== 'untouched') return;
    this.#state = 'open';
    this.#stream.on('readable', () => this.#readable());
  }

  /** Left by another while somebody waited for its next piece. */
  #isLeft(): boolean {
    return this.#state === 'discarding';
  }

  #readable(): void {
    if (this.#state === 'discarding') this.#drop();
    else this.#wakeUp();
  }

  #drop(): void {
    for (let piece = this.#take(); piece !== null; piece = this.#take()) this.#discarded += piece.length;
    if (this.#discarded > this.#limits.discardBytes) refuseRest(this.#stream);
  }

  #take(): Uint8Array | null {
    return this.#stream.read() as Uint8Array | null;
  }

  #end(): void {
    if (!this.#failed) this.#ended = true;
    this.#wakeUp();
  }

  #fail(): void {
    if (!this.#ended) this.#failed = true;
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** Something has happened to the stream, or nothing for too long. */
  #change(): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#limits.clock.after(this.#limits.stallTimeoutMs, () => {
        this.#wake = null;
        this.#state = 'done';
        cancelStream(this.#stream);
        reject(stalled());
      });
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

const END: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined };
