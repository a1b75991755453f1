/** The parameters of each event as JSON (directory §2): one row an event, read and written alike. */
import {
  fileDescriptionPart, fileInvitation, fileName, mentions, messageContainer, messageContent, messageScope,
} from './content.ts';
import type {
  Acceptance, BusinessChat, EventName, EventParameters, GroupInvitation, GroupLinkInvitation, GroupLinkRejection, GroupRelayInvitation,
  MemberIdRole, MemberInfo, MemberIntroduction, MemberRestrictions,
} from './event.ts';
import { id } from './ids.ts';
import { anyObject, count, flag, type JsonCodec, lenient, nothing, optional, record, text, time, word } from './json-codec.ts';
import { groupPreferences, groupProfile, profile } from './profile.ts';
import { role } from './roles.ts';
import { versionText } from './versions.ts';

type Of<E extends EventName> = EventParameters[E];

const memberIdRole = record<MemberIdRole>({ memberId: id, memberRole: role });
const memberInfo = record<MemberInfo>({ memberId: id, memberRole: role, v: optional(versionText), profile, memberKey: lenient(text) });
const memberRestrictions = record<MemberRestrictions>({ restriction: word(['blocked', 'unrestricted', 'unknown'], 'unknown') });
const memberIntro = record<MemberIntroduction>({ groupConnReq: text, directConnReq: optional(text) });
const business = lenient(record<BusinessChat>({ chatType: text, businessId: text, customerId: text }));
const acceptance = word<Acceptance>(['accepted', 'pending', 'pending_review']);

const groupInvitation = record<GroupInvitation>({
  fromMember: memberIdRole, invitedMember: memberIdRole, connRequest: text, groupProfile, business, groupLinkId: lenient(id), groupSize: lenient(count),
});
const groupLinkInvitation = record<GroupLinkInvitation>({
  fromMember: memberIdRole, fromMemberName: text, invitedMember: memberIdRole, groupProfile, accepted: optional(acceptance), business, groupSize: lenient(count),
});
const groupLinkRejection = record<GroupLinkRejection>({ fromMember: memberIdRole, invitedMember: memberIdRole, groupProfile, rejectionReason: text });
const groupRelayInvitation = record<GroupRelayInvitation>({ fromMember: memberIdRole, fromMemberProfile: profile, relayMemberId: id, groupLink: text });
const reaction = record<Of<'x.msg.react'>['reaction']>({ type: text, emoji: lenient(text) });

export const eventFormats: { readonly [E in EventName]: JsonCodec<Of<E>> } = {
  'x.contact': record<Of<'x.contact'>>({
    profile, contactReqId: optional(id), welcomeMsgId: optional(id), msgId: optional(id), content: optional(messageContent), memberKey: lenient(text),
  }),
  'x.info': record<Of<'x.info'>>({ profile, memberKey: lenient(text) }),
  'x.info.probe': record<Of<'x.info.probe'>>({ probe: id }),
  'x.info.probe.check': record<Of<'x.info.probe.check'>>({ probeHash: id }),
  'x.info.probe.ok': record<Of<'x.info.probe.ok'>>({ probe: id }),
  'x.direct.del': nothing,
  'x.ok': nothing,

  'x.msg.new': messageContainer,
  'x.msg.update': record<Of<'x.msg.update'>>({
    msgId: id, content: messageContent, mentions: optional(mentions), ttl: optional(count), live: optional(flag), scope: optional(messageScope), asGroup: optional(flag),
  }),
  'x.msg.del': record<Of<'x.msg.del'>>({ msgId: id, memberId: optional(id), scope: optional(messageScope) }),
  'x.msg.deleted': nothing,
  'x.msg.react': record<Of<'x.msg.react'>>({ msgId: id, memberId: optional(id), scope: optional(messageScope), reaction, add: flag }),
  'x.msg.file.descr': record<Of<'x.msg.file.descr'>>({ msgId: id, fileDescr: fileDescriptionPart }),
  'x.file': record<Of<'x.file'>>({ file: fileInvitation }),
  'x.file.acpt': record<Of<'x.file.acpt'>>({ fileName }),
  'x.file.acpt.inv': record<Of<'x.file.acpt.inv'>>({ msgId: id, fileConnReq: optional(text), fileName }),
  'x.file.cancel': record<Of<'x.file.cancel'>>({ msgId: id }),

  'x.grp.inv': record<Of<'x.grp.inv'>>({ groupInvitation }),
  'x.grp.acpt': record<Of<'x.grp.acpt'>>({ memberId: id }),
  'x.grp.link.inv': record<Of<'x.grp.link.inv'>>({ groupLinkInvitation }),
  'x.grp.link.reject': record<Of<'x.grp.link.reject'>>({ groupLinkRejection }),
  'x.grp.link.mem': record<Of<'x.grp.link.mem'>>({ profile, memberKey: lenient(text) }),
  'x.grp.link.acpt': record<Of<'x.grp.link.acpt'>>({ acceptance, role, memberId: id }),
  'x.grp.mem.new': record<Of<'x.grp.mem.new'>>({ memberInfo, scope: optional(messageScope) }),
  'x.grp.mem.intro': record<Of<'x.grp.mem.intro'>>({ memberInfo, memberRestrictions: optional(memberRestrictions) }),
  'x.grp.mem.inv': record<Of<'x.grp.mem.inv'>>({ memberId: id, memberIntro }),
  'x.grp.mem.fwd': record<Of<'x.grp.mem.fwd'>>({ memberInfo, memberIntro }),
  'x.grp.mem.info': record<Of<'x.grp.mem.info'>>({ memberId: id, profile }),
  'x.grp.mem.con': record<Of<'x.grp.mem.con'>>({ memberId: id }),
  'x.grp.mem.con.all': nothing,
  'x.grp.mem.role': record<Of<'x.grp.mem.role'>>({ memberId: id, role, memberKey: lenient(text) }),
  'x.grp.mem.restrict': record<Of<'x.grp.mem.restrict'>>({ memberId: id, memberRestrictions }),
  'x.grp.mem.del': record<Of<'x.grp.mem.del'>>({ memberId: id, messages: optional(flag) }),
  'x.grp.leave': nothing,
  'x.grp.del': nothing,
  'x.grp.info': record<Of<'x.grp.info'>>({ groupProfile }),
  'x.grp.prefs': record<Of<'x.grp.prefs'>>({ groupPreferences }),
  'x.grp.direct.inv': record<Of<'x.grp.direct.inv'>>({ connReq: text, content: optional(messageContent), scope: optional(messageScope) }),
  'x.grp.msg.forward': record<Of<'x.grp.msg.forward'>>({ memberId: optional(id), memberName: optional(text), msg: anyObject, msgTs: time }),
  'x.member': record<Of<'x.member'>>({ profile, newMemberId: id, newMemberKey: text, viaRelay: optional(id) }),
  'x.grp.relay.inv': record<Of<'x.grp.relay.inv'>>({ groupRelayInvitation }),
  'x.grp.relay.acpt': record<Of<'x.grp.relay.acpt'>>({ relayLink: text }),
  'x.grp.relay.reject': record<Of<'x.grp.relay.reject'>>({ reason: text }),
  'x.grp.relay.new': record<Of<'x.grp.relay.new'>>({ relayLink: text }),
};
