/** What an application of a chat client may do, in one transaction. */
import type { GroupProfile, MessageContent, Profile, Quote, Role } from '@polyplex/protocol-chat';
import type { LinkOwnerSignature } from '@polyplex/protocol-chat';
import type { RecordWriter } from '@polyplex/store-contract';
import type { Channel } from './channel-link.ts';
import type { Contact, Group, Member } from './records/records.ts';

export interface ChatReading {
  contact(contactId: number): Contact | undefined;
  contacts(): readonly Contact[];
  group(groupId: number): Group | undefined;
  groups(): readonly Group[];
  member(groupId: number, memberNumber: number): Member | undefined;
  memberById(groupId: number, memberId: string): Member | undefined;
  members(groupId: number): readonly Member[];
  /** The channel of this identity that we are in or are joining. */
  channel(publicGroupId: string): Group | undefined;
}

/** Bytes with a name, up to 8 MiB; or a file of the file room, of this size in bytes. */
export type OutgoingFile = { readonly name: string; readonly bytes: Uint8Array } | { readonly path: string; readonly size: number };

export interface MessageOptions {
  readonly quote?: Quote;
  /** Goes by file servers: `file-sent` or `file-failed` follows. */
  readonly file?: OutgoingFile;
}

export interface LookUpOptions {
  /** Of the card that the link came with: `channel-link` says whose it is. */
  readonly signature?: LinkOwnerSignature;
  /** Comes back with the event. */
  readonly about: string;
}

export interface JoinChannelOptions {
  /** A contact of ours who is known to be an owner: the member has this `contactId`. */
  readonly owner?: { readonly memberId: string; readonly contactId: number };
}

/** Everything that is sent has a shared id, which is answered. All throw `ChatError` (UNKNOWN, PROHIBITED, TOO_LARGE) and then have changed nothing. */
export interface ChatStep extends ChatReading {
  /** The application's own records; its kinds never meet those of chat and agent. */
  readonly records: RecordWriter;
  /** Unix milliseconds. */
  readonly now: number;
  sendToContact(contactId: number, content: MessageContent, options?: MessageOptions): string;
  deleteContact(contactId: number): void;
  /** Accepts an invitation to a group: `group-joined` or `group-join-failed` follows. */
  acceptInvitation(groupId: number): void;
  sendToGroup(groupId: number, content: MessageContent, options?: MessageOptions): string;
  /** Into the member's support chat: to it alone while it is pending, else also to moderators. */
  sendToMember(groupId: number, memberNumber: number, content: MessageContent, options?: MessageOptions): string;
  /** Into our own support chat, as a member. */
  sendToOwnSupport(groupId: number, content: MessageContent, options?: MessageOptions): string;
  /** What a message has offered, into a folder of the file room: `file-received` or `file-failed` follows. Throws UNKNOWN where it is offered no more. */
  receiveFile(fileId: string, options: { readonly folder: string }): void;
  /** One of ours goes from its servers, and those whom it was for are told; one of others is offered no more, what was received stays. */
  deleteFile(fileId: string): void;
  /** `link-created` or `link-failed` follows; where there is a link it is told of at once. */
  createLink(groupId: number, role: Role): void;
  setLinkRole(groupId: number, role: Role): void;
  /** What the link tells of the group is what the group is now. */
  refreshLink(groupId: number): void;
  deleteLink(groupId: number): void;
  /** Of a member who waits for approval: as `accepted` in the role. */
  approveMember(groupId: number, memberNumber: number, role: Role): void;
  removeMember(groupId: number, memberNumber: number): void;
  setMemberRole(groupId: number, memberNumber: number, role: Role): void;
  /** What a blocked member writes is shown to nobody, nor passed on. */
  blockMember(groupId: number, memberNumber: number, isBlocked: boolean): void;
  /** Deletes somebody's message for all, as a moderator. */
  moderateMessage(groupId: number, memberNumber: number, msgId: string): void;
  /** A contact into a group of ours; again with another role as long as it has not joined. Throws PROHIBITED for who is a member. */
  inviteContact(groupId: number, contactId: number, role: Role): void;
  createGroup(profile: GroupProfile): Group;
  setGroupProfile(groupId: number, profile: GroupProfile): void;
  /** Reads a channel's link: one `channel-link` follows, with `about` in it, also after a restart. The network is tried once. */
  lookUpChannel(link: string, options: LookUpOptions): void;
  /**
   * Joins a channel by its relays, as an observer: `group-joined` with the first relay, `owner-announced` with each owner; `group-join-failed` where no relay
   * takes us. Throws PROHIBITED where the channel has no relays, or we are in it.
   */
  joinChannel(channel: Channel, options?: JoinChannelOptions): Group;
  /**
   * What the link tells is so: its profile, its relays (new ones are joined, others dropped), its owners (new ones are members, others lose their role). Of
   * what changes no event is told but of members' roles. Throws PROHIBITED where it is another channel, or no more ours.
   */
  syncChannel(groupId: number, channel: Channel): Group;
  leaveGroup(groupId: number): void;
  deleteGroup(groupId: number): void;
  /** Told to all contacts. */
  setProfile(profile: Profile): void;
  /** Runs once, when the step is durable. Must not throw. */
  afterwards(work: () => void): void;
}
