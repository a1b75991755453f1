/** Everything that a chat client remembers (directory §3.11). One transaction changes what belongs together, the agent's records included. */
import type { VersionRange } from '@polyplex/protocol-common';
import type { EventName, GroupProfile, MessageContainer, Profile, Role } from '@polyplex/protocol-chat';
import type { ChannelKinds, ChannelTask } from './channel-records.ts';
import type { FileKinds, OfferedFile } from './file-records.ts';
import type { HostKinds, HostTask } from './host-records.ts';

/** A message as the application sees it. */
export interface ChatMessage {
  /** Null: the sender gave none; it cannot be quoted by id. */
  readonly msgId: string | null;
  readonly container: MessageContainer;
  /** A file that can be received. */
  readonly file?: OfferedFile;
  /** ISO 8601: when we got it. */
  readonly at: string;
}

/** How sending to a connection goes (directory §2.4, "inactive and dead members"). */
export interface Delivery {
  /** Sends refused for good; at 10 nothing is sent any more. */
  readonly authErrors: number;
  /** At 5 what is sent waits until the queue has room. */
  readonly quotaErrors: number;
}

export interface Contact {
  /** From 1, never used again. */
  readonly contactId: number;
  readonly connectionId: string | null;
  /** `contactReqId` of who asked at our address. */
  readonly requestId: string | null;
  readonly status: 'connecting' | 'ready' | 'deleted';
  readonly profile: Profile;
  /** Unique among contacts: the display name, or with `_1`, `_2`…. */
  readonly localName: string;
  readonly versions: VersionRange;
  readonly delivery: Delivery;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** In the words of directory §2.5. */
export type MemberStatus =
  | 'rejected' | 'removed' | 'left' | 'deleted' | 'unknown' | 'invited' | 'pending_approval' | 'pending_review' | 'introduced' | 'intro-inv' | 'accepted'
  | 'announced' | 'connected' | 'complete' | 'creator';

/** `host`: brought us into the group. `invitee`: we brought. `pre`, `post`: was there before us, came after us. */
export type MemberCategory = 'host' | 'invitee' | 'pre' | 'post';

export interface Member {
  readonly groupId: number;
  /** From 1 in each group, never used again. */
  readonly memberNumber: number;
  readonly memberId: string;
  readonly role: Role;
  readonly category: MemberCategory;
  readonly status: MemberStatus;
  readonly profile: Profile;
  readonly versions: VersionRange;
  readonly connectionId: string | null;
  /** Messages go both ways on its connection. */
  readonly isReady: boolean;
  /** The contact who invited us, or whom we invited. */
  readonly contactId: number | null;
  /** Member number of who introduced this one; null: we, or nobody. */
  readonly invitedBy: number | null;
  /** By an admin of the group. */
  readonly isBlocked: boolean;
  readonly delivery: Delivery;
  /** What its signatures are checked with: Ed25519 in DER, base64url. Of owners and relays from their links; of others as it was first seen. */
  readonly key?: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export interface ChannelMembership {
  /** What it is, whatever its profile and its link say later. */
  readonly publicGroupId: string;
  readonly link: string;
}

export interface OwnMembership {
  readonly memberId: string;
  readonly role: Role;
  readonly status: MemberStatus;
}

/** A link to a group that we host (directory §2.4, §5). */
export interface GroupLink {
  /** The contact address's connection. */
  readonly connectionId: string;
  readonly fullLink: string;
  readonly shortLink: string | null;
  readonly groupLinkId: string;
  /** Of who joins by it. */
  readonly role: Role;
}

export interface Group {
  /** From 1, never used again. */
  readonly groupId: number;
  readonly profile: GroupProfile;
  /** Unique among groups. */
  readonly localName: string;
  readonly own: OwnMembership;
  /** Member number of who brought us in; null in groups of our own. */
  readonly host: number | null;
  /** The invitation that we were sent or opened: a repeated one is known by it. */
  readonly connRequest: string | null;
  readonly link: GroupLink | null;
  /** Of channels and public groups, which are reached by relays (directory §3.8). */
  readonly channel?: ChannelMembership;
  /** Members with a current status, us included: kept incrementally. */
  readonly currentMembers: number;
  readonly createdAt: number;
  /** Of the last message; Unix milliseconds. */
  readonly activeAt: number;
}

/** Where strangers reach us. */
export interface OwnAddress {
  readonly connectionId: string;
  readonly fullLink: string;
  readonly shortLink: string | null;
}

/** Whose a connection is. */
export type ConnectionOwner =
  | { readonly type: 'address' }
  | { readonly type: 'contact'; readonly contactId: number }
  | { readonly type: 'member'; readonly groupId: number; readonly memberNumber: number }
  | { readonly type: 'group-link'; readonly groupId: number }
  /** We asked at a group's link, and do not know yet who answers. */
  | { readonly type: 'joining'; readonly groupId: number };

/** What needs the network before it can be stored; done one after another of a subject, again until it has an answer. */
export type Task =
  /** Accept a request at our address or at a group link. */
  | { readonly do: 'accept'; readonly offerId: string; readonly owner: ConnectionOwner; readonly info: string; readonly postQuantum: boolean }
  /** Join an invitation. */
  | { readonly do: 'join'; readonly link: string; readonly owner: ConnectionOwner; readonly info: string; readonly postQuantum: boolean }
  /** Make an invitation for a member who was introduced to us, and send it to the host; or one for a contact whom we invite. */
  | { readonly do: 'invite'; readonly owner: ConnectionOwner; readonly contactId: number | null }
  | { readonly do: 'create-link'; readonly groupId: number; readonly role: Role }
  /** Send to many, some at a time: member numbers. `thenDelete`: the connections go when that has left. */
  | { readonly do: 'broadcast'; readonly groupId: number; readonly members: readonly number[]; readonly message: OutgoingMessage | null; readonly thenDelete: boolean }
  /** Our profile to all contacts from this number on. */
  | { readonly do: 'tell-contacts'; readonly from: number }
  | ChannelTask
  | HostTask;

/** A message as it goes to each of many. */
export interface OutgoingMessage {
  readonly text: string;
  readonly event: EventName;
  /** Wakes devices (directory §1.6). */
  readonly notify: boolean;
  /** Who introduced us passes it on to members that we do not reach yet (directory §2.4). */
  readonly isForwardable: boolean;
}

export interface TaskRecord {
  readonly task: Task;
  /** Unix milliseconds. */
  readonly since: number;
}

/** The kinds of records and what they hold, with their keys. Numbers in keys are padded so that they sort; what peers chose is hashed there. */
export interface Kinds extends HostKinds, FileKinds, ChannelKinds {
  /** `own` */
  profile: Profile;
  /** `own` */
  address: OwnAddress;
  /** contact */
  contact: Contact;
  group: Group;
  /** group/member number */
  member: Member;
  /** group/hash of a member id: member number */
  'member-by-id': number;
  /** group/chunk of member numbers: what each is, so that a whole group is looked over without its profiles; see `roster.ts` */
  roster: readonly number[];
  /** `contact` or `group`/hash of a local name: the next suffix for who wants it, too */
  name: number;
  /** 0 (our address) or group/hash of a `contactReqId`: contact or member number */
  request: number;
  /** second/group (0: none, then a contact)/member or contact number: who has asked and is not connected */
  'half-open': { readonly groupId: number; readonly number: number };
  /** contact: what it wrote with its request */
  written: ChatMessage;
  /** hash of an invitation's link: group */
  invitation: number;
  /** connection */
  owner: ConnectionOwner;
  /** group/member number/page: what we as host have done between members, in bits (directory §2.4) */
  relations: Uint8Array;
  /** group (0: none, then a contact)/member or contact number/counter: what waits for a connection */
  waiting: OutgoingMessage;
  /** time span/group/hash of author's member id and message id: in whose support chat it was, by member id; or in none */
  received: true | string;
  /** counter */
  task: TaskRecord;
  /** task: how many of a broadcast's members are done */
  progress: number;
  /** name of a counter */
  counter: number;
  /** `names`: 32 random bytes that hashes of names are made with */
  key: Uint8Array;
}
