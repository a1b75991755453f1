/** What happens in a chat client, for metrics: in numbers, and by labels of closed sets. */
import type { EventName } from '@polyplex/protocol-chat';
import { Counter, CounterFamily, Histogram } from '@polyplex/telemetry';

export class ChatCounts {
  /** Elements of messages and handshakes by their event; what is not known here is `unknown`, what cannot be read `unreadable`. */
  readonly events = new CounterFamily<EventName | 'unknown' | 'unreadable'>();
  /** What was passed over, by reason. */
  readonly ignored = new CounterFamily();
  /** Handlers that failed: each is a bug. */
  readonly failures = new Counter();
  /** Messages given to the agent, by event. */
  readonly sent = new CounterFamily<EventName>();
  /** Tasks that were given up. */
  readonly tasksFailed = new Counter();
  /** Seconds that one event of the agent took inside its transaction. */
  readonly stepSeconds = new Histogram();
}

/** As of now. */
export interface ChatGauges {
  readonly contacts: number;
  readonly groups: number;
  /** Current members of all groups, us included. */
  readonly members: number;
  /** What waits for the network. */
  readonly tasks: number;
  /** Queues with something that waits for their relay. */
  readonly queues: number;
  /** Files under way. */
  readonly files: number;
}
