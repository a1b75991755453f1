/**
 * What the relay counts since its start, once, where commands are answered and events are sent. Gauges are read, not kept.
 * Names of the reference (SMP §9.6) stand with those that have one, and mean what they mean there.
 */
import type { Clock } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { SmpCommandTag } from '@polyplex/protocol-smp';
import { ActiveCounts, Counter, CounterFamily, Histogram, HistogramFamily, SALT_BYTES } from '@polyplex/telemetry';
import { RoutingCounts } from './routing-counts.ts';
import { PendingDeliveries } from './pending-deliveries.ts';

/** The parts of a command's way: decrypting and parsing of its block, lookup, verification, its step, and the same way out. */
export const STAGES = ['decrypt', 'parse', 'lookup', 'authorize', 'store', 'encode', 'encrypt'] as const;
export type Stage = (typeof STAGES)[number];

/** Seconds: those of the reference up to three minutes (SMP §9.7), and more below one second and above. */
const ACKNOWLEDGE_BOUNDS = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 10, 15, 20, 25, 30, 40, 50, 60, 90, 120, 150, 180, 240, 300, 600, 1200, 1800, 3600,
];

/** A family that shows all its labels from the beginning. */
function familyOf<L extends string>(...labels: readonly L[]): CounterFamily<L> {
  const family = new CounterFamily<L>();
  for (const label of labels) family.add(label, 0);
  return family;
}

/** Queues of client services (`rcvServices`, `ntfServices`). */
export class ServiceStats {
  readonly assocNew = new Counter();
  readonly assocDuplicate = new Counter();
  readonly assocUpdated = new Counter();
  readonly assocRemoved = new Counter();
  /** SUBS and NSUBS. */
  readonly subCount = new Counter();
  readonly subDuplicate = new Counter();
  /** Queues of those. */
  readonly subQueues = new Counter();
  /** Sessions that another one of their service ended. */
  readonly subEnd = new Counter();
}

export class SmpStats {
  readonly commands = new CounterFamily<SmpCommandTag>();
  /** ERR answers by their type (`AUTH`, `CMD`, `QUOTA` …). */
  readonly errors = new CounterFamily();
  readonly handshakeFailures = new CounterFamily();
  readonly closed = new CounterFamily();
  readonly internalErrors = new Counter();
  /** By command, from its opened block to its answer in the outbox. */
  readonly commandSeconds = new HistogramFamily<SmpCommandTag>();
  readonly stageSeconds = new HistogramFamily<Stage>();
  /** The histograms of `stageSeconds`. */
  readonly stages = Object.fromEntries(STAGES.map((stage) => [stage, this.stageSeconds.of(stage)])) as Readonly<Record<Stage, Histogram>>;

  readonly queuesCreated = new Counter(); // qCreated
  readonly queuesSecured = new Counter(); // qSecured
  readonly queuesBlocked = new Counter(); // qBlocked
  readonly queuesDeleted = new Counter(); // qDeletedAll
  /** Without a sender key. */
  readonly queuesDeletedNew = new Counter(); // qDeletedNew
  readonly queuesDeletedSecured = new Counter(); // qDeletedSecured
  /** Blocks that began with DEL; so for the other counters of batches. */
  readonly queuesDeletedBatches = new Counter(); // qDeletedAllB
  /** Why NEW was refused. */
  readonly newQueueRefusals = familyOf('auth', 'off', 'password', 'addressLimit', 'limit');

  /** SUBs that found a message. */
  readonly subscribedWithMessage = new Counter(); // qSub
  readonly subscribeBatches = new Counter(); // qSubAllB
  readonly subscribeErrors = familyOf('auth', 'duplicate', 'prohibited'); // qSubAuth, qSubDuplicate, qSubProhibited
  /** END and DELD. */
  readonly subscriptionsEnded = new Counter();
  readonly endsSent = new Counter(); // qSubEnd
  /** Turns in which a session was told END. */
  readonly endBatches = new Counter(); // qSubEndB

  readonly messagesSent = new Counter(); // msgSent
  readonly messagesSentNotifying = new Counter(); // msgSentNtf
  readonly sendErrors = familyOf('auth', 'quota', 'large', 'block'); // msgSentAuth, msgSentQuota, msgSentLarge, msgSentBlock
  readonly messagesDelivered = new Counter();
  readonly messagesReceived = new Counter(); // msgRecv
  readonly messagesReceivedNotifying = new Counter(); // msgRecvNtf
  readonly messagesExpired = new Counter(); // msgExpired
  readonly getMessages = new Counter(); // msgGet
  readonly getReceived = new Counter(); // msgRecvGet
  readonly getErrors = familyOf('nomsg', 'auth', 'duplicate', 'prohibited'); // msgGetNoMsg, msgGetAuth, msgGetDuplicate, msgGetProhibited
  readonly pendingDeliveries = new PendingDeliveries();
  readonly acknowledgeSeconds = new Histogram(ACKNOWLEDGE_BOUNDS);

  readonly notifiersCreated = new Counter(); // ntfCreated
  readonly notifiersCreatedWithQueue = new Counter(); // ntfNewCreated
  readonly notifiersDeleted = new Counter(); // ntfDeleted
  readonly notifiersDeletedBatches = new Counter(); // ntfDeletedB
  readonly notifierSubscriptions = new Counter(); // ntfSub
  readonly notifierSubscribeBatches = new Counter(); // ntfSubB
  readonly notifierSubscribeErrors = familyOf('auth', 'duplicate'); // ntfSubAuth, ntfSubDuplicate
  readonly notificationsSent = new Counter(); // msgNtfs
  readonly notificationBatches = new Counter(); // msgNtfsB
  /** Stored while nobody was subscribed to them; not known, and 0, where this is one node of several. */
  readonly notificationsUnheard = new Counter(); // msgNtfNoSub
  /** Taken from the store for a connection that closed meanwhile. */
  readonly notificationsLost = new Counter(); // msgNtfLost
  readonly notificationsExpired = new Counter(); // msgNtfExpired

  readonly relaySessions = new RoutingCounts(); // pRelays, pRelaysOwn
  readonly forwards = new RoutingCounts(); // pMsgFwds, pMsgFwdsOwn
  readonly forwardsReceived = new Counter(); // pMsgFwdsRecv
  readonly recipientServices = new ServiceStats(); // rcvServices
  readonly notifierServices = new ServiceStats(); // ntfServices

  /** Queues that a message was sent to or received from. */
  readonly activeQueues: ActiveCounts;
  /** The same, of messages that notify. */
  readonly activeQueuesNotifying: ActiveCounts; // activeQueuesNtf

  constructor(clock: Clock) {
    this.activeQueues = new ActiveCounts(clock, randomBytes(SALT_BYTES));
    this.activeQueuesNotifying = new ActiveCounts(clock, randomBytes(SALT_BYTES));
  }
}
