/** What every part of the relay shares, and what a handler is given. */
import type { Clock } from '@polyplex/base';
import type { KeyedOrder, RateLimit, Session, SessionService, Slots, Verifier } from '@polyplex/server-core';
import type { CommandOf, SmpCommand, SmpCommandTag, SmpReply } from '@polyplex/protocol-smp';
import type { QueueRecord, QueueStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { Delivery, Telling } from './delivery.ts';
import type { Answer, Parsed } from './incoming.ts';
import type { SmpServerOptions } from './options.ts';
import type { Proxy } from './proxy.ts';
import type { SmpStats } from './stats.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface Relay {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: SmpServerOptions;
  readonly stats: SmpStats;
  readonly delivery: Delivery;
  readonly proxy: Proxy;
  readonly newQueues: RateLimit<string>;
  readonly newQueuesInAll: RateLimit<'all'>;
  /** Answers what was read of a block in the name of a sender; never rejects. */
  readonly answer: (sender: Sender, parsed: readonly Parsed[]) => Promise<readonly Answer[]>;
}

/** A session of the relay with what it is subscribed to. */
export interface SmpSession {
  readonly session: Session;
  readonly subscriptions: Subscriptions;
  /** Commands on one entity run in the order in which they came. */
  readonly order: KeyedOrder<string>;
  /** Bounds the forwards in flight. */
  readonly forwards: Slots;
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

/** A command that parsed and whose credentials suit it; byte values are views of its block. */
export interface Incoming<C extends { readonly tag: SmpCommandTag } = SmpCommand> {
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly auth: Uint8Array;
  readonly serviceSignature: Uint8Array | null;
  /** corrId ‖ entityId ‖ command. */
  readonly signed: Uint8Array;
  readonly command: C;
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

