/** All queues of an old server, in the order in which reading them is fastest, several at a time. */
import { InFlight } from '../in-flight.ts';
import { type FoundQueue, type OldServer, type OnBadEntry, type QueueRules, readQueue } from './queue-source.ts';

export interface QueueWalk<Outcome> {
  readonly rules: QueueRules;
  /** Ends the walk behind the queues under way. */
  readonly signal: AbortSignal;
  readonly onBadEntry: OnBadEntry;
  /** Called for each queue. */
  readonly onQueue: (found: FoundQueue, outcome: Outcome) => void;
}

/** Deals with each queue once; rejects with what `task` or reading rejects with. */
export async function walkQueues<Outcome>(server: OldServer, walk: QueueWalk<Outcome>, task: (found: FoundQueue) => Promise<Outcome>): Promise<void> {
  const inFlight = new InFlight();
  try {
    for (const address of addresses(server)) {
      if (walk.signal.aborted) break;
      const found = await readQueue(server, address, walk.rules, walk.onBadEntry);
      await inFlight.start(bytesOf(found), async () => walk.onQueue(found, await task(found)));
    }
  } finally {
    await inFlight.settled();
  }
}

/** Those with messages first, as these lie in their file; then those without. */
function* addresses({ queues, messages }: OldServer): Generator<number> {
  const all = queues.addresses();
  for (const address of all) queues.stored.mark(address, false);
  for (const address of messages?.owners() ?? []) {
    if (queues.stored.mark(address, true)) yield address;
  }
  for (const address of all) if (queues.stored.mark(address, true)) yield address;
}

function bytesOf({ queue: { link, messages, notifications } }: FoundQueue): number {
  const linkBytes = link === null ? 0 : link.fixedData.length + link.userData.length;
  const messageBytes = messages.reduce((sum, message) => sum + (message.kind === 'message' ? message.body.length : 0), 0);
  return linkBytes + messageBytes + notifications.reduce((sum, { encMeta }) => sum + encMeta.length, 0);
}
