/**
 * The conformance suite of the `TokenStore` contract: scenarios for every rule, steps that race, and random command
 * sequences against a plain model. Every engine runs it; it knows nothing of any of them. In a spec file:
 *
 *   tokenStoreConformance('embedded', async () => {
 *     const store = await open();                        // empty
 *     return { store, now: () => clock.now(), advance: async (ms) => clock.advance(ms), reopen: async () => …, dispose: async () => … };
 *   });
 *
 * An engine of many nodes gives `peer` as well, and says `{ manyNodes: true }`. One that goes by a clock that tests cannot
 * move really waits in `advance`: only leases of claims go by it, and the suite never advances by more than half a second.
 * Leases of jobs go by the times that steps are given, which are near `now`, and up to months later.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { TokenStore } from '@polyplex/store-contract';
import { tokenArgumentScenarios } from './scenarios/tokens/arguments.ts';
import { checkScenarios } from './scenarios/tokens/checks.ts';
import { claimScenarios } from './scenarios/tokens/claims.ts';
import { jobScenarios } from './scenarios/tokens/jobs.ts';
import { tokenPeerScenarios } from './scenarios/tokens/peers.ts';
import { pushScenarios } from './scenarios/tokens/pushes.ts';
import { tokenRaceScenarios } from './scenarios/tokens/races.ts';
import { tokenReopenScenarios } from './scenarios/tokens/reopen.ts';
import { subscriptionScenarios } from './scenarios/tokens/subscriptions.ts';
import { tokenScenarios } from './scenarios/tokens/tokens.ts';
import { tokenTransferScenarios } from './scenarios/tokens/transfer.ts';
import type { TokenBench } from './tokens/bench.ts';
import { DEFAULT_RANDOM_RUNS, tokenModelScenarios } from './tokens/random.ts';

export interface TokenStoreUnderTest {
  readonly store: TokenStore;
  /** The time of the store's clock, Unix milliseconds. */
  now(): number;
  /** Lets time pass, for this store and its peers. */
  advance(ms: number): Promise<void>;
  /** Closes the store and opens it on the same data, as after a restart; absent where the data cannot outlive it. */
  reopen?(): Promise<TokenStore>;
  /** Another node on the same data; absent for an engine of one node. Closed by `dispose`. */
  peer?(): Promise<TokenStore>;
  /** Closes what is open and removes the data; works also after the store was closed. */
  dispose(): Promise<void>;
}

/** Makes an empty store. */
export type MakeTokenStore = () => Promise<TokenStoreUnderTest>;

const SCENARIOS = [
  tokenScenarios, subscriptionScenarios, pushScenarios, jobScenarios, checkScenarios, claimScenarios, tokenRaceScenarios, tokenTransferScenarios,
  tokenArgumentScenarios, tokenReopenScenarios,
];

/**
 * Declares the suite for one engine, for one of many nodes (with `peer`) more of it; call it at the top of a spec file.
 * `randomRuns`: how many random sequences are played.
 */
export function tokenStoreConformance(name: string, makeStore: MakeTokenStore, { manyNodes = false, randomRuns = DEFAULT_RANDOM_RUNS } = {}): void {
  describe(`TokenStore contract: ${name}`, () => {
    const bench = {} as TokenBench;
    let under: TokenStoreUnderTest;

    const renew = async (): Promise<void> => {
      under = await makeStore();
      bench.store = under.store;
      bench.canReopen = under.reopen !== undefined;
      bench.hasPeers = under.peer !== undefined;
    };

    beforeEach(async (context) => {
      await renew();
      bench.now = () => under.now();
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

    for (const scenarios of [...SCENARIOS, tokenModelScenarios(randomRuns), ...(manyNodes ? [tokenPeerScenarios] : [])]) scenarios(bench);
  });
}
