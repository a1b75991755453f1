/**
 * Writing one body: one PUT whose length is told at its head, streamed as the source gives it. S3 stores nothing of a request
 * that ends before that length, so a body is whole or not there.
 *
 * The last piece is sent only when the source has ended, and from then on the write is not aborted: S3 may have stored it.
 */
import { Readable } from 'node:stream';
import { SECOND } from '@polyplex/base';
import { BodySource, storeError } from '@polyplex/store-common';
import type { ChunkBody } from '@polyplex/store-contract';
import { isRefusal, unanswered } from './s3-failure.ts';
import type { Requests } from './requests.ts';

/** Sent at once; a write takes some times this much memory. */
const PIECE_BYTES = 64 * 1024;

/** Rejects with a `StoreError`, an error of the source, or the reason of the signal; then nothing of the body is readable. */
export async function writeBody(requests: Requests, bodyId: string, body: ChunkBody, signal: AbortSignal): Promise<void> {
  const source = new BodySource(body, signal);
  try {
    requests.assertOpen();
    signal.throwIfAborted();
    await new Upload(requests, requests.place.keyOf(bodyId), source).run(signal);
  } finally {
    source.release();
  }
}

class Upload {
  private readonly requests: Requests;
  private readonly key: string;
  private readonly source: BodySource;
  private readonly stream: Readable;
  private readonly cutter = new AbortController();
  /** Why the write ends before S3 says anything. */
  private failure: { readonly error: unknown } | null = null;
  private piece: Uint8Array = new Uint8Array(0);
  private left: number;
  private isWhole = false;
  /** When the last piece was given: from then on it is S3 that takes time. */
  private wholeAt = 0;
  private stopTimer: () => void = () => undefined;

  constructor(requests: Requests, key: string, source: BodySource) {
    this.requests = requests;
    this.key = key;
    this.source = source;
    this.left = source.size;
    this.stream = new Readable({ highWaterMark: PIECE_BYTES, read: () => void this.give().catch((error: unknown) => this.fail(error)) });
  }

  async run(signal: AbortSignal): Promise<void> {
    const aborted = (): void => {
      if (!this.isWhole) this.fail(signal.reason);
    };
    signal.addEventListener('abort', aborted);
    this.expectS3();
    try {
      await this.requests.putStream(this.key, { stream: this.stream, size: this.source.size, signal: this.cutter.signal }).finally(() => this.observe());
      if (!this.isWhole) throw storeError('FAILED', undefined, 'S3 answered before it had the whole body');
    } catch (error) {
      this.failure ??= { error: this.requests.failure(error, 'PutObject') };
      await this.clear(error);
      throw this.failure.error;
    } finally {
      this.stopTimer();
      signal.removeEventListener('abort', aborted);
      if (!this.isWhole) this.cutter.abort();
      this.stream.destroy();
    }
  }

  /** The next piece for the stream. The source's own may change when the next one is asked for, so they are copied. */
  private async give(): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, this.left));
    for (let filled = 0; filled < buffer.length; ) {
      if (this.piece.length === 0) this.piece = (await this.next()) ?? this.piece;
      const part = this.piece.subarray(0, buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
      this.piece = this.piece.subarray(part.length);
    }
    this.left -= buffer.length;
    if (this.left === 0) {
      while ((await this.next()) !== null); // nothing, or the source throws
      this.isWhole = this.failure === null;
      this.wholeAt = performance.now();
    }
    if (this.failure !== null) return;
    this.expectS3();
    this.stream.push(buffer);
    if (this.isWhole) this.stream.push(null);
  }

  /** S3 is not waited for while the source is. */
  private next(): Promise<Uint8Array | null> {
    this.stopTimer();
    return this.source.next();
  }

  /** From now on S3 has to take what was given, or to answer. */
  private expectS3(): void {
    const { clock, silenceMs } = this.requests.timing;
    this.stopTimer();
    this.stopTimer = clock.after(silenceMs, () => this.fail(unanswered(this.requests.where)));
  }

  private observe(): void {
    if (this.isWhole) this.requests.seconds.observe((performance.now() - this.wholeAt) / SECOND);
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
    this.cutter.abort();
  }

  /** Removes what S3 may have stored although its answer did not come. */
  private async clear(error: unknown): Promise<void> {
    if (!this.isWhole || isRefusal(error)) return;
    await this.requests.delete(this.key).catch(() => undefined); // the write has failed already; the caller removes it, too
  }
}
