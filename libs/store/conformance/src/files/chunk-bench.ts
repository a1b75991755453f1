/** What every scenario of the ChunkStore's suite works with; new for each. */
import type { ChunkStore } from '@polyplex/store-contract';

export interface ChunkBench {
  store: ChunkStore;
  reopen: () => Promise<void>;
}
