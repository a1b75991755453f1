/** What each party of a queue holds of it. Ids and keys are copies of their own. */
import type { BoxKey } from '@polyplex/crypto';
import type { AuthPrivateKey } from './authorizer.ts';

/** Enough to act as recipient: SUB, ACK, KEY … */
export interface RecipientKeys {
  readonly recipientId: Uint8Array;
  readonly key: AuthPrivateKey;
}

export interface SenderKeys {
  readonly senderId: Uint8Array;
  /** null while the queue is not secured: SEND is then not authorised. */
  readonly key: AuthPrivateKey | null;
}

export interface NotifierKeys {
  readonly notifierId: Uint8Array;
  readonly key: AuthPrivateKey;
  /** Opens the metadata of NMSG. */
  readonly boxKey: BoxKey;
}

/** A queue as its creator holds it. */
export interface RecipientQueue extends RecipientKeys {
  readonly senderId: Uint8Array;
  /** Opens the bodies of MSG. */
  readonly boxKey: BoxKey;
  /** null below version 9, where it is not said. */
  readonly mode: 'M' | 'C' | null;
  readonly linkId: Uint8Array | null;
  readonly serviceId: Uint8Array | null;
  readonly notifier: NotifierKeys | null;
}
