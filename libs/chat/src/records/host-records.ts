/** What a client remembers as host of groups (directory §2.4). */
import type { FileDescriptionPart, JsonObject } from '@polyplex/protocol-chat';
import type { OutgoingMessage } from './records.ts';

/** A content item for history, as it is now. */
export interface HistoryItem {
  /** Null: ours. */
  readonly memberNumber: number | null;
  /** Names it, together with its author. */
  readonly msgId: string;
  readonly json: JsonObject;
  /** ISO 8601. */
  readonly at: string;
  /** Unix milliseconds: its file is there for two days. */
  readonly since: number;
  readonly hasText: boolean;
  readonly hasFile: boolean;
  /** Of the file's description, by number. */
  readonly parts: readonly FileDescriptionPart[];
}

/** A member of ours on its way into the group. */
export interface Arrival {
  /** Of its request at our link. */
  readonly requestId: string | null;
  /** The welcome message came with the link. */
  readonly hasWelcome: boolean;
  /** What is left of the history for it, by counter; null: it has not begun. */
  readonly history: { readonly after: number; readonly until: number } | null;
}

/** How far a newcomer's introduction is ahead of what its relay has taken. */
export interface Pace {
  readonly to: 'all' | 'moderators';
  /** The agent's number of the last message that was given to it; null: none. */
  readonly lastId: number | null;
  /** Messages since its relay had them all. */
  readonly count: number;
  /** Of whom these tell: member numbers. */
  readonly told: readonly number[];
  /** It does not read: what is left is done when it reads again. */
  readonly isAside: boolean;
}

/** A message that is passed on when its author or its recipient has been introduced: from the member to others, or to it. */
interface Delayed {
  readonly is: 'from' | 'to';
  readonly message: OutgoingMessage;
}

/** What a host does in slices, each a transaction that also moves the task on. */
export type HostTask =
  /** A newcomer to those who are there, and them to the newcomer; then, to all, what happened before and meanwhile. */
  | { readonly do: 'introduce'; readonly groupId: number; readonly memberNumber: number; readonly to: 'all' | 'moderators' }
  /** What waits for a member's connection. */
  | { readonly do: 'flush'; readonly groupId: number; readonly memberNumber: number };

export interface HostKinds {
  /** group/member number/page of 256 others: what we have done between them; see `groups/host/relations` */
  relations: Uint8Array;
  /** group/member number */
  arrival: Arrival;
  /** group/member number: its introduction is not done */
  introducing: 'all' | 'moderators';
  /** group/member number; see `groups/host/pace` */
  pace: Pace;
  /** group/member number/counter */
  delayed: Delayed;
  /** group/member number: the invitation that a contact was sent */
  invited: string;
  /** group/contact: member number */
  'member-of': number;
  /** connection whose queue was full, and has not taken anything since */
  full: true;
  /** group/counter */
  history: HistoryItem;
  /** group/hash of author's member number and message id: where it is in the history */
  'history-of': number;
}
