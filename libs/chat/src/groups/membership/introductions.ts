/**
 * Members we are introduced to (directory §2.3): those who were there before us get an invitation of ours through the host; those who come after us
 * send one, which we join.
 */
import { isAtLeast, type MemberInfo, supports } from '@polyplex/protocol-chat';
import { parseLink } from '@polyplex/protocol-agent';
import type { VersionRange } from '@polyplex/protocol-common';
import { infoOf, textOf } from '../../compose.ts';
import type { ConfirmationHandler, GroupHandler, GroupHandlers, Handshake, InfoHandler, Outcome, Received } from '../../dispatch/handlers.ts';
import { boundedMemberProfile, ownMemberProfile } from '../../profiles.ts';
import type { Group, Member } from '../../records/records.ts';
import type { NewMember, Step } from '../../step.ts';
import { newerVersions } from '../../versions.ts';
import { firstKey } from './proof.ts';
import { hasRoom } from './room.ts';

const ANNOUNCED_BY: VersionRange = { min: 1, max: 1 };

/** Whether who says it may bring such a member in. */
function mayBring({ role }: Member, info: MemberInfo): boolean {
  return isAtLeast(role, 'admin') && isAtLeast(role, info.memberRole);
}

function memberFields({ memberRole: role, v, profile }: MemberInfo): Pick<NewMember, 'role' | 'profile' | 'versions'> {
  return { role, profile: boundedMemberProfile(profile), versions: v ?? ANNOUNCED_BY };
}

/** A new member, or one of whom only messages were seen. Throws PROHIBITED where there is no room. */
function bring(step: Step, { groupId }: Group, info: MemberInfo, fields: Pick<NewMember, 'category' | 'status' | 'invitedBy'> & Partial<Pick<NewMember, 'isBlocked'>>): Member {
  const known = step.memberById(groupId, info.memberId);
  const key = firstKey(known, info.memberKey);
  if (known !== undefined) return step.updateMember(known, { ...memberFields(info), ...fields, ...key });
  hasRoom(step, groupId);
  return step.addMember({ groupId, memberId: info.memberId, contactId: null, ...memberFields(info), ...fields, ...key });
}

/** Why the member is not new; null: it is. */
function notNew(step: Step, { groupId, own }: Group, { memberId }: MemberInfo): string | null {
  if (memberId === own.memberId) return 'we are introduced to ourselves';
  const known = step.memberById(groupId, memberId);
  return known === undefined || known.status === 'unknown' ? null : 'a member that is known';
}

/** By the host, to us as the newcomer. */
const introduced: GroupHandler<'x.grp.mem.intro'> = (step, { group, author, via }, { params: { memberInfo, memberRestrictions } }) => {
  if (via !== null || author.memberNumber !== group.host || !isAtLeast(author.role, 'admin')) return 'an introduction by who is no host';
  if (!supports(memberInfo.v ?? ANNOUNCED_BY, 'memberConnections')) return 'an introduction to who cannot be reached';
  const refusal = notNew(step, group, memberInfo);
  if (refusal !== null) return refusal;
  return () => {
    const { groupId, memberNumber } = bring(step, group, memberInfo, {
      category: 'pre', status: 'introduced', invitedBy: author.memberNumber, isBlocked: memberRestrictions?.restriction === 'blocked',
    });
    step.addTask({ do: 'invite', owner: { type: 'member', groupId, memberNumber }, contactId: null });
  };
};

/** Somebody new, who will be introduced to us. */
const announced: GroupHandler<'x.grp.mem.new'> = (step, { group, author }, { params: { memberInfo, scope } }) => {
  if (!mayBring(author, memberInfo)) return 'a new member by who may not bring it';
  const refusal = notNew(step, group, memberInfo);
  if (refusal !== null) return refusal;
  return () => void bring(step, group, memberInfo, { category: 'post', status: scope === undefined ? 'announced' : 'pending_review', invitedBy: author.memberNumber });
};

/** The newcomer's invitation for us. It may come before its announcement. */
const forwarded: GroupHandler<'x.grp.mem.fwd'> = (step, { group, author, via }, { params: { memberInfo, memberIntro: { groupConnReq } } }) => {
  if (via !== null || !mayBring(author, memberInfo)) return 'a new member by who may not bring it';
  const known = step.memberById(group.groupId, memberInfo.memberId);
  const isExpected = known !== undefined && known.connectionId === null && (known.status === 'announced' || known.status === 'pending_review');
  const refusal = isExpected ? null : notNew(step, group, memberInfo);
  if (refusal !== null) return refusal;
  if (parseLink(groupConnReq)?.mode !== 'invitation') return 'a new member without an invitation';
  return () => joinMember(step, group, { author, memberInfo, known: isExpected ? known : undefined, link: groupConnReq });
};

function joinMember(step: Step, group: Group, { author, memberInfo, known, link }: {
  readonly author: Member; readonly memberInfo: MemberInfo; readonly known: Member | undefined; readonly link: string;
}): void {
  const status = known?.status === 'pending_review' ? 'pending_review' : 'accepted';
  const member = known === undefined
    ? bring(step, group, memberInfo, { category: 'post', status, invitedBy: author.memberNumber })
    : step.updateMember(known, { status, invitedBy: author.memberNumber, versions: newerVersions(known.versions, memberInfo.v ?? ANNOUNCED_BY) });
  const info = textOf({ event: 'x.grp.mem.info', params: { memberId: group.own.memberId, profile: ownMemberProfile(step, group) } });
  step.addTask({ do: 'join', link, owner: { type: 'member', groupId: group.groupId, memberNumber: member.memberNumber }, info, postQuantum: false });
}

export const introductions: GroupHandlers = { 'x.grp.mem.intro': introduced, 'x.grp.mem.new': announced, 'x.grp.mem.fwd': forwarded };

function metMember(step: Step, { owner }: Handshake, { params: { memberId } }: Received<'x.grp.mem.info'>): { readonly group: Group; readonly member: Member } | null {
  if (owner.type !== 'member') return null;
  const group = step.group(owner.groupId);
  const member = step.member(owner.groupId, owner.memberNumber);
  return group === undefined || member?.memberId !== memberId ? null : { group, member };
}

function known(step: Step, member: Member, { params: { profile }, versions }: Received<'x.grp.mem.info'>): void {
  step.updateMember(member, { profile: boundedMemberProfile(profile), versions: newerVersions(member.versions, versions) });
}

/** Who took the invitation that we sent through the host. */
export const memberConfirmed: ConfirmationHandler<'x.grp.mem.info'> = (step, handshake, message): Outcome => {
  const met = metMember(step, handshake, message);
  if (met?.member.category !== 'pre') return 'somebody else takes an invitation for a member';
  return () => {
    known(step, met.member, message);
    const profile = ownMemberProfile(step, met.group);
    step.agent.allow(handshake.offerId, infoOf({ event: 'x.grp.mem.info', params: { memberId: met.group.own.memberId, profile } }, false));
  };
};

/** Whose invitation we took. */
export const memberInformed: InfoHandler<'x.grp.mem.info'> = (step, handshake, message): Outcome => {
  const met = metMember(step, handshake, message);
  return met?.member.category === 'post' ? () => known(step, met.member, message) : 'somebody else is who invites us';
};

