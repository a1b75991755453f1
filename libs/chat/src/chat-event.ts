/** What a chat client tells its application, in the transaction in which it happened. */
import type { GroupProfile, Profile, Role } from '@polyplex/protocol-chat';
import type { VersionRange } from '@polyplex/protocol-common';
import type { LookUpResult } from './channel-link.ts';
import type { ChatMessage, Contact, Group, GroupLink, Member } from './records/records.ts';

/** A file of ours, or one that was offered to us. */
export interface ChatFile {
  /** What it is called in a step: the message's shared id where it is ours. */
  readonly fileId: string;
  /** Of the message that it came or went with. */
  readonly msgId: string;
  readonly isOurs: boolean;
}

/** Groups and members are as they are after the event. */
export type ChatEvent =
  | { readonly type: 'contact-ready'; readonly contact: Contact }
  | { readonly type: 'contact-updated'; readonly contact: Contact; readonly from: Profile }
  | { readonly type: 'contact-deleted'; readonly contact: Contact }
  | { readonly type: 'direct-message'; readonly contact: Contact; readonly message: ChatMessage }
  /** `isRepeat`: an invitation that was there, with another role or profile. `acceptInvitation` joins. */
  | { readonly type: 'group-invitation'; readonly contact: Contact; readonly group: Group; readonly fromRole: Role; readonly isRepeat: boolean }
  /** We are connected to who brought us in. */
  | { readonly type: 'group-joined'; readonly group: Group; readonly host: Member }
  | { readonly type: 'group-join-failed'; readonly group: Group; readonly reason: string }
  | { readonly type: 'group-join-rejected'; readonly group: Group; readonly reason: string }
  /** We were pending, and are not any more. */
  | { readonly type: 'group-accepted'; readonly group: Group }
  | { readonly type: 'group-updated'; readonly group: Group; readonly from: GroupProfile; readonly by: Member }
  | { readonly type: 'group-deleted'; readonly group: Group; readonly by: Member }
  | { readonly type: 'own-role'; readonly group: Group; readonly from: Role; readonly by: Member }
  | { readonly type: 'own-removed'; readonly group: Group; readonly by: Member }
  /** Who joined by our link is connected to us; `member.status` says what it is waiting for. */
  | { readonly type: 'link-joined'; readonly group: Group; readonly member: Member }
  | { readonly type: 'member-connected'; readonly group: Group; readonly member: Member }
  | { readonly type: 'member-updated'; readonly group: Group; readonly member: Member; readonly from: Profile }
  | { readonly type: 'member-role'; readonly group: Group; readonly member: Member; readonly from: Role; readonly by: Member }
  | { readonly type: 'member-left'; readonly group: Group; readonly member: Member }
  | { readonly type: 'member-removed'; readonly group: Group; readonly member: Member; readonly by: Member }
  /** `support`: the member whose support chat it is in; `own`: we are that member. */
  | { readonly type: 'group-message'; readonly group: Group; readonly member: Member; readonly message: ChatMessage; readonly support: Member | 'own' | null }
  /** It is at file servers, and those whom it is for are told where. */
  | { readonly type: 'file-sent'; readonly file: ChatFile }
  /** It is whole, at this path of the file room; `size` in bytes. */
  | { readonly type: 'file-received'; readonly file: ChatFile; readonly path: string; readonly size: number }
  /** Nothing will come of it. `reason`: CANCELLED by who sent it, EXPIRED, or as the agent's. */
  | { readonly type: 'file-failed'; readonly file: ChatFile; readonly reason: string }
  /** What came of `lookUpChannel`; `about` is what was said there. */
  | { readonly type: 'channel-link'; readonly link: string; readonly about: string; readonly result: LookUpResult }
  /** A relay has introduced an owner whom we knew by the link alone. `said`: the role that the relay gives it. */
  | { readonly type: 'owner-announced'; readonly group: Group; readonly member: Member; readonly said: Role }
  /** Said as the channel itself. */
  | { readonly type: 'channel-post'; readonly group: Group; readonly message: ChatMessage }
  /** No relay of the channel is left; a link that tells of others may help (`syncChannel`). */
  | { readonly type: 'channel-unreachable'; readonly group: Group }
  | { readonly type: 'link-created'; readonly group: Group; readonly link: GroupLink }
  | { readonly type: 'link-failed'; readonly group: Group; readonly reason: string }
  /** Something came that is passed over: `reason` names no person. */
  | { readonly type: 'ignored'; readonly reason: string };

/** Somebody asks at a link of ours. */
export interface JoinRequest {
  readonly group: Group;
  readonly profile: Profile;
  readonly versions: VersionRange;
}

/** What the host decides (directory §2.4): `pending` waits for `approveMember`. */
export type Admission =
  | { readonly decision: 'accepted'; readonly role: Role }
  | { readonly decision: 'pending'; readonly role: Role }
  | { readonly decision: 'pending_review'; readonly role: Role }
  | { readonly decision: 'rejected'; readonly reason: string };
