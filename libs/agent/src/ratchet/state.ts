/** Everything a double ratchet remembers (agent §5.3, §5.8). Values are never changed: each step gives new ones. */
import type { KemKeyPair, KeyPair, PublicKey } from '@polyplex/crypto';
import type { KemParameters } from '@polyplex/protocol-agent';

export interface Versions {
  /** The one in use; only grows. */
  readonly current: number;
  /** The highest of ours. */
  readonly max: number;
}

/** The other side's KEM key that was answered last. */
interface AcceptedKem {
  readonly peerKey: Uint8Array;
  readonly sharedKey: Uint8Array;
  /** What our headers carry until the next step. */
  readonly ciphertext: Uint8Array;
}

export interface KemState {
  readonly own: KemKeyPair;
  /** Null: our key is offered only. */
  readonly accepted: AcceptedKem | null;
}

/** What the other side is told of it. */
export function kemParametersOf({ own: { publicKey }, accepted }: KemState): KemParameters {
  return accepted === null ? { type: 'P', publicKey } : { type: 'A', ciphertext: accepted.ciphertext, publicKey };
}

export interface PostQuantum {
  /** Headers are padded so that KEM keys fit; once on, it stays. */
  readonly supported: boolean;
  /** Keys are offered and answered. */
  readonly enabled: boolean;
  readonly kem: KemState | null;
  /** The present sending and receiving chain were derived with a KEM secret. */
  readonly sending: boolean;
  readonly receiving: boolean;
}

interface SendingChain {
  readonly peerKey: PublicKey<'x448'>;
  readonly chainKey: Uint8Array;
  readonly headerKey: Uint8Array;
}

interface ReceivingChain {
  readonly chainKey: Uint8Array;
  readonly headerKey: Uint8Array;
}

export interface Ratchet {
  readonly versions: Versions;
  /** 112 bytes: the joiner's first key and the initiator's. */
  readonly associated: Uint8Array;
  readonly own: KeyPair<'x448'>;
  readonly pq: PostQuantum;
  readonly rootKey: Uint8Array;
  readonly sending: SendingChain | null;
  readonly receiving: ReceivingChain | null;
  /** Messages in the present sending, receiving and in the previous sending chain. */
  readonly sent: number;
  readonly received: number;
  readonly previous: number;
  readonly nextSendingHeaderKey: Uint8Array;
  readonly nextReceivingHeaderKey: Uint8Array;
}

/** What opens one message that has not come yet. */
export interface MessageKey {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** The key of a message that was skipped; it is found by trying its header key. */
export interface SkippedKey extends MessageKey {
  readonly headerKey: Uint8Array;
  readonly number: number;
}
