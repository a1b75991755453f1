/** What we do to groups as their owner, admin or moderator (directory §2.5): sent to the members, and done here. All throw `ChatError`, having changed nothing. */
import { type GroupProfile, isAtLeast, type Role, type SentEvent } from '@polyplex/protocol-chat';
import { ChatError } from '../../chat-error.ts';
import { outgoing } from '../../compose.ts';
import type { Group, Member } from '../../records/records.ts';
import { isActive, isCurrent, isPending } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { forgetContent } from '../host/hooks.ts';
import { endGroup, endMember } from '../membership/ending.ts';
import { declineInvitation } from '../membership/invited.ts';
import { sendToMember, tellGroup, tellMember } from '../send.ts';

/** A group that we are in, in `least` role or more. */
function groupAs(step: Step, groupId: number, least: Role): Group {
  const group = step.knownGroup(groupId);
  if (!isActive(group.own) || isPending(group.own)) throw new ChatError('PROHIBITED', 'we are not in the group');
  if (!isAtLeast(group.own.role, least)) throw new ChatError('PROHIBITED', 'our role does not allow it');
  return group;
}

function ruled({ own }: Group, { role }: Member): void {
  if (!isAtLeast(own.role, role)) throw new ChatError('PROHIBITED', 'the member is above us');
}

export function createGroup(step: Step, profile: GroupProfile): Group {
  return step.addGroup({ profile, own: { memberId: step.newId(), role: 'owner', status: 'creator' }, host: null, connRequest: null, link: null });
}

export function setGroupProfile(step: Step, groupId: number, profile: GroupProfile): void {
  const group = groupAs(step, groupId, 'owner');
  tellGroup(step, group, { event: 'x.grp.info', params: { groupProfile: profile } }, { to: () => true });
  step.updateGroup(groupId, { profile });
}

export function setMemberRole(step: Step, { groupId, memberNumber }: Pick<Member, 'groupId' | 'memberNumber'>, role: Role): void {
  const group = groupAs(step, groupId, 'admin');
  const member = step.knownMember(groupId, memberNumber);
  ruled(group, member);
  if (!isCurrent(member) || !isAtLeast(group.own.role, role)) throw new ChatError('PROHIBITED', 'the member cannot be given that role');
  tellGroup(step, group, { event: 'x.grp.mem.role', params: { memberId: member.memberId, role } });
  step.updateMember(member, { role });
}

/** Of who only waits, none but moderators are told, if they review it. */
export function removeMember(step: Step, groupId: number, memberNumber: number): void {
  const group = groupAs(step, groupId, 'admin');
  const member = step.knownMember(groupId, memberNumber);
  ruled(group, member);
  const event: SentEvent = { event: 'x.grp.mem.del', params: { memberId: member.memberId } };
  if (member.status === 'pending_review') tellGroup(step, group, event, { to: (entry) => entry.isCurrent && entry.isModerator, except: [memberNumber] });
  if (!isCurrent(member)) tellIfReady(step, member, event);
  else {
    const msgId = tellGroup(step, group, event, { except: [memberNumber] });
    if (member.isReady) sendToMember(step, member, outgoing(event, msgId));
  }
  endMember(step, member, 'removed');
}

function tellIfReady(step: Step, member: Member, event: SentEvent): void {
  if (member.isReady) tellMember(step, member, event, step.newId());
}

export function blockMember(step: Step, { groupId, memberNumber }: Pick<Member, 'groupId' | 'memberNumber'>, isBlocked: boolean): void {
  const group = groupAs(step, groupId, 'moderator');
  const member = step.knownMember(groupId, memberNumber);
  ruled(group, member);
  const restriction = isBlocked ? 'blocked' : 'unrestricted';
  tellGroup(step, group, { event: 'x.grp.mem.restrict', params: { memberId: member.memberId, memberRestrictions: { restriction } } }, { except: [memberNumber] });
  step.updateMember(member, { isBlocked });
}

export function moderateMessage(step: Step, { groupId, memberNumber }: Pick<Member, 'groupId' | 'memberNumber'>, msgId: string): void {
  const group = groupAs(step, groupId, 'moderator');
  const member = step.knownMember(groupId, memberNumber);
  ruled(group, member);
  tellGroup(step, group, { event: 'x.msg.del', params: { msgId, memberId: member.memberId } });
  forgetContent(step, { groupId, author: member, msgId });
}

/** Nothing where we are not in it any more; an invitation that waits is not taken then. */
export function leaveGroup(step: Step, groupId: number): void {
  const { own } = step.knownGroup(groupId);
  if (own.status === 'invited') return declineInvitation(step, groupId);
  if (isActive(own) || own.status === 'accepted') endGroup(step, { groupId }, { status: 'left', farewell: outgoing({ event: 'x.grp.leave', params: {} }, step.newId()) });
}

export function deleteGroup(step: Step, groupId: number): void {
  const group = groupAs(step, groupId, 'owner');
  endGroup(step, group, { status: 'deleted', farewell: outgoing({ event: 'x.grp.del', params: {} }, step.newId()) });
}
