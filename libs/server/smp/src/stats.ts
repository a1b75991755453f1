/** What the relay counts, once, where commands are dispatched and events are sent. Gauges are read, not kept. */
import { Counter, CounterFamily } from '@polyplex/telemetry';

export class SmpStats {
  readonly commands = new CounterFamily();
  /** ERR answers by their type (`AUTH`, `CMD`, `QUOTA` …). */
  readonly errors = new CounterFamily();
  readonly handshakeFailures = new CounterFamily();
  readonly closed = new CounterFamily();
  readonly queuesCreated = new Counter();
  readonly queuesDeleted = new Counter();
  readonly messagesSent = new Counter();
  readonly messagesDelivered = new Counter();
  readonly messagesReceived = new Counter();
  readonly messagesExpired = new Counter();
  readonly notificationsSent = new Counter();
  readonly notificationsExpired = new Counter();
  readonly subscriptionsEnded = new Counter();
  readonly relaySessions = new CounterFamily<'requested' | 'opened' | 'failed'>();
  readonly forwards = new CounterFamily<'requested' | 'succeeded' | 'failed'>();
  readonly forwardsReceived = new Counter();
  readonly internalErrors = new Counter();
}
