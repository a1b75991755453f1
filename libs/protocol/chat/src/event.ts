/** The events of the chat protocol with their parameters (directory §2). */
import type { VersionRange } from '@polyplex/protocol-common';
import type { FileDescriptionPart, FileInvitation, MessageContainer, MessageContent, MessageScope } from './content.ts';
import type { JsonObject } from './json-codec.ts';
import type { GroupPreferences, GroupProfile, Profile } from './profile.ts';
import type { Role } from './roles.ts';

export interface MemberIdRole {
  readonly memberId: string;
  readonly memberRole: Role;
}

export interface MemberInfo extends MemberIdRole {
  /** Absent: version 1. */
  readonly v?: VersionRange;
  readonly profile: Profile;
  readonly memberKey?: string;
}

export interface MemberRestrictions {
  readonly restriction: 'blocked' | 'unrestricted' | 'unknown';
}

/** The newcomer's invitation for one member. */
export interface MemberIntroduction {
  readonly groupConnReq: string;
  readonly directConnReq?: string;
}

export interface BusinessChat {
  readonly chatType: string;
  readonly businessId: string;
  readonly customerId: string;
}

export interface GroupInvitation {
  readonly fromMember: MemberIdRole;
  readonly invitedMember: MemberIdRole;
  readonly connRequest: string;
  readonly groupProfile: GroupProfile;
  readonly business?: BusinessChat;
  readonly groupLinkId?: string;
  readonly groupSize?: number;
}

export type Acceptance = 'accepted' | 'pending' | 'pending_review';

export interface GroupLinkInvitation {
  readonly fromMember: MemberIdRole;
  readonly fromMemberName: string;
  readonly invitedMember: MemberIdRole;
  readonly groupProfile: GroupProfile;
  readonly accepted?: Acceptance;
  readonly business?: BusinessChat;
  readonly groupSize?: number;
}

export interface GroupLinkRejection {
  readonly fromMember: MemberIdRole;
  readonly invitedMember: MemberIdRole;
  readonly groupProfile: GroupProfile;
  /** `long_name`, `blocked_name`, or a text. */
  readonly rejectionReason: string;
}

/** Asks to join a channel at one of its relays. Keys are DER as base64url. */
interface ChannelJoin {
  readonly profile: Profile;
  readonly newMemberId: string;
  readonly newMemberKey: string;
  /** Member id of the relay that is asked, so that it can be said to no other. */
  readonly viaRelay?: string;
}

/** An owner asks somebody to be a relay of its channel. */
export interface GroupRelayInvitation {
  readonly fromMember: MemberIdRole;
  readonly fromMemberProfile: Profile;
  readonly relayMemberId: string;
  readonly groupLink: string;
}

export interface EventParameters {
  'x.contact': {
    readonly profile: Profile; readonly contactReqId?: string; readonly welcomeMsgId?: string; readonly msgId?: string; readonly content?: MessageContent;
    readonly memberKey?: string;
  };
  'x.info': { readonly profile: Profile; readonly memberKey?: string };
  'x.info.probe': { readonly probe: string };
  'x.info.probe.check': { readonly probeHash: string };
  'x.info.probe.ok': { readonly probe: string };
  'x.direct.del': object;
  'x.ok': object;
  'x.msg.new': MessageContainer;
  'x.msg.update': {
    readonly msgId: string; readonly content: MessageContent; readonly mentions?: MessageContainer['mentions']; readonly ttl?: number; readonly live?: boolean;
    readonly scope?: MessageScope; readonly asGroup?: boolean;
  };
  'x.msg.del': { readonly msgId: string; readonly memberId?: string; readonly scope?: MessageScope };
  'x.msg.deleted': object;
  'x.msg.react': {
    readonly msgId: string; readonly memberId?: string; readonly scope?: MessageScope; readonly reaction: { readonly type: string; readonly emoji?: string }; readonly add: boolean;
  };
  'x.msg.file.descr': { readonly msgId: string; readonly fileDescr: FileDescriptionPart };
  'x.file': { readonly file: FileInvitation };
  'x.file.acpt': { readonly fileName: string };
  'x.file.acpt.inv': { readonly msgId: string; readonly fileConnReq?: string; readonly fileName: string };
  'x.file.cancel': { readonly msgId: string };
  'x.grp.inv': { readonly groupInvitation: GroupInvitation };
  'x.grp.acpt': { readonly memberId: string };
  'x.grp.link.inv': { readonly groupLinkInvitation: GroupLinkInvitation };
  'x.grp.link.reject': { readonly groupLinkRejection: GroupLinkRejection };
  'x.grp.link.mem': { readonly profile: Profile; readonly memberKey?: string };
  'x.grp.link.acpt': { readonly acceptance: Acceptance; readonly role: Role; readonly memberId: string };
  'x.grp.mem.new': { readonly memberInfo: MemberInfo; readonly scope?: MessageScope };
  'x.grp.mem.intro': { readonly memberInfo: MemberInfo; readonly memberRestrictions?: MemberRestrictions };
  'x.grp.mem.inv': { readonly memberId: string; readonly memberIntro: MemberIntroduction };
  'x.grp.mem.fwd': { readonly memberInfo: MemberInfo; readonly memberIntro: MemberIntroduction };
  'x.grp.mem.info': { readonly memberId: string; readonly profile: Profile };
  'x.grp.mem.con': { readonly memberId: string };
  'x.grp.mem.con.all': object;
  'x.grp.mem.role': { readonly memberId: string; readonly role: Role; readonly memberKey?: string };
  'x.grp.mem.restrict': { readonly memberId: string; readonly memberRestrictions: MemberRestrictions };
  'x.grp.mem.del': { readonly memberId: string; readonly messages?: boolean };
  'x.grp.leave': object;
  'x.grp.del': object;
  'x.grp.info': { readonly groupProfile: GroupProfile };
  'x.grp.prefs': { readonly groupPreferences: GroupPreferences };
  'x.grp.direct.inv': { readonly connReq: string; readonly content?: MessageContent; readonly scope?: MessageScope };
  /** Without a member: of a channel itself. */
  'x.grp.msg.forward': { readonly memberId?: string; readonly memberName?: string; readonly msg: JsonObject; readonly msgTs: string };
  'x.member': ChannelJoin;
  'x.grp.relay.inv': { readonly groupRelayInvitation: GroupRelayInvitation };
  'x.grp.relay.acpt': { readonly relayLink: string };
  'x.grp.relay.reject': { readonly reason: string };
  'x.grp.relay.new': { readonly relayLink: string };
}

export type EventName = keyof EventParameters;

export type ProtocolEvent =
  | { readonly [E in EventName]: { readonly event: E; readonly params: EventParameters[E] } }[EventName]
  /** Of a newer version, or one that is of no use here (`x.call.*`). */
  | { readonly event: 'unknown'; readonly name: string; readonly params: JsonObject };

/** What is sent. */
export type SentEvent = Exclude<ProtocolEvent, { event: 'unknown' }>;
