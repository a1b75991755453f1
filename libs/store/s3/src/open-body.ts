/**
 * A body that was opened for reading: the answer to one GET, which S3 gives to its end although the object be removed
 * meanwhile. Its connection is let go of at the end, after an error, when the reader leaves, and when nobody begins to read
 * for a minute. A slow reader makes S3 wait; only a silent S3 is an error.
 */
import { MINUTE } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import type { ChunkBody } from '@polyplex/store-contract';
import { unanswered } from './s3-failure.ts';
import type { OpenObject, Requests } from './requests.ts';

const BEGIN_WITHIN_MS = MINUTE;

export class OpenBody implements ChunkBody, AsyncIterator<Uint8Array, undefined> {
  readonly size: number;
  readonly pieces: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => this };
  private readonly stream: OpenObject['stream'];
  private readonly requests: Requests;
  private readonly waiting: Set<OpenBody>;
  private readonly stopWaiting: () => void;
  private readonly steps: AsyncIterator<unknown>;
  private at = 0;
  private state: 'waiting' | 'reading' | 'too late' | 'closed' = 'waiting';

  /** `waiting`: the bodies that nobody reads yet; this one is among them until then. */
  constructor({ stream, size }: OpenObject, requests: Requests, waiting: Set<OpenBody>) {
    this.stream = stream;
    this.steps = stream[Symbol.asyncIterator]();
    this.size = size;
    this.requests = requests;
    this.waiting = waiting;
    waiting.add(this);
    this.stopWaiting = requests.timing.clock.after(BEGIN_WITHIN_MS, () => this.expire());
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.state === 'too late') throw storeError('UNAVAILABLE', undefined, 'nobody began to read the body in time');
    if (this.state === 'waiting') this.begin();
    if (this.state === 'closed') return this.return();
    try {
      const piece = await this.pull();
      if (piece === null) return await this.return();
      this.at += piece.length;
      return { done: false, value: piece };
    } catch (error) {
      await this.return();
      throw this.requests.failure(error, 'GetObject');
    }
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.close('closed');
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Lets go of a body that nobody reads; fine at any time. */
  expire(): void {
    if (this.state === 'waiting') this.close('too late');
  }

  /** Null at the end. */
  private async pull(): Promise<Uint8Array | null> {
    const { clock, silenceMs } = this.requests.timing;
    const stopTimer = clock.after(silenceMs, () => this.stream.destroy(unanswered(this.requests.where)));
    try {
      const step = await this.steps.next();
      if (step.done !== true) return step.value as Uint8Array;
    } finally {
      stopTimer();
    }
    if (this.at !== this.size) throw storeError('UNAVAILABLE', undefined, 'the connection ended before the body did');
    return null;
  }

  private begin(): void {
    this.state = 'reading';
    this.stopWaiting();
    this.waiting.delete(this);
  }

  private close(state: 'closed' | 'too late'): void {
    if (this.state === 'closed' || this.state === 'too late') return;
    if (this.state === 'waiting') this.begin();
    this.state = state;
    this.stream.destroy();
  }
}
