/** What all operations of a worker share. */
import type { IdKey } from '@polyplex/base';
import type { ProxiedRequester, SmpClient, XftpClient } from '@polyplex/client';
import type { KeyPair } from '@polyplex/crypto';
import type { AddressText } from '@polyplex/protocol-common';
import type { Deliveries } from './deliveries.ts';
import type { User } from './user.ts';

export interface UploadedChunk {
  readonly recipientId: Uint8Array;
  readonly key: KeyPair<'ed25519'>;
  readonly size: number;
  readonly digest: Uint8Array;
}

export interface SwarmState {
  readonly address: AddressText;
  readonly files: AddressText | null;
  readonly timeoutMs: number;
  readonly deliveries: Deliveries;
  /** The user of this name, made when there was none. */
  user(name: string): User;
  users(): Iterable<User>;
  readonly groups: Map<string, readonly string[]>;
  readonly uploaded: Map<string, readonly UploadedChunk[]>;
  /** Relays behind this one as a proxy, by the name of the user who asks. */
  readonly proxied: Map<string, { readonly client: SmpClient; readonly requester: ProxiedRequester }>;
  /** The connection of a notification server, opened when first needed. */
  notifier: Promise<SmpClient> | null;
  /** Notifiers by the sender ids of their queues. */
  readonly notifierOf: Map<IdKey, IdKey>;
  /** The last message with the flag, by notifier; it settles when its notification came or did not. */
  readonly notifying: Map<IdKey, Promise<unknown>>;
  /** A notification came: who waits for it is told. */
  readonly notified: Map<IdKey, () => void>;
  fileClient: Promise<XftpClient> | null;
}
