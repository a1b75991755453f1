/** What a push proxy keeps: devices that want to hear (tokens), the queues they want to hear of (subscriptions), and what is due. */
import type { KeyPair, PublicKey } from '@polyplex/crypto';

/** As the protocol writes it (NTF §2.3). */
export type TokenStatus =
  | 'NEW' | 'REGISTERED' | 'CONFIRMED' | 'ACTIVE' | 'EXPIRED'
  | 'INVALID' | 'INVALID,BAD' | 'INVALID,TOPIC' | 'INVALID,EXPIRED' | 'INVALID,UNREGISTERED';

/** As the protocol writes it (NTF §2.5); at most 255 bytes of UTF-8. */
export type SubscriptionStatus = 'NEW' | 'PENDING' | 'ACTIVE' | 'INACTIVE' | 'END' | 'DELETED' | 'AUTH' | 'SERVICE' | `ERR ${string}`;

/** Where pushes go: the name of the push service and what it calls the device. */
export interface Device {
  /** `apns_prod`, `apns_dev`, `apns_test`, `apns_null`, or `webpush https://host[:port]` (NTF §2.2, §5.1). 1 to 300 characters. */
  readonly provider: string;
  /** The device token, for Web Push `<path> <auth> <p256dh>`; 0 to 1024 bytes. */
  readonly token: Uint8Array;
}

export interface NewToken {
  /** 24 random bytes. */
  readonly tokenId: Uint8Array;
  readonly device: Device;
  /** Authorises every command on the token. */
  readonly authKey: PublicKey<'ed25519' | 'ed448' | 'x25519'>;
  /** The server's side of the agreement. */
  readonly dhKeys: KeyPair<'x25519'>;
  /** The raw agreement, 32 bytes (a box key is made of it: NTF §0). */
  readonly dhSecret: Uint8Array;
  /** The registration code, 32 random bytes. */
  readonly code: Uint8Array;
}

export interface TokenRecord extends NewToken {
  readonly status: TokenStatus;
  /** Minutes between "check messages" pushes; 0: none. */
  readonly cronMinutes: number;
  /** Unix seconds; null: never. */
  readonly cronSentAt: number | null;
  /** Unix seconds at the start of the UTC day of the last command on it. */
  readonly usedOn: number;
  /**
   * Grows with each change of what a step on it stands on (device, code, status, interval), never with pushes. What a
   * push service says of an older revision's device is not said of this one.
   */
  readonly revision: number;
}

export interface NewSubscription {
  /** 24 random bytes. */
  readonly subscriptionId: Uint8Array;
  readonly tokenId: Uint8Array;
  /** The relay's address as canonical text, `smp://<fingerprint>@<hosts>[:port]` (NTF §0); at most 1024 characters. One text is one relay. */
  readonly relay: string;
  readonly notifierId: Uint8Array;
  /** PKCS#8 or raw, as the caller likes: the store keeps the bytes. At most 200. */
  readonly notifierKey: Uint8Array;
}

export interface SubscriptionRecord extends NewSubscription {
  readonly status: SubscriptionStatus;
  /** The relay has it associated with our service: NSUBS subscribes it (NTF §4.4). */
  readonly inService: boolean;
}

/** A notification as it came from a relay; opaque but for its place and time. */
export interface ReceivedNotification {
  readonly notifierId: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  /** The sealed metadata as received, 144 bytes. */
  readonly meta: Uint8Array;
  /** Unix milliseconds at which we received it. */
  readonly receivedAt: number;
}

/** The newest notification of one subscription, as a push carries it (NTF §4.5). */
export interface LastNotification extends ReceivedNotification {
  readonly relay: string;
}

/**
 * Everything that a device has to be told now, leased to one worker: at most one push of each kind, since all that came
 * meanwhile travels together. Settled by `settle`, or due again when the lease runs out.
 */
export interface PushJob {
  readonly token: TokenRecord;
  /** The code has to be sent (after TNEW and TRPL). */
  readonly verification: boolean;
  /** Up to six, in the order in which they were received, the newest last; empty when no message is to be announced. Only where the token is ACTIVE. */
  readonly messages: readonly LastNotification[];
  /** A periodic "check messages" is due. Only where the token is ACTIVE. */
  readonly check: boolean;
  /** How many times in a row the token's job came to no final answer: settled with a `retry`, or its lease ran out. */
  readonly attempts: number;
  /** When the oldest of it became due, Unix milliseconds. */
  readonly dueSince: number;
  /** Names this lease; opaque. */
  readonly lease: string;
}

/** What became of the pushes of a job. Kinds that are not named were not tried: they stay due. */
export interface PushOutcome {
  readonly verification?: PushResult;
  readonly messages?: PushResult;
  readonly check?: PushResult;
  /** When kinds that are still due are tried again, Unix milliseconds; null: at once. */
  readonly retryAt: number | null;
}

/**
 * `delivered`: the push service took it. `dropped`: it never will; the kind is not due any more. `retry`: later.
 * `INVALID,…`: the device is not known there: the token gets the status, unless its device changed meanwhile, and nothing is due.
 */
export type PushResult = 'delivered' | 'dropped' | 'retry' | Extract<TokenStatus, `INVALID${string}`>;
