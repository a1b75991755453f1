/** A store of bodies that can be held: what is under way then stays so until a test lets it go on. */
import type { ChunkStore } from '@polyplex/store-contract';

interface Held {
  /** Resolves when there is something to hold. */
  readonly reached: Promise<void>;
  release(): void;
}

export interface HeldChunks extends ChunkStore {
  /** Holds the `n`th body from now on that is written or read, and all after it. */
  hold(what: 'write' | 'read', n: number): Held;
}

export function heldChunks(chunks: ChunkStore): HeldChunks {
  let gate: ((what: 'write' | 'read') => Promise<void>) | null = null;
  return {
    hold(what, n) {
      const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let count = 0;
      gate = (kind) => {
        if (kind !== what || ++count < n) return Promise.resolve();
        reached.resolve();
        return released.promise;
      };
      return { reached: reached.promise, release: () => released.resolve() };
    },
    async write(bodyId, body, signal) {
      const { promise: aborted, resolve } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => resolve());
      await Promise.race([gate?.('write'), aborted]);
      return chunks.write(bodyId, body, signal);
    },
    async read(bodyId) {
      await gate?.('read');
      return chunks.read(bodyId);
    },
    remove: (bodyId) => chunks.remove(bodyId),
    list: (olderThanMs) => chunks.list(olderThanMs),
    room: () => chunks.room(),
    check: () => chunks.check(),
    facts: () => chunks.facts(),
    close: () => chunks.close(),
  };
}
