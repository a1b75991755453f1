/**
 * The conformance suite of the `ChunkStore` contract. Every engine runs it; it knows nothing of any of them. In a spec file:
 *
 *   chunkStoreConformance('disk', async () => {
 *     const store = await open();                        // empty
 *     return { store, reopen: async () => …, dispose: async () => … };
 *   });
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { ChunkStore } from '@polyplex/store-contract';
import type { ChunkBench } from './files/chunk-bench.ts';
import { interruptionScenarios } from './scenarios/chunks/interruptions.ts';
import { listScenarios } from './scenarios/chunks/list.ts';
import { readScenarios } from './scenarios/chunks/read.ts';
import { writeScenarios } from './scenarios/chunks/write.ts';

export interface ChunkStoreUnderTest {
  readonly store: ChunkStore;
  /** Closes the store and opens it on the same data, as after a restart. */
  reopen(): Promise<ChunkStore>;
  /** Closes what is open and removes the data; works also after the store was closed. */
  dispose(): Promise<void>;
}

/** Makes an empty store. */
export type MakeChunkStore = () => Promise<ChunkStoreUnderTest>;

/** Declares the suite for one engine; call it at the top of a spec file. */
export function chunkStoreConformance(name: string, makeStore: MakeChunkStore): void {
  describe(`ChunkStore contract: ${name}`, () => {
    const bench = {} as ChunkBench;
    let under: ChunkStoreUnderTest;

    beforeEach(async () => {
      under = await makeStore();
      bench.store = under.store;
      bench.reopen = async () => {
        bench.store = await under.reopen();
      };
    });
    afterEach(() => under.dispose());

    for (const scenarios of [writeScenarios, readScenarios, interruptionScenarios, listScenarios]) scenarios(bench);
  });
}
