/** A contact into a group of ours (directory §2.3, §2.4): an invitation by its own connection, which is sent again with another role until it is taken. */
import { isAtLeast, MAX_POST_QUANTUM_MESSAGE_BYTES, type Role, type SentEvent } from '@polyplex/protocol-chat';
import { ChatError } from '../../chat-error.ts';
import { tellContact } from '../../contacts/send.ts';
import { boundedMemberProfile } from '../../profiles.ts';
import { keyOf } from '../../records/keys.ts';
import type { Group, Member } from '../../records/records.ts';
import { isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { withGroupProfile } from './member-info.ts';

/** Throws UNKNOWN, or PROHIBITED for who is a member, and where we may not. */
export function inviteContact(step: Step, groupId: number, { contactId, role }: { readonly contactId: number; readonly role: Role }): void {
  const group = step.knownGroup(groupId);
  const { status, profile, versions } = step.knownContact(contactId);
  if (status !== 'ready') throw new ChatError('PROHIBITED', 'the contact is not there');
  if (isRemoved(group.own) || !isAtLeast(group.own.role, 'admin') || !isAtLeast(group.own.role, role)) throw new ChatError('PROHIBITED', 'not in our role');
  const before = memberOf(step, groupId, contactId);
  if (before !== undefined && !isRemoved(before)) return inviteAgain(step, before, role);
  const member = step.addMember({
    groupId, memberId: step.newId(), role, category: 'invitee', status: 'invited', profile: boundedMemberProfile(profile), versions, contactId, invitedBy: null,
  });
  step.records.put('member-of', keyOf(groupId, contactId), member.memberNumber);
  step.addTask({ do: 'invite', owner: { type: 'member', groupId, memberNumber: member.memberNumber }, contactId });
}

function memberOf(step: Step, groupId: number, contactId: number): Member | undefined {
  const number = step.records.get('member-of', keyOf(groupId, contactId));
  return number === undefined ? undefined : step.member(groupId, number);
}

function inviteAgain(step: Step, before: Member, role: Role): void {
  if (before.status !== 'invited') throw new ChatError('PROHIBITED', 'the contact is a member');
  const member = step.updateMember(before, { role });
  const link = step.records.get('invited', keyOf(member.groupId, member.memberNumber));
  // Where there is none yet, it will be sent with this role.
  if (link !== undefined) sendInvitation(step, member, link);
}

/** In the step that stores the member's connection: its invitation is there. */
export function invitationMade(step: Step, { groupId, memberNumber }: Pick<Member, 'groupId' | 'memberNumber'>, link: string): void {
  const member = step.member(groupId, memberNumber);
  if (member?.status !== 'invited') return;
  step.records.put('invited', keyOf(groupId, memberNumber), link);
  sendInvitation(step, member, link);
}

function sendInvitation(step: Step, member: Member, connRequest: string): void {
  const group = step.group(member.groupId);
  const contact = member.contactId === null ? undefined : step.contact(member.contactId);
  if (group === undefined || contact === undefined || contact.status === 'deleted') return;
  tellContact(step, contact, invitation(group, member, connRequest));
}

function invitation({ profile, own, currentMembers: groupSize }: Group, { memberId, role: memberRole }: Member, connRequest: string): SentEvent {
  const fromMember = { memberId: own.memberId, memberRole: own.role };
  return withGroupProfile(profile, MAX_POST_QUANTUM_MESSAGE_BYTES, (groupProfile) => ({
    event: 'x.grp.inv', params: { groupInvitation: { fromMember, invitedMember: { memberId, memberRole }, connRequest, groupProfile, groupSize } },
  }));
}
