/** What every part of the relay shares, and what a handler is given. */
import type { Clock } from '@polyplex/base';
import type { RateLimit, SessionService, Verifier } from '@polyplex/server-core';
import type { CommandOf, SmpCommandTag, SmpReply } from '@polyplex/protocol-smp';
import type { QueueRecord, QueueStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { Delivery } from './delivery.ts';
import type { Answer, Incoming, Parsed } from './incoming.ts';
import type { SmpServerOptions } from './options.ts';
import type { Proxy } from './proxy.ts';
import type { RecordCache } from './record-cache.ts';
import type { SmpSession } from './smp-session.ts';
import type { SmpStats } from './stats.ts';
import type { Telling } from './telling.ts';

export interface Relay {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: SmpServerOptions;
  readonly stats: SmpStats;
  /** Whether this node is the whole relay: what happens on others is not seen here. */
  readonly alone: boolean;
  readonly delivery: Delivery;
  readonly proxy: Proxy;
  readonly records: RecordCache;
  readonly newQueues: RateLimit<string>;
  readonly newServices: RateLimit<string>;
  readonly newQueuesInAll: RateLimit<string>;
  /** Answers what was read of a block in the name of a sender; never rejects. */
  readonly answer: (sender: Sender, parsed: readonly Parsed[]) => Promise<readonly Answer[]>;
}

/** Who sends a command: a session itself, or a client behind a proxy's session (RFWD). */
export interface Sender {
  readonly client: SmpSession;
  readonly version: number;
  readonly sessionId: Uint8Array;
  readonly verifier: Verifier;
  readonly service: SessionService | null;
  readonly forwarded: boolean;
}

/** The queue changed since it was looked up: authorise again with its present record (null: deleted). */
interface Retry {
  readonly stale: QueueRecord | null;
}

export type Outcome = Telling | Retry;

export interface QueueContext<T extends SmpCommandTag> {
  readonly relay: Relay;
  readonly sender: Sender;
  readonly queue: QueueRecord;
  readonly incoming: Incoming<CommandOf<T>>;
}

export type QueueHandler<T extends SmpCommandTag> = (context: QueueContext<T>) => Promise<Outcome>;

export interface SessionContext<T extends SmpCommandTag> {
  readonly relay: Relay;
  readonly sender: Sender;
  readonly incoming: Incoming<CommandOf<T>>;
}

export type SessionHandler<T extends SmpCommandTag> = (context: SessionContext<T>) => Promise<SmpReply>;

