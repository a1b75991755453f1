/** A contact invites us to a group (directory §2.3); again with another role or profile, as long as we have not answered. */
import { type EventParameters, isAtLeast } from '@polyplex/protocol-chat';
import { parseLink } from '@polyplex/protocol-agent';
import type { ContactHandler, InfoHandler } from '../../dispatch/handlers.ts';
import { ChatError } from '../../chat-error.ts';
import { textOf } from '../../compose.ts';
import { boundedGroupProfile, boundedMemberProfile } from '../../profiles.ts';
import { hashed } from '../../records/keys.ts';
import type { Contact, Group } from '../../records/records.ts';
import type { Step } from '../../step.ts';

/** Of one contact that wait for an answer: what comes after is passed over. */
const MAX_INVITATIONS = 50;

type Invitation = EventParameters['x.grp.inv']['groupInvitation'];

const invitationsOf = (contactId: number): string => `invitations/${String(contactId)}`;

export const groupInvitation: ContactHandler<'x.grp.inv'> = (step, contact, { params: { groupInvitation: invitation } }) => {
  const refusal = refused(invitation);
  if (refusal !== null) return refusal;
  const known = step.records.get('invitation', hashed(invitation.connRequest));
  const group = known === undefined ? undefined : step.group(known);
  if (group !== undefined) return again(step, contact, { group, invitation });
  if (step.records.counter(invitationsOf(contact.contactId)) >= MAX_INVITATIONS) return 'too many invitations';
  return () => invited(step, contact, invitation);
};

function refused({ fromMember, invitedMember, connRequest, business }: Invitation): string | null {
  if (business !== undefined) return 'an invitation to a business chat';
  if (fromMember.memberId === invitedMember.memberId) return 'an invitation by ourselves';
  if (!isAtLeast(fromMember.memberRole, 'admin') || !isAtLeast(fromMember.memberRole, invitedMember.memberRole)) return 'an invitation without the right to it';
  return parseLink(connRequest)?.mode === 'invitation' ? null : 'an invitation without a link';
}

function invited(step: Step, contact: Contact, { fromMember, invitedMember, connRequest, groupProfile }: Invitation): void {
  const { groupId } = step.addGroup({
    profile: boundedGroupProfile(groupProfile), own: { memberId: invitedMember.memberId, role: invitedMember.memberRole, status: 'invited' },
    host: null, connRequest, link: null,
  });
  const host = step.addMember({
    groupId, memberId: fromMember.memberId, role: fromMember.memberRole, category: 'host', status: 'invited', profile: boundedMemberProfile(contact.profile),
    versions: contact.versions, contactId: contact.contactId, invitedBy: null,
  });
  const group = step.updateGroup(groupId, { host: host.memberNumber });
  step.records.put('invitation', hashed(connRequest), groupId);
  step.records.add(invitationsOf(contact.contactId), 1);
  step.emit({ type: 'group-invitation', contact, group, fromRole: host.role, isRepeat: false });
}

/** The same link: another role of ours, or of who invites. */
function again(step: Step, contact: Contact, { group, invitation: { fromMember, invitedMember, groupProfile } }: { readonly group: Group; readonly invitation: Invitation }): string | (() => void) {
  const host = group.host === null ? undefined : step.member(group.groupId, group.host);
  if (host?.contactId !== contact.contactId || host.memberId !== fromMember.memberId) return 'somebody else repeats an invitation';
  if (group.own.status !== 'invited' || group.own.memberId !== invitedMember.memberId) return 'an invitation that was answered';
  return () => {
    const { role } = step.updateMember(host, { role: fromMember.memberRole });
    const changed = step.updateGroup(group.groupId, { profile: boundedGroupProfile(groupProfile), own: { ...group.own, role: invitedMember.memberRole } });
    step.emit({ type: 'group-invitation', contact, group: changed, fromRole: role, isRepeat: true });
  };
}

/** Throws UNKNOWN, or PROHIBITED where there is none that waits. */
export function acceptInvitation(step: Step, groupId: number): void {
  const group = step.knownGroup(groupId);
  if (group.own.status !== 'invited' || group.host === null || group.connRequest === null) throw new ChatError('PROHIBITED', 'there is no invitation that waits');
  step.updateGroup(groupId, { own: { ...group.own, status: 'accepted' } });
  const host = step.updateMember({ groupId, memberNumber: group.host }, { status: 'accepted' });
  const info = textOf({ event: 'x.grp.acpt', params: { memberId: group.own.memberId } });
  step.addTask({ do: 'join', link: group.connRequest, owner: { type: 'member', groupId, memberNumber: host.memberNumber }, info, postQuantum: false });
  if (host.contactId !== null) step.records.add(invitationsOf(host.contactId), -1);
}

/** Nobody is told. */
export function declineInvitation(step: Step, groupId: number): void {
  const { own, host } = step.knownGroup(groupId);
  const contactId = host === null ? null : step.knownMember(groupId, host).contactId;
  if (contactId !== null) step.records.add(invitationsOf(contactId), -1);
  step.updateGroup(groupId, { own: { ...own, status: 'left' } });
}

/** It could not be joined: who invites may send it again. */
export function joinFailed(step: Step, groupId: number, reason: string): void {
  const group = step.group(groupId);
  if (group?.own.status !== 'accepted' || group.host === null) return;
  const host = step.updateMember({ groupId, memberNumber: group.host }, { status: 'invited' });
  if (host.contactId !== null) step.records.add(invitationsOf(host.contactId), 1);
  step.emit({ type: 'group-join-failed', group: step.updateGroup(groupId, { own: { ...group.own, status: 'invited' } }), reason });
}

/** The host has let us in; more is not said there. */
export const hostAnswered: InfoHandler<'x.ok'> = (step, { owner }, { versions }) => {
  const host = owner.type === 'member' ? step.member(owner.groupId, owner.memberNumber) : undefined;
  return host?.category === 'host' ? () => void step.updateMember(host, { versions }) : 'an answer of who is no host';
};

