/**
 * Sending a body: pieces are asked for as the other end takes them, so that a transfer holds one or two of them. An end
 * that takes too little for too long loses its stream, and with it what the transfer holds.
 */
import type { Http2Stream } from 'node:http2';
import type { Clock } from '@polyplex/base';
import { cancelStream, failStream } from './reset-stream.ts';

export interface SendLimits {
  readonly clock: Clock;
  /** In this time the other end takes at least one part of `PART_BYTES`. */
  readonly stallTimeoutMs: number;
  /** For the whole body. */
  readonly sendTimeoutMs: number;
}

/** Larger pieces are handed on in parts, so that a stall is measured the same for all. */
const PART_BYTES = 65_536;

export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Sends `pieces` and ends the stream. True when all was handed to the system, false when the stream broke; rejects with an
 * error of `pieces` only, and then the other end sees a broken stream.
 */
export async function sendPieces(stream: Http2Stream, pieces: Pieces, limits: SendLimits): Promise<boolean> {
  const cancel = limits.clock.after(limits.sendTimeoutMs, () => cancelStream(stream));
  try {
    for await (const piece of pieces) {
      if (!(await sendPiece(stream, piece, limits))) return false;
    }
    if (isOver(stream)) return false;
    stream.end();
    return stream.writableFinished || (await finished(stream, limits));
  } catch (error) {
    failStream(stream);
    throw error;
  } finally {
    cancel();
  }
}

async function sendPiece(stream: Http2Stream, piece: Uint8Array, limits: SendLimits): Promise<boolean> {
  for (let at = 0; at < piece.length; at += PART_BYTES) {
    if (isOver(stream)) return false;
    if (!(await written(stream, piece.subarray(at, at + PART_BYTES), limits))) return false;
  }
  return true;
}

/** Waits until the part was encrypted for the socket: whoever gave it may use its memory again. */
function written(stream: Http2Stream, part: Uint8Array, limits: SendLimits): Promise<boolean> {
  return happens(stream, (done) => stream.write(part, (error?: Error | null) => {
    if (!(error instanceof Error)) done();
  }), limits);
}

function finished(stream: Http2Stream, limits: SendLimits): Promise<boolean> {
  return happens(stream, (done) => stream.once('finish', done), limits);
}

function isOver(stream: Http2Stream): boolean {
  return stream.destroyed || stream.closed;
}

/** False when the stream closes before what `begin` waits for, which it does when nothing happens for too long. */
function happens(stream: Http2Stream, begin: (done: () => void) => void, { clock, stallTimeoutMs }: SendLimits): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (happened: boolean): void => {
      cancel();
      stream.off('close', onClose);
      resolve(happened);
    };
    const onClose = (): void => settle(false);
    const cancel = clock.after(stallTimeoutMs, () => cancelStream(stream));
    stream.on('close', onClose);
    begin(() => settle(true));
    if (stream.destroyed) onClose();
  });
}
