/**
 * The conformance suite of the `FileStore` contract: scenarios for every rule, steps that race, and random command
 * sequences against a plain model. Every engine runs it; it knows nothing of any of them. In a spec file:
 *
 *   fileStoreConformance('embedded', async () => {
 *     const store = await open();                        // empty
 *     return { store, graceMs: MINUTE, advance: async (ms) => clock.advance(ms), reopen: async () => …, dispose: async () => … };
 *   });
 *
 * An engine of many nodes gives `peer` as well, and says `{ manyNodes: true }`. One that goes by a clock that tests cannot
 * move makes `graceMs` small (some 50 ms) and really waits in `advance`: the suite never advances by more than
 * `graceMs + SHORT_LEASE_MS` at once, and what has to stay under way has a lease of an hour.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { FileStore } from '@polyplex/store-contract';
import type { FileBench } from './files/bench.ts';
import { DEFAULT_RANDOM_RUNS, fileModelScenarios } from './files/model.ts';
import { fileArgumentScenarios } from './scenarios/files/arguments.ts';
import { expiryScenarios } from './scenarios/files/expiry.ts';
import { leftBodyScenarios } from './scenarios/files/left-bodies.ts';
import { filePeerScenarios } from './scenarios/files/peers.ts';
import { fileRaceScenarios } from './scenarios/files/races.ts';
import { fileRecordScenarios } from './scenarios/files/records.ts';
import { removalScenarios } from './scenarios/files/removals.ts';
import { fileReopenScenarios } from './scenarios/files/reopen.ts';
import { fileTransferScenarios } from './scenarios/files/transfer.ts';
import { uploadScenarios } from './scenarios/files/uploads.ts';

export interface FileStoreUnderTest {
  readonly store: FileStore;
  /** How long after its removal a body counts as left, for `leftBodies`. */
  readonly graceMs: number;
  /** Lets time pass, for this store and its peers. */
  advance(ms: number): Promise<void>;
  /** Closes the store and opens it on the same data, as after a restart; absent where the data cannot outlive it. */
  reopen?(): Promise<FileStore>;
  /** Another node on the same data; absent for an engine of one node. Closed by `dispose`. */
  peer?(): Promise<FileStore>;
  /** Closes what is open and removes the data; works also after the store was closed. */
  dispose(): Promise<void>;
}

/** Makes an empty store. */
export type MakeFileStore = () => Promise<FileStoreUnderTest>;

const SCENARIOS = [
  fileRecordScenarios, uploadScenarios, removalScenarios, expiryScenarios, leftBodyScenarios, fileTransferScenarios,
  fileRaceScenarios, fileArgumentScenarios, fileReopenScenarios,
];

/**
 * Declares the suite for one engine, for one of many nodes (with `peer`) more of it; call it at the top of a spec file.
 * `randomRuns`: how many random sequences are played.
 */
export function fileStoreConformance(name: string, makeStore: MakeFileStore, { manyNodes = false, randomRuns = DEFAULT_RANDOM_RUNS } = {}): void {
  describe(`FileStore contract: ${name}`, () => {
    const bench = {} as FileBench;
    let under: FileStoreUnderTest;

    const renew = async (): Promise<void> => {
      under = await makeStore();
      bench.store = under.store;
      bench.graceMs = under.graceMs;
      bench.canReopen = under.reopen !== undefined;
      bench.hasPeers = under.peer !== undefined;
    };

    beforeEach(async (context) => {
      await renew();
      bench.advance = (ms) => under.advance(ms);
      bench.renew = async () => {
        await under.dispose();
        await renew();
      };
      bench.reopen = async () => {
        if (under.reopen === undefined) return context.skip('this engine keeps nothing');
        bench.store = await under.reopen();
      };
      bench.peer = () => under.peer!();
    });
    afterEach(() => under.dispose());

    for (const scenarios of [...SCENARIOS, fileModelScenarios(randomRuns), ...(manyNodes ? [filePeerScenarios] : [])]) scenarios(bench);
  });
}
