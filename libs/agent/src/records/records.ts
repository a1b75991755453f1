/** Everything an agent has to remember (agent §7.10). One transaction changes what belongs together. */
import type { BoxKey, KeyPair, PrivateKey, PublicKey } from '@polyplex/crypto';
import type { ContactKind, LinkOwner, QueueMode, ShortLink } from '@polyplex/protocol-agent';
import type { ServerAddress } from '@polyplex/protocol-common';
import type { OwnParameters } from '../ratchet/begin.ts';
import type { Ratchet, SkippedKey } from '../ratchet/state.ts';

/** `invited`: we made the invitation. `joined`: the other side did. `address`: a contact address, which only takes requests. */
type ConnectionRole = 'invited' | 'joined' | 'address';

/** Whether the ratchets of both sides fit (agent §7.7). */
export type RatchetSync = 'ok' | 'allowed' | 'required' | 'started' | 'agreed';

export interface Connection {
  readonly connectionId: string;
  readonly role: ConnectionRole;
  /** `ready`: messages go both ways. `ending`: only what was sent still leaves. `deleting`: only queues are left, to be deleted. */
  readonly stage: 'new' | 'confirming' | 'ready' | 'ending' | 'deleting';
  /** The agreed version; before, our highest. */
  readonly agentVersion: number;
  /** Bodies are padded to the shorter length that leaves room for KEM headers. */
  readonly postQuantum: boolean;
  readonly sync: RatchetSync;
  /** Counts messages in either direction as the application knows them. */
  readonly lastInternalId: number;
  readonly lastSentId: number;
  readonly lastSentHash: Uint8Array;
  readonly lastReceivedId: number;
  readonly lastReceivedHash: Uint8Array;
}

export interface ReceivingQueue {
  readonly queueId: string;
  readonly connectionId: string;
  readonly server: ServerAddress;
  readonly recipientId: Uint8Array;
  readonly senderId: Uint8Array;
  readonly recipientKey: PrivateKey<'ed25519'>;
  /** Opens what the relay encrypts. */
  readonly relaySecret: BoxKey;
  /** Of the encryption with the sender; the public half is in the queue's address. */
  readonly keys: KeyPair<'x25519'>;
  /** With the sender; null until it has confirmed. */
  readonly secret: BoxKey | null;
  readonly status: 'new' | 'confirmed' | 'secured' | 'active';
  /** Null: its sender does not secure it, we do. */
  readonly mode: QueueMode | null;
  readonly clientVersion: number;
  readonly isPrimary: boolean;
  /** The queue that this one takes the place of. */
  readonly replaces: string | null;
  /** How far its move to another relay is (agent §7.6), and since when: Unix milliseconds. */
  readonly switching: 'sending-qadd' | 'sending-quse' | 'received-message' | 'deleting' | null;
  readonly switchedAt: number | null;
}

export interface SendingQueue {
  readonly queueId: string;
  readonly connectionId: string;
  readonly server: ServerAddress;
  readonly senderId: Uint8Array;
  readonly senderKeys: KeyPair<'ed25519'>;
  /** What the recipient needs to open our first envelope. */
  readonly publicKey: PublicKey<'x25519'>;
  readonly secret: BoxKey;
  readonly status: 'new' | 'secured' | 'confirmed' | 'active';
  readonly mode: QueueMode | null;
  readonly clientVersion: number;
  readonly isPrimary: boolean;
  readonly replaces: string | null;
  readonly switching: 'sending-qkey' | 'sending-qtest' | null;
}

/** What is to be done at a relay: in the order of its lane, again and again until it has an answer (agent §6.5, §7.1). */
export type Task =
  /** SKEY: our key for a queue we send to. */
  | { readonly do: 'secure' }
  /** SEND of an agent's envelope. */
  | {
    readonly do: 'send'; readonly what: SentWhat; readonly envelope: Uint8Array; readonly notify: boolean;
    /** The key that the envelope of the queue carries, for queues we cannot secure. */
    readonly withKey: boolean;
    /** The first envelopes carry our key of the encryption. */
    readonly isFirst: boolean;
    readonly internalId: number | null;
    /** Another queue has it: nothing is told of this one. */
    readonly isTold?: true;
  }
  /** KEY on a queue of ours, and what follows: our confirmation, a hello, or that the queue is to be used. */
  | { readonly do: 'key'; readonly senderKey: PublicKey<'ed25519' | 'ed448' | 'x25519'>; readonly then: AfterKey }
  /** `isEndOfFull`: it stands at the end of a queue that was full, and says so. */
  | { readonly do: 'acknowledge'; readonly relayMessageId: Uint8Array; readonly isEndOfFull?: true }
  /** LSET: the data behind the link of a queue of ours. */
  | { readonly do: 'set-link'; readonly linkId: Uint8Array; readonly fixed: Uint8Array; readonly user: Uint8Array }
  /** LDEL */
  | { readonly do: 'delete-link' }
  | { readonly do: 'delete' };

export type AfterKey = { readonly confirm: SendingQueue; readonly envelope: Uint8Array } | 'hello' | 'use';

export type SentWhat = 'confirmation' | 'hello' | 'message' | 'receipt' | 'continue' | 'queue' | 'test' | 'ready' | 'ratchet-key' | 'request';

export interface TaskRecord {
  readonly task: Task;
  readonly connectionId: string;
  /** Unix milliseconds. */
  readonly since: number;
}

/** A short link of ours (agent §2.5). */
export interface OwnLink {
  readonly kind: 'i' | ContactKind;
  readonly linkId: Uint8Array;
  readonly linkKey: Uint8Array;
  /** Signs what is behind it. */
  readonly rootKey: PrivateKey<'ed25519'>;
  /** Encrypted; it is sent again with each change of the rest. */
  readonly fixed: Uint8Array;
  /** Whether an address may be asked itself. */
  readonly isDirect: boolean;
  /** Whom it names besides; absent in stores of before: nobody. */
  readonly owners?: readonly LinkOwner[];
  readonly relays?: readonly ShortLink[];
}

/** A message of the application that was sent: for receipts. */
interface SentMessage {
  readonly internalId: number;
  readonly hash: Uint8Array;
  readonly receipt: 'none' | 'ok' | 'bad-hash';
  /** Unix milliseconds. */
  readonly since: number;
}

/** The last message of a queue, until the relay has forgotten it. */
export interface LastMessage {
  readonly relayMessageId: Uint8Array;
  /** Null: acknowledged, or nothing for the application. */
  readonly event: StoredEvent | null;
  readonly attempts: number;
}

export type Integrity = { readonly verdict: 'ok' | 'bad-id' | 'duplicate' | 'bad-hash' } | { readonly verdict: 'skipped'; readonly from: number; readonly to: number };

/** What waits for the application's acknowledgement. */
export type StoredEvent =
  | {
    readonly type: 'message'; readonly connectionId: string; readonly messageId: number; readonly sentId: number; readonly hash: Uint8Array; readonly body: Uint8Array;
    readonly integrity: Integrity; readonly receivedAt: number;
  }
  | { readonly type: 'receipt'; readonly connectionId: string; readonly messageId: number; readonly receiptOf: number; readonly isGenuine: boolean };

/** A confirmation that the application has not allowed yet, or a request to a contact address. */
export type Offer =
  | { readonly type: 'confirmation'; readonly connectionId: string; readonly info: Uint8Array; readonly reply: Uint8Array; readonly senderKey: PublicKey<'ed25519' | 'ed448' | 'x25519'> | null }
  | { readonly type: 'request'; readonly connectionId: string; readonly info: Uint8Array; readonly link: string; readonly version: number };

/** A ratchet that was begun anew, and when: Unix milliseconds. */
export interface FormerRatchet {
  readonly ratchet: Ratchet;
  readonly since: number;
}

interface TakenKeys {
  /** Hash of the other side's keys, as a record's key. */
  readonly keys: string;
  /** Our keys have answered more than one pair of theirs. */
  readonly isAgain: boolean;
}

/** A file that comes or goes, or has; since when: Unix milliseconds. */
export type FileRecord = { readonly since: number } & (
  /** From a file of the file room, or of pieces that are kept here. */
  | { readonly state: 'sending'; readonly name: string | null; readonly path: string | null; readonly recipients: number }
  | { readonly state: 'receiving'; readonly description: string; readonly folder: string }
  /** Descriptions as text: the sender's, which deletes it, and one for each recipient. */
  | { readonly state: 'sent'; readonly sender: string; readonly descriptions: readonly string[] }
  | { readonly state: 'received'; readonly path: string; readonly size: number }
  | { readonly state: 'failed'; readonly reason: string }
  /** By the sender's description, or what was done of the transfer is undone. */
  | { readonly state: 'deleting'; readonly sender: string | null; readonly folder: string | null }
);

/** The kinds of records and what they hold, with their keys. */
export interface Kinds {
  /** connection */
  connection: Connection;
  /** queue */
  receiving: ReceivingQueue;
  sending: SendingQueue;
  /** connection, to be deleted when what was sent has left: Unix milliseconds */
  ending: number;
  /** connection */
  link: OwnLink;
  /** hash of a link's id: the key for the queue behind an invitation that was opened and not yet joined */
  opened: { readonly keys: KeyPair<'ed25519'>; readonly since: number };
  /** connection/queue, for walks */
  'receiving-of': true;
  'sending-of': true;
  /** connection */
  ratchet: Ratchet;
  parameters: OwnParameters;
  /** connection/number */
  former: FormerRatchet;
  /** connection: the other side's keys that the last ratchet was begun with */
  taken: TakenKeys;
  /** connection/ratchet/header key/number */
  skipped: SkippedKey & { readonly since: number };
  /** lane/number: a lane is a queue */
  task: TaskRecord;
  /** connection/sent id */
  sent: SentMessage;
  /** queue */
  last: LastMessage;
  /** connection/hash: Unix milliseconds */
  seen: number;
  /** connection/hash of keys of a ratchet that was begun anew: Unix milliseconds */
  keys: number;
  /** offer */
  offer: Offer;
  /** file */
  file: FileRecord;
  /** file/number: what was done of its transfer */
  'file-line': string;
  /** file/number: content to be sent */
  'file-piece': Uint8Array;
  /** one counter for all tasks */
  counter: number;
}
