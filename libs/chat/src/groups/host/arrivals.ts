/** Members on their way in (directory §2.4): who joined by our link, and contacts whom we invited; from the answer to the handshake to the introduction. */
import type { SentEvent } from '@polyplex/protocol-chat';
import { supports } from '@polyplex/protocol-chat';
import { infoOf, outgoing } from '../../compose.ts';
import type { ConfirmationHandler, ConfirmationHandlers, Handshake, InfoHandler, InfoHandlers } from '../../dispatch/handlers.ts';
import { endHalfOpen } from '../../limits/half-open.ts';
import { boundedMemberProfile, ownMemberProfile } from '../../profiles.ts';
import type { Group, Member, MemberStatus } from '../../records/records.ts';
import { isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { sendNow, tellMember } from '../send.ts';
import { flushWaiting, forgetWaitingContent } from './flush.ts';
import { forgetMember } from './forget.ts';
import { beginIntroduction, getsHistory } from './introduction-task.ts';

function invitee(step: Step, { owner }: Handshake): Member | undefined {
  const member = owner.type === 'member' ? step.member(owner.groupId, owner.memberNumber) : undefined;
  return member?.category === 'invitee' ? member : undefined;
}

/** Of who joined by our link. Who was rejected knows it now, and its connection and record go. */
const takeProfile: InfoHandler<'x.info'> = (step, handshake, { params: { profile }, versions }) => {
  const member = invitee(step, handshake);
  if (member === undefined) return 'a profile that is not expected';
  if (member.status === 'rejected') {
    return () => {
      step.drop(handshake.connectionId);
      forgetMember(step, member);
    };
  }
  if (isRemoved(member)) return 'an answer of who was removed';
  return () => {
    step.updateMember(member, { profile: boundedMemberProfile(profile), versions });
  };
};

/** A contact takes our invitation. */
const takeAcceptedInvitation: ConfirmationHandler<'x.grp.acpt'> = (step, handshake, { params: { memberId }, versions }) => {
  const member = invitee(step, handshake);
  if (member?.status !== 'invited' || member.memberId !== memberId) return 'an invitation accepted by another';
  return () => {
    step.agent.allow(handshake.offerId, infoOf({ event: 'x.ok', params: {} }, false));
    step.updateMember(member, { status: 'accepted', versions });
  };
};

export const arrivalInfos: InfoHandlers = { 'x.info': takeProfile };
export const arrivalConfirmations: ConfirmationHandlers = { 'x.grp.acpt': takeAcceptedInvitation };

/** The connection of who joined by our link or invitation is there, and stored as ready. */
export function inviteeConnected(step: Step, member: Member): void {
  const group = step.group(member.groupId);
  if (group === undefined || isRemoved(group.own)) return;
  endHalfOpen(step, { groupId: member.groupId, number: member.memberNumber, createdAt: member.createdAt });
  if (member.contactId === null) connectedByLink(step, group, member);
  else if (member.status === 'accepted') comesIn(step, member);
}

function connectedByLink(step: Step, group: Group, member: Member): void {
  // Nothing of what waits may come before it: it is how the host is known.
  sendNow(step, member, outgoing({ event: 'x.grp.link.mem', params: { profile: ownMemberProfile(step, group) } }));
  if (member.status === 'accepted') comesIn(step, member);
  if (member.status === 'pending_review') beginReview(step, member);
  if (member.status === 'pending_approval') flushWaiting(step, member);
  const joined = step.knownMember(member.groupId, member.memberNumber);
  step.emit({ type: 'link-joined', group: step.knownGroup(group.groupId), member: joined });
}

function comesIn(step: Step, before: Member): void {
  const member = step.updateMember(before, { status: 'connected' });
  if (getsHistory(step.knownGroup(member.groupId), member)) forgetWaitingContent(step, member);
  flushWaiting(step, member);
  beginIntroduction(step, member, 'all');
  if (member.contactId !== null) step.emit({ type: 'member-connected', group: step.knownGroup(member.groupId), member });
}

/** Waits for moderators from now on, and is told so. */
export function beginReview(step: Step, member: Member): void {
  const waiting = setStatus(step, member, 'pending_review');
  const { memberId, role, versions } = waiting;
  tellMember(step, waiting, supports(versions, 'knocking') ? { event: 'x.grp.link.acpt', params: { acceptance: 'pending_review', role, memberId } } : REVIEW_NOTICE, step.newId());
  beginIntroduction(step, waiting, 'moderators');
}

/** Who was waiting is a member from now on. */
export function endWaiting(step: Step, before: Member, { role, isTold }: { readonly role: Member['role']; readonly isTold: boolean }): Member {
  const member = step.updateMember(before, { status: 'connected', role });
  if (isTold) tellMember(step, member, { event: 'x.grp.link.acpt', params: { acceptance: 'accepted', role, memberId: member.memberId } });
  beginIntroduction(step, member, 'all');
  return member;
}

function setStatus(step: Step, member: Member, status: MemberStatus): Member {
  return member.status === status ? member : step.updateMember(member, { status });
}

/** For those who know no pending review. */
const REVIEW_NOTICE: SentEvent = {
  event: 'x.msg.new', params: { content: { type: 'text', text: 'The administrators of the group review who joins. Please wait.' } },
};
