/** What the parts of an agent share. */
import type { Clock } from '@polyplex/base';
import type { Requester } from '@polyplex/client';
import type { ServerAddress } from '@polyplex/protocol-common';
import type { RecordStore } from '@polyplex/store-contract';
import type { FreshKeys } from './ratchet/fresh-keys.ts';
import type { Reading } from './records/typed-records.ts';
import type { Step } from './step.ts';

/** A relay for new queues, with the password it wants, if any. */
export interface QueueServer extends ServerAddress {
  readonly password?: string | null;
}

/** A queue of ours as its relay knows it. */
export interface SubscribedQueue {
  readonly server: ServerAddress;
  readonly recipientId: Uint8Array;
  readonly recipientKey: { readonly kind: 'ed25519'; readonly raw: Uint8Array };
}

/** The relays that an agent talks to: sessions that come back, and subscriptions that are made again. */
export interface Relays {
  /** Resolves when there is a session; rejects with `SmpClientError`. */
  requester(server: ServerAddress): Promise<Requester>;
  /** For what senders ask (SEND, SKEY, LKEY, LGET), maybe through another relay; as `requester` where there is none. */
  readonly sender?: (server: ServerAddress) => Promise<Requester>;
  subscribe(queues: readonly SubscribedQueue[]): void;
  forget(queue: SubscribedQueue): void;
  close(): void;
}

export function senderAt({ relays }: Pick<AgentContext, 'relays'>, server: ServerAddress): Promise<Requester> {
  return relays.sender === undefined ? relays.requester(server) : relays.sender(server);
}

export interface AgentContext {
  readonly store: RecordStore;
  readonly relays: Relays;
  readonly clock: Clock;
  readonly fresh: FreshKeys;
  /** A relay for a new queue; those to be avoided, the most unwanted first, only where there are no others. */
  chooseServer(avoid?: readonly ServerAddress[]): QueueServer;
  /** Relays whose addresses may be shortened in links. */
  readonly known: readonly ServerAddress[];
  /** Whether senders secure our queues. */
  readonly areSecurable: boolean;
  read<T>(work: (records: Reading) => T): T;
  /** One transaction, together with what the application does with its events; what it has put into lanes is begun, and its events told, when it is durable. */
  change<T>(work: (step: Step) => T): Promise<T>;
}
