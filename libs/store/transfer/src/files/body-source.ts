/** Bodies from elsewhere, looked at as they pass: whoever reads to the end has the body that the record tells. */
import { createHash } from 'node:crypto';
import { CodedError, equalBytes } from '@polyplex/base';
import { type ChunkBody, StoreError } from '@polyplex/store-contract';
import type { LoggedFile } from '../xftp-log/file-blocks.ts';

export interface BodySource {
  /** Null where there is no body of this name; rejects, and its pieces throw, with what hinders reading. */
  open(name: string): Promise<ChunkBody | null>;
}

/** `MISSING` there is none; `SIZE` has other than the bytes told; `DIGEST` has another content; `UNREADABLE` see the cause. */
export type BodyFault = 'MISSING' | 'SIZE' | 'DIGEST' | 'UNREADABLE';

export class BodyError extends CodedError<BodyFault> {
  override readonly name = 'BodyError';
}

/** A body that throws `BodyError` at the latest in place of its end; rejects with `BodyError` too. */
export async function checkedBody(source: BodySource, name: string, file: LoggedFile['file']): Promise<ChunkBody> {
  const body = await opened(source, name);
  if (body === null) throw bodyError('MISSING');
  if (body.size !== file.size) {
    await body.pieces[Symbol.asyncIterator]().return?.();
    throw bodyError('SIZE');
  }
  return { size: file.size, pieces: checkedPieces(body.pieces, file) };
}

async function opened(source: BodySource, name: string): Promise<ChunkBody | null> {
  try {
    return await source.open(name);
  } catch (error) {
    throw unreadable(error);
  }
}

async function* checkedPieces(pieces: AsyncIterable<Uint8Array>, { size, digest }: LoggedFile['file']): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  const iterator = pieces[Symbol.asyncIterator]();
  let left = size;
  try {
    for (let next = await piece(iterator); next !== null; next = await piece(iterator)) {
      left -= next.length;
      if (left < 0) throw bodyError('SIZE');
      hash.update(next);
      // The last piece waits for the verdict.
      if (left === 0 && !equalBytes(hash.digest(), digest)) throw bodyError('DIGEST');
      yield next;
      if (left === 0) return;
    }
    throw bodyError('SIZE');
  } finally {
    await iterator.return?.();
  }
}

async function piece(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
  try {
    const next = await iterator.next();
    return next.done === true ? null : next.value;
  } catch (error) {
    throw unreadable(error);
  }
}

/** A store that is away says nothing about the body. */
function unreadable(error: unknown): unknown {
  return error instanceof StoreError && error.code !== 'DAMAGED' ? error : bodyError('UNREADABLE', error);
}

function bodyError(code: BodyFault, cause?: unknown): BodyError {
  return new BodyError(code, 'the body cannot be used', cause === undefined ? undefined : { cause });
}
