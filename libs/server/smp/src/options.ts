/** Everything about the relay that an operator may choose, with its default. Durations in milliseconds unless said. */
import { DAY, HOUR, SECOND } from '@polyplex/base';

export interface SmpServerOptions {
  readonly handshakeTimeoutMs: number;
  readonly commandsInFlight: number;
  /** Whether NEW is answered at all. */
  readonly newQueues: boolean;
  /** Required of NEW and PRXY; null for none. */
  readonly password: string | null;
  /** Queues created in a minute, in all and by one client address; 0 for no limit. */
  readonly newQueuesPerMinute: number;
  readonly newQueuesPerMinutePerAddress: number;
  /** Messages a queue holds before QUOTA. */
  readonly messageQuota: number;
  readonly messageTtlMs: number;
  readonly expireMessagesIntervalMs: number;
  readonly expireOnStart: boolean;
  readonly expireOnSend: boolean;
  readonly notificationTtlMs: number;
  readonly expireNotificationsIntervalMs: number;
  readonly notificationIntervalMs: number;
  /** Closing of inactive connections without subscriptions; `ttlMs` 0 switches it off. */
  readonly inactiveTtlMs: number;
  readonly inactiveCheckMs: number;
  readonly serviceCredentials: boolean;
  readonly serviceRecords: number;
  readonly proxy: ProxyOptions;
  /** How long a drain spreads the closing of connections. */
  readonly drainMs: number;
}

export interface ProxyOptions {
  readonly enabled: boolean;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  /** A failed connection attempt is answered with the same error for this long. */
  readonly failureMemoryMs: number;
  /** Relays connected to at one time. */
  readonly relays: number;
  /** Commands to other relays in flight: in one client's session (connecting included), and forwards to one relay. */
  readonly forwardsPerClient: number;
  readonly forwardsPerRelay: number;
  /** Domains of the same operator, whose relays are counted apart: each stands for itself and all below it. */
  readonly ownDomains: readonly string[];
}

export const DEFAULT_OPTIONS: SmpServerOptions = {
  handshakeTimeoutMs: 15 * SECOND,
  commandsInFlight: 1024,
  newQueues: true,
  password: null,
  newQueuesPerMinute: 60_000,
  newQueuesPerMinutePerAddress: 3000,
  messageQuota: 128,
  messageTtlMs: 21 * DAY,
  expireMessagesIntervalMs: 2 * HOUR,
  expireOnStart: true,
  expireOnSend: false,
  notificationTtlMs: DAY,
  expireNotificationsIntervalMs: HOUR,
  notificationIntervalMs: 1.5 * SECOND,
  inactiveTtlMs: 6 * HOUR,
  inactiveCheckMs: HOUR,
  serviceCredentials: true,
  serviceRecords: 10_000,
  proxy: {
    enabled: true,
    connectTimeoutMs: 45 * SECOND,
    commandTimeoutMs: 30 * SECOND,
    failureMemoryMs: 30 * SECOND,
    relays: 1000,
    forwardsPerClient: 32,
    forwardsPerRelay: 1024,
    ownDomains: [],
  },
  drainMs: 5 * SECOND,
};
