/**
 * A queue as the relay needs it to authorise commands. Records are small immutable snapshots: the messages, the link
 * data and the pending notifications of a queue are kept elsewhere. `revision` grows with every change of the record.
 */
import type { PublicKey } from '@polyplex/crypto';

/** "M" messaging (one-time invitation), "C" contact address; null for queues made below SMP 9 (SMP §5.2). */
export type QueueMode = 'M' | 'C' | null;

export interface ClientNotice {
  /** Seconds the client should show the notice; null when not limited. */
  readonly ttl: number | null;
}

export interface BlockingInfo {
  readonly reason: 'spam' | 'content';
  readonly notice: ClientNotice | null;
}

export type QueueStatus =
  | { readonly state: 'active' }
  | { readonly state: 'blocked'; readonly info: BlockingInfo }
  | { readonly state: 'off' };

export interface Notifier {
  readonly notifierId: Uint8Array;
  readonly notifierKey: PublicKey;
  /** X25519(ntfDhKey, server's private key): encrypts NMSG metadata. 32 bytes. */
  readonly dhSecret: Uint8Array;
  /** The notifier service whose sessions get this queue's notifications; null for none. */
  readonly serviceId: Uint8Array | null;
}

export interface QueueRecord {
  readonly recipientId: Uint8Array;
  /** Never empty: one of them must verify a recipient's command. */
  readonly recipientKeys: readonly PublicKey[];
  /** X25519(rcvDhKey, server's private key): encrypts messages for the recipient. 32 bytes. */
  readonly dhSecret: Uint8Array;
  readonly senderId: Uint8Array;
  /** null until the queue is secured. */
  readonly senderKey: PublicKey | null;
  readonly mode: QueueMode;
  /** Id of the link data stored for this queue; null when there is none. */
  readonly linkId: Uint8Array | null;
  readonly notifier: Notifier | null;
  readonly status: QueueStatus;
  /** The recipient service that created the queue; null for none. */
  readonly serviceId: Uint8Array | null;
  /** Day of last use: seconds since 1970 of 00:00 UTC. Changing it does not change the revision. */
  readonly usedDay: number;
  readonly revision: number;
}

/** Link data, opaque for the relay; each part at most 16 KiB. */
export interface LinkData {
  readonly fixedData: Uint8Array;
  readonly userData: Uint8Array;
}

export interface NewQueue extends Omit<QueueRecord, 'revision' | 'linkId'> {
  readonly link: { readonly linkId: Uint8Array; readonly data: LinkData } | null;
}

/** Which index an id is looked up in (SMP §5.1: four separate indexes). */
export type Party = 'recipient' | 'sender' | 'notifier' | 'link';

export type Message =
  | {
      readonly kind: 'message';
      readonly msgId: Uint8Array;
      /** Seconds since 1970, as of SEND. */
      readonly ts: number;
      readonly notify: boolean;
      readonly body: Uint8Array;
    }
  /** The marker that ends a full queue (SMP §6.2). */
  | { readonly kind: 'quota'; readonly msgId: Uint8Array; readonly ts: number };

/** An encrypted notification (NMSG) waiting for its notifier (SMP §6.7). */
export interface Notification {
  readonly ts: number;
  readonly nonce: Uint8Array;
  readonly encMeta: Uint8Array;
}

export type ServiceRole = 'M' | 'N' | 'P';

export interface ServiceRecord {
  readonly serviceId: Uint8Array;
  readonly role: ServiceRole;
  /** SHA-256 of the service's id certificate. */
  readonly fingerprint: Uint8Array;
  readonly chain: readonly Uint8Array[];
  readonly createdAt: number;
}
