/** What every scenario of the suite works with. */
import type { QueueStore } from '@polyplex/store-contract';
import type { EventLog } from './event-log.ts';

interface Node {
  store: QueueStore;
  events: EventLog;
}

/** What a scenario works with; new for each. */
export interface Bench extends Node {
  /** Goes on with an empty store. */
  renew: () => Promise<void>;
  /** As `QueueStoreUnderTest.reopen`; the event log listens to the new store. Skips the test where there is none. */
  reopen: () => Promise<void>;
  /** Whether `reopen` does anything. */
  canReopen: boolean;
  /** As `QueueStoreUnderTest.peer`, with an event log of its own. */
  peer: () => Promise<Node>;
}
