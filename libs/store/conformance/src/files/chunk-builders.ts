/** Bodies and their sources. */
import type { ChunkBody, ChunkStore } from '@polyplex/store-contract';
import { concatBytes, copyBytes } from '@polyplex/base';
import { bytes } from '../builders.ts';

const MAX_RANDOM_BYTES = 65_536;
export const never = (): AbortSignal => new AbortController().signal;

export function randomBody(size: number): Uint8Array {
  const body = new Uint8Array(size);
  for (let at = 0; at < size; at += MAX_RANDOM_BYTES) body.set(bytes(Math.min(MAX_RANDOM_BYTES, size - at)), at);
  return body;
}

/**
 * A source of this body that uses one buffer for all its pieces, as a socket may: whoever keeps a piece sees it change.
 */
export function sourceOf(body: Uint8Array, pieceBytes = 16_384): ChunkBody {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(pieceBytes);
    for (let at = 0; at < body.length; at += pieceBytes) {
      const piece = body.subarray(at, at + pieceBytes);
      buffer.set(piece);
      yield buffer.subarray(0, piece.length);
      buffer.fill(0xa5);
      if (at % (4 * pieceBytes) === 0) await new Promise(setImmediate);
    }
  }
  return { size: body.length, pieces: pieces() };
}

/** All of a body; null where there is none. */
export async function contents(store: ChunkStore, bodyId: string): Promise<Uint8Array | null> {
  const body = await store.read(bodyId);
  return body === null ? null : drained(body);
}

/** Reads the body to its end; its pieces are kept until then. */
export async function drained({ pieces }: ChunkBody): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return concatBytes(...all.map(copyBytes));
}

export async function listed(store: ChunkStore, olderThanMs: number): Promise<string[]> {
  const found: string[] = [];
  for await (const bodyId of store.list(olderThanMs)) found.push(bodyId);
  return found.sort();
}
