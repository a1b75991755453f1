/** What the directory remembers beside its chat client's records (directory §3.1, §3.7, §3.11), changed in the transaction of the event that changes it. */
import type { Role } from '@polyplex/protocol-chat';
import type { Status } from '../registration/states.ts';

/** An approval that waits for the group's link. */
export interface Approving {
  readonly code: number;
  /** Who approved. */
  readonly contactId: number;
  readonly isPromoted: boolean;
}

/** What the registration of a channel has beside that of a group: people join by the channel's own link, over its relays (directory §3.8). */
export interface ChannelFacts {
  /** As its profile said: a `group` is one that all its members write to. */
  readonly type: 'channel' | 'group';
  /** Its short link, as it was read: profiles may claim others. */
  readonly link: string;
  /** Of who registered it, as the link told: base64url. */
  readonly ownerKey: string;
  /** As the link last said. */
  readonly subscribers: number | null;
}

export interface Registration extends Status {
  readonly groupId: number;
  /** From 1 for each owner. */
  readonly userNumber: number;
  /** The owner. */
  readonly contactId: number;
  /** Null until the bot has joined. */
  readonly ownerMemberId: string | null;
  readonly isPromoted: boolean;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** When its state became what it is, Unix milliseconds; registrations of earlier versions do not know. */
  readonly since?: number;
  /** The group's display name, by which duplicates are found. */
  readonly name: string;
  readonly approving: Approving | null;
  /** Absent for groups that the bot was invited to. */
  readonly channel?: ChannelFacts;
}

/** Since when its state is what it is, as far as that is known. */
export function sinceOf({ since, createdAt }: Pick<Registration, 'since' | 'createdAt'>): number {
  return since ?? createdAt;
}

/** Whom a rule of the join filter is for: everybody, or who has no image. Null: nobody. */
export type FilterScope = 'all' | 'noImage' | null;

export interface JoinFilter {
  readonly rejectNames: FilterScope;
  readonly passCaptcha: FilterScope;
  readonly makeObserver: FilterScope;
}

/** Of a group, for as long as the bot is in it. */
export interface GroupSettings {
  readonly filter: JoinFilter;
  /** Of who joins by the bot's link. */
  readonly joinerRole: Extract<Role, 'member' | 'observer'>;
}

/** What a member who waits for approval has to send. */
export interface Captcha {
  readonly text: string;
  /** Unix milliseconds. */
  readonly sentAt: number;
  /** Wrong answers so far. */
  readonly attempts: number;
  /** The voice form is sent too. */
  readonly isAudio: boolean;
  /** The member has not been sent it in any form: an image is being made. */
  readonly isWaiting: boolean;
}

/** What `/next` goes on with. */
export interface LastSearch {
  readonly query: SearchQuery;
  /** The last entry that was sent. */
  readonly cursor: SearchCursor;
  /** Unix milliseconds. */
  readonly at: number;
}

export type SearchQuery =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'all' }
  | { readonly type: 'new' };

/** Of the order's own value and the group, so that groups of one size are neither skipped nor repeated. */
export interface SearchCursor {
  readonly value: number;
  readonly groupId: number;
}

/** A channel's card that a contact has sent: its link is being read. One of a contact at a time. */
export interface Card {
  readonly link: string;
  /** The member id of who signed it. */
  readonly ownerId: string;
  /** Unix milliseconds. */
  readonly since: number;
}

/** When a channel's link is read again. */
export interface LinkCheck {
  /** Unix milliseconds. */
  readonly dueAt: number;
  /** Being read since; null: it is not. Unix milliseconds. */
  readonly since: number | null;
}

/** A registration of the reference's, waiting for its owner to invite this bot. */
export interface Expected {
  readonly number: number;
  readonly name: string;
  /** The owner's name where the import knew it. */
  readonly ownerName: string | null;
  readonly status: Status;
  readonly isPromoted: boolean;
  readonly settings: GroupSettings | null;
}

/** 2: channels. Records of version 1 are read as they are. */
export const FORMAT_VERSION = 2;

/** The kinds of records and what they hold, with their keys. Numbers in keys are padded so that they sort; names are hashed with a salt. */
export interface Kinds {
  /** `format`: version of these records, `salt`: 16 random bytes */
  'directory-meta': number | Uint8Array;
  /** group */
  registration: Registration;
  /** contact/user number: group */
  'registration-of': number;
  /** hash of a name/group */
  'registration-name': true;
  /** group */
  'group-settings': GroupSettings;
  /** group/member number */
  captcha: Captcha;
  /** contact */
  'last-search': LastSearch;
  /** contact */
  card: Card;
  /** group */
  'link-check': LinkCheck;
  /** seconds/group: what is due first comes first */
  'link-check-due': true;
  /** number */
  expected: Expected;
  /** hash of a name/number */
  'expected-name': true;
  /** contact: the local name by which it has an administrator's rights, or last had them */
  'known-admin': string;
}
