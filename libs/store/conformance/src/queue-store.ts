/**
 * The conformance suite of the `QueueStore` contract: scenarios for every rule, and random command sequences against a
 * plain model. Every engine runs it; it knows nothing of any of them.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { QueueStore } from '@polyplex/store-contract';
import type { Bench } from './bench.ts';
import { EventLog } from './event-log.ts';
import { argumentScenarios } from './scenarios/arguments.ts';
import { creationScenarios } from './scenarios/creation.ts';
import { linkScenarios } from './scenarios/links.ts';
import { messageScenarios } from './scenarios/messages.ts';
import { DEFAULT_RANDOM_RUNS, modelScenarios } from './model/model.ts';
import { notifierScenarios } from './scenarios/notifiers.ts';
import { notificationScenarios } from './scenarios/notifications.ts';
import { orderScenarios } from './scenarios/order.ts';
import { peerScenarios } from './scenarios/peers.ts';
import { queueStateScenarios } from './scenarios/queue-state.ts';
import { reopenScenarios } from './scenarios/reopen.ts';
import { serviceScenarios } from './scenarios/services.ts';
import { subscriptionScenarios } from './scenarios/subscriptions.ts';
import { sessionScenarios } from './scenarios/sessions.ts';
import { sweepScenarios } from './scenarios/sweeps.ts';
import { transferScenarios } from './scenarios/transfer.ts';
import { upkeepScenarios } from './scenarios/upkeep.ts';

export interface QueueStoreUnderTest {
  readonly store: QueueStore;
  /** Closes the store and opens it on the same data, as after a restart; absent where the data cannot outlive it. */
  reopen?(): Promise<QueueStore>;
  /** Another node on the same data, with connections of its own; absent for an engine of one node. */
  peer?(): Promise<QueueStore>;
  /** Closes what is open and removes the data. */
  dispose(): Promise<void>;
}

/** Makes an empty store. */
export type MakeQueueStore = () => Promise<QueueStoreUnderTest>;

/**
 * Declares the suite for one engine, for one of many nodes (with `peer`) more of it; call it at the top of a spec file.
 * `randomRuns`: how many random sequences are played.
 */
export function queueStoreConformance(name: string, makeStore: MakeQueueStore, { manyNodes = false, randomRuns = DEFAULT_RANDOM_RUNS } = {}): void {
  describe(`QueueStore contract: ${name}`, () => {
    const bench = {} as Bench;
    let under: QueueStoreUnderTest;

    const renew = async (): Promise<void> => {
      under = await makeStore();
      bench.store = under.store;
      bench.events = new EventLog();
      bench.store.listen(bench.events.listener);
      bench.canReopen = under.reopen !== undefined;
    };

    beforeEach(async (context) => {
      await renew();
      bench.renew = async () => {
        await under.dispose();
        await renew();
      };
      bench.reopen = async () => {
        if (under.reopen === undefined) return context.skip('this engine keeps nothing');
        bench.store = await under.reopen();
        bench.store.listen(bench.events.listener);
      };
      bench.peer = async () => {
        const node = { store: await under.peer!(), events: new EventLog() };
        node.store.listen(node.events.listener);
        return node;
      };
    });
    afterEach(() => under.dispose());

    for (const scenarios of [
      creationScenarios, queueStateScenarios, linkScenarios, notifierScenarios, notificationScenarios, messageScenarios,
      subscriptionScenarios, serviceScenarios, sessionScenarios, sweepScenarios, orderScenarios, argumentScenarios,
      upkeepScenarios, transferScenarios, reopenScenarios, modelScenarios(randomRuns), ...(manyNodes ? [peerScenarios] : []),
    ]) scenarios(bench);
  });
}
