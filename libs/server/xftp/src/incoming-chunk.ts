/**
 * The body of an upload as the `ChunkStore` takes it: exactly the registered bytes, with the registered hash, and then the
 * end of the stream (XFTP §4.3, §5.3). Anything else is an error before the last piece is taken, so that a body that is
 * not as it should be is never stored.
 */
import { CodedError, equalBytes } from '@polyplex/base';
import { createSha256 } from '@polyplex/crypto';
import type { Counter } from '@polyplex/telemetry';
import type { RequestBody } from './request-body.ts';
import { within } from './within.ts';

/** What is wrong with an upload, as its client is told. */
export type UploadFault = 'SIZE' | 'DIGEST' | 'TIMEOUT';

export class UploadError extends CodedError<UploadFault> {
  override readonly name = 'UploadError';
}

export interface ExpectedChunk {
  readonly size: number;
  /** null: any content. */
  readonly digest: Uint8Array | null;
  readonly signal: AbortSignal;
  readonly received: Counter;
}

/** Gives what comes; throws `UploadError` when it is not what is expected. */
export async function* incomingChunk(body: RequestBody, { size, digest, signal, received }: ExpectedChunk): AsyncGenerator<Uint8Array, void> {
  const hash = digest === null ? null : createSha256();
  let left = size;
  for (let piece = await nextPiece(body, signal); piece !== null; piece = await nextPiece(body, signal)) {
    received.add(piece.length);
    left -= piece.length;
    if (left < 0) throw new UploadError('SIZE', 'the body is longer than registered');
    hash?.update(piece);
    // The last piece is kept back until the end of the stream was seen and the hash is right.
    if (left > 0) yield piece;
    else yield* lastPiece(piece, { body, signal, isRight: () => hash === null || equalBytes(hash.digest(), digest!) });
    if (left === 0) return;
  }
  if (left > 0) throw new UploadError('SIZE', 'the body is shorter than registered');
}

interface End {
  readonly body: RequestBody;
  readonly signal: AbortSignal;
  readonly isRight: () => boolean;
}

async function* lastPiece(piece: Uint8Array, { body, signal, isRight }: End): AsyncGenerator<Uint8Array, void> {
  for (let more = await nextPiece(body, signal); more !== null; more = await nextPiece(body, signal)) {
    if (more.length > 0) throw new UploadError('SIZE', 'the body is longer than registered');
  }
  if (!isRight()) throw new UploadError('DIGEST', 'the body has another hash');
  yield piece;
}

/** A client that breaks off or stands still has not finished in time, for whatever reason. */
async function nextPiece(body: RequestBody, signal: AbortSignal): Promise<Uint8Array | null> {
  try {
    return await within(signal, body.next());
  } catch (cause) {
    throw new UploadError('TIMEOUT', 'the body did not come whole', { cause });
  }
}
