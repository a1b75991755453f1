/** What an operator may choose about the side of the relays, with its default. Durations in milliseconds. */
import { type BackoffOptions, DEFAULT_BACKOFF } from '@polyplex/client';
import { DAY, HOUR, MINUTE, SECOND } from '@polyplex/base';

export interface RelaySideOptions {
  /** Domains of the same operator: relays whose first host is one of them, or below one, are counted by name. */
  readonly ownDomains: readonly string[];
  /** Relays of this node; more wait for another node. */
  readonly maxRelays: number;
  /** How long a claim holds, how often it is renewed and shares are compared. */
  readonly claimLeaseMs: number;
  readonly claimIntervalMs: number;
  /** How long a push that a notification led to is this node's. */
  readonly pushLeaseMs: number;
  /** New connections in a second. */
  readonly connectsPerSecond: number;
  /** NSUB in a second, of the node and to one relay. */
  readonly subscribesPerSecond: number;
  readonly subscribesPerSecondAndRelay: number;
  /** Subscriptions that are read at once from the store, that go out together, and how many of these wait for answers. */
  readonly pageSize: number;
  readonly chunkSize: number;
  readonly chunksInFlight: number;
  /** Over which the first connections after a claim are spread. */
  readonly spreadMs: number;
  /** Between attempts to reach a relay; `backoffAway` when it has been away for `awayAfterMs`. */
  readonly backoff: BackoffOptions;
  readonly backoffAway: BackoffOptions;
  readonly awayAfterMs: number;
  /** How long a connection may be gone before its subscriptions are INACTIVE: a relay that restarts costs no writes. */
  readonly graceMs: number;
  /** How often new subscriptions are looked for where no hint came. */
  readonly newIntervalMs: number;
  /** Taken from one relay in a second: what nobody subscribed to costs the store as much. */
  readonly notificationsPerSecondAndRelay: number;
  /** Notifications and ends that wait for the store: of one relay, which is not read from beyond that, and of all together. */
  readonly waitingPerRelay: number;
  readonly waiting: number;
  readonly receiveBatch: number;
  /** Commands without an answer that are remembered to be repeated; beyond that all are walked again. */
  readonly repeats: number;
  /** How often it is tried whether a relay's address still leads to the relay that we are connected to; 0: never. */
  readonly probeIntervalMs: number;
  /** The same for subscriptions through a service: a probe there costs the relay a walk. */
  readonly serviceProbeIntervalMs: number;
  /** How long a probe waits for END. */
  readonly probeWindowMs: number;
  /** Away for this long is a trouble. */
  readonly unreachableAfterMs: number;
  /**
   * A relay that refuses this share of the first so many that were subscribed before has lost its data rather than each of
   * these queues: it is believed only after the time.
   */
  readonly refusalShare: number;
  readonly refusalSample: number;
  readonly refusalHoldMs: number;
  /** When all subscriptions of a session are walked again: after doubtful refusals, and when too much was unanswered. */
  readonly walkAgainMs: number;
  /** How often at most the queues of a service are subscribed one by one because the relay has fewer than we know. */
  readonly serviceRepairMs: number;
  /** How long a stop waits for notifications that came to be stored. */
  readonly drainMs: number;
}

export const DEFAULT_RELAY_OPTIONS: RelaySideOptions = {
  ownDomains: [],
  maxRelays: 10_000,
  claimLeaseMs: 30 * SECOND,
  claimIntervalMs: 5 * SECOND,
  pushLeaseMs: 2 * MINUTE,
  connectsPerSecond: 50,
  subscribesPerSecond: 10_000,
  subscribesPerSecondAndRelay: 3000,
  pageSize: 1024,
  chunkSize: 128,
  chunksInFlight: 4,
  spreadMs: 2 * SECOND,
  backoff: DEFAULT_BACKOFF,
  backoffAway: { initialMs: 10 * SECOND, maxMs: 5 * MINUTE, factor: 1.5, jitter: 0.5 },
  awayAfterMs: 10 * MINUTE,
  graceMs: 10 * SECOND,
  newIntervalMs: 30 * SECOND,
  notificationsPerSecondAndRelay: 5000,
  waitingPerRelay: 2000,
  waiting: 50_000,
  receiveBatch: 256,
  repeats: 10_000,
  probeIntervalMs: HOUR,
  serviceProbeIntervalMs: 6 * HOUR,
  probeWindowMs: 20 * SECOND,
  unreachableAfterMs: HOUR,
  refusalShare: 0.9,
  refusalSample: 20,
  refusalHoldMs: 6 * HOUR,
  walkAgainMs: 30 * MINUTE,
  serviceRepairMs: DAY,
  drainMs: 10 * SECOND,
};
