/**
 * ChunkStore: the bodies of files, by name. A body is written once, whole, and never changed. Which of them belong to
 * files is the `FileStore`'s knowledge.
 *
 * Rules:
 * - Memory for a transfer is bounded by a constant, not by the body.
 * - A rejected promise is a `StoreError`: `FULL` where the disk is full, `UNAVAILABLE` where the other side does not
 *   answer, `FAILED` else; but an error of the source is passed on as it is.
 * - Body ids are of `[A-Za-z0-9_-]{1,64}`.
 */
import type { FactSource } from './store-facts.ts';

export interface ChunkBody {
  readonly size: number;
  /**
   * The bytes in pieces of any size, read as they are consumed; consumed at most once. Leaving the loop lets go of it, and
   * so does calling `return` of the iterator without a loop.
   */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Gives back the memory of a piece that is not used any more, for the next one; nobody has to. */
  release?(piece: Uint8Array): void;
}

export interface ChunkStore extends FactSource {
  /**
   * Stores what the source gives; durable when it is answered. When it rejects, also because `signal` aborted it, the body
   * is not readable, and `remove` clears what may be left of it. The source gives `size` bytes or throws; anything else is
   * `FAILED`. It is let go of when the write ends early. Pieces are used until the next one is asked for. Each body id is
   * written once.
   */
  write(bodyId: string, body: ChunkBody, signal: AbortSignal): Promise<void>;
  /**
   * Opens a body; null when there is none. Once opened it is read to its end although it be removed meanwhile. Each piece
   * is the caller's own. One that is cut short on the disk is `DAMAGED` at its end.
   */
  read(bodyId: string): Promise<ChunkBody | null>;
  /** Removes a body, or what is left of an interrupted write; fine when there is nothing. */
  remove(bodyId: string): Promise<void>;
  /** All bodies written at least so many milliseconds ago, complete or not; for finding strays. */
  list(olderThanMs: number): AsyncIterable<string>;
  /** Bytes that may still be written; null when unknown. */
  room(): Promise<number | null>;
  /** Resolves when bodies can be written; rejects otherwise, saying what an operator has to do. */
  check(): Promise<void>;
  close(): Promise<void>;
}
