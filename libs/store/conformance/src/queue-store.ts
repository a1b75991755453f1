/**
 * The conformance suite of the `QueueStore` contract: scenarios for every rule, and random command sequences against a
 * plain model. Every engine runs it; it knows nothing of any of them.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { QueueStore } from '@polyplex/store-contract';
import { EventLog } from './event-log.ts';
import { creationScenarios } from './scenarios/creation.ts';
import { linkScenarios } from './scenarios/links.ts';
import { messageScenarios } from './scenarios/messages.ts';
import { modelScenarios } from './scenarios/model.ts';
import { notifierScenarios } from './scenarios/notifiers.ts';
import { queueStateScenarios } from './scenarios/queue-state.ts';
import { reopenScenarios } from './scenarios/reopen.ts';
import { serviceScenarios } from './scenarios/services.ts';
import { subscriptionScenarios } from './scenarios/subscriptions.ts';
import { sweepScenarios } from './scenarios/sweeps.ts';

export interface QueueStoreUnderTest {
  readonly store: QueueStore;
  /** Closes the store and opens it on the same data, as after a restart; absent where the data cannot outlive it. */
  reopen?(): Promise<QueueStore>;
  /** Closes what is open and removes the data. */
  dispose(): Promise<void>;
}

/** Makes an empty store. */
export type MakeQueueStore = () => Promise<QueueStoreUnderTest>;

/** What a scenario works with; new for each. */
export interface Bench {
  store: QueueStore;
  events: EventLog;
  /** As `QueueStoreUnderTest.reopen`; the event log listens to the new store. */
  reopen: () => Promise<void>;
}

/** Declares the suite for one engine; call it at the top of a spec file. */
export function queueStoreConformance(name: string, makeStore: MakeQueueStore): void {
  describe(`QueueStore contract: ${name}`, () => {
    const bench = {} as Bench;
    let under: QueueStoreUnderTest;

    beforeEach(async (context) => {
      under = await makeStore();
      bench.store = under.store;
      bench.events = new EventLog();
      bench.store.listen(bench.events.listener);
      bench.reopen = async () => {
        if (under.reopen === undefined) return context.skip('this engine keeps nothing');
        bench.store = await under.reopen();
        bench.store.listen(bench.events.listener);
      };
    });
    afterEach(() => under.dispose());

    for (const scenarios of [
      creationScenarios, queueStateScenarios, linkScenarios, notifierScenarios, messageScenarios, subscriptionScenarios,
      serviceScenarios, sweepScenarios, reopenScenarios, modelScenarios,
    ]) scenarios(bench);
  });
}
