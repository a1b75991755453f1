/**
 * What the push proxy counts since its start: the client side, the relays' side and the pushing side into one object. Names
 * of the reference (NTF §6.3, §6.4) stand with those that have one. Gauges are read, not kept.
 */
import type { Clock } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { NtfCommandTag } from '@polyplex/protocol-ntf';
import { ActiveCounts, Counter, CounterFamily, Histogram, HistogramFamily, SALT_BYTES } from '@polyplex/telemetry';

/** Devices of this provider are no devices: they count in nothing that counts devices or pushes (NTF §6.3). */
export const NULL_PROVIDER = 'apns_null';

/**
 * What became of notifications, in all and by relay of the same operator. Labels are host names of `ownDomains`, so the
 * operator bounds them.
 */
export class NotificationCounter extends Counter {
  readonly own = new CounterFamily();

  /** `ownHost`: the relay's first host where the relay is of the same operator, null for others. */
  count(ownHost: string | null, count = 1): void {
    this.add(count);
    if (ownHost !== null) this.own.add(ownHost, count);
  }
}

/** A family that shows all its labels from the beginning. */
function familyOf<L extends string>(...labels: readonly L[]): CounterFamily<L> {
  const family = new CounterFamily<L>();
  for (const label of labels) family.add(label, 0);
  return family;
}

/** What the sessions of clients count: devices and subscriptions as they come and go. */
class ClientStats {
  readonly commands = new CounterFamily<NtfCommandTag>();
  /** ERR answers by their type (`AUTH`, `CMD`, `QUOTA` …). */
  readonly errors = new CounterFamily();
  readonly handshakeFailures = new CounterFamily();
  readonly closed = new CounterFamily();
  readonly internalErrors = new Counter();
  /** By command, from its block to its answer in the outbox; seconds. */
  readonly commandSeconds = new HistogramFamily<NtfCommandTag>();
  /** Seconds that blocks take to open and to seal. */
  readonly blockSeconds = { decrypt: new Histogram(), encrypt: new Histogram() };

  readonly tokensCreated = new Counter(); // tknCreated
  readonly tokensVerified = new Counter(); // tknVerified
  /** By TDEL. */
  readonly tokensDeleted = new Counter(); // tknDeleted
  /** Removed when another one of the same device was verified. */
  readonly tokensSuperseded = new Counter();
  readonly tokensReplaced = new Counter(); // tknReplaced
  readonly subscriptionsCreated = new Counter(); // subCreated
  /** By SDEL. */
  readonly subscriptionsDeleted = new Counter(); // subDeleted
  /** Removed with their tokens. */
  readonly subscriptionsDropped = new Counter();
  /** Pushes with a code that became due. */
  readonly verificationsQueued = new Counter(); // ntfVrfQueued
  /** Why TNEW and TRPL were refused. */
  readonly tokenRefusals = familyOf('auth', 'off', 'provider', 'host', 'addressLimit', 'limit', 'taken');
  readonly subscriptionRefusals = familyOf('auth', 'addressLimit');
}

export class NtfStats extends ClientStats {
  /** NMSG that something was announced for; and those for which nobody wanted to hear. */
  readonly received = new NotificationCounter(); // ntfReceived
  readonly receivedAuth = new NotificationCounter(); // ntfReceivedAuth
  readonly delivered = new NotificationCounter(); // ntfDelivered
  readonly failed = new NotificationCounter(); // ntfFailed
  readonly checksDelivered = new Counter(); // ntfCronDelivered
  readonly checksFailed = new Counter(); // ntfCronFailed
  readonly verificationsDelivered = new Counter(); // ntfVrfDelivered
  readonly verificationsFailed = new Counter(); // ntfVrfFailed
  /** Of the failed ones, those to devices that the push service does not know. */
  readonly verificationsInvalid = new Counter(); // ntfVrfInvalidTkn

  /** Devices that a message push was tried for. */
  readonly activeTokens: ActiveCounts;
  /** Subscriptions that an NMSG came for. */
  readonly activeSubscriptions: ActiveCounts;

  constructor(clock: Clock) {
    super();
    this.activeTokens = new ActiveCounts(clock, randomBytes(SALT_BYTES));
    this.activeSubscriptions = new ActiveCounts(clock, randomBytes(SALT_BYTES));
  }
}
