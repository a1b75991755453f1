/** Who waits to be let in, is (directory §2.4): by the application of the host, or by moderators who review. */
import { isAtLeast, type Role } from '@polyplex/protocol-chat';
import { ChatError } from '../../chat-error.ts';
import type { GroupContext, Outcome, Received } from '../../dispatch/handlers.ts';
import type { Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';
import { tellGroup, tellMember } from '../send.ts';
import { beginReview, endWaiting } from './arrivals.ts';
import { isReviewed } from './join-requests.ts';

/**
 * Of a member that joined by our link and waits for approval: it comes in, or, where members review who joins, waits for them. As moderator also of
 * one that waits for review. Throws UNKNOWN or PROHIBITED.
 */
export function approveMember(step: Step, groupId: number, { memberNumber, role }: { readonly memberNumber: number; readonly role: Role }): void {
  const group = step.knownGroup(groupId);
  const member = step.knownMember(groupId, memberNumber);
  if (!isAtLeast(group.own.role, 'moderator') || !isAtLeast(group.own.role, role)) throw new ChatError('PROHIBITED', 'members are let in by moderators');
  if (member.status === 'pending_review') return acceptReviewed(step, member, role);
  if (member.status !== 'pending_approval' || !member.isReady) throw new ChatError('PROHIBITED', 'the member does not wait for approval');
  if (isReviewed(group)) return beginReview(step, step.updateMember(member, { role }));
  endWaiting(step, member, { role, isTold: true });
}

/** The other moderators are told, and among them who hosts it. */
function acceptReviewed(step: Step, member: Member, role: Role): void {
  const { groupId, memberId } = member;
  const event = { event: 'x.grp.link.acpt', params: { acceptance: 'accepted', role, memberId } } as const;
  tellGroup(step, { groupId }, event, { to: ({ isCurrent, isModerator, takesReviews }) => isCurrent && isModerator && takesReviews });
  if (member.category === 'invitee') return void endWaiting(step, member, { role, isTold: true });
  tellMember(step, member, event);
  step.updateMember(member, { status: member.isReady ? 'connected' : 'announced', role });
}

/** `x.grp.link.acpt` about another member, from a moderator. Where we host it, the rest of the group hears of it now. */
export function memberAccepted(step: Step, { author, via }: GroupContext, { params: { acceptance, role, memberId } }: Received<'x.grp.link.acpt'>): Outcome {
  const member = step.memberById(author.groupId, memberId);
  if (via !== null || !isAtLeast(author.role, 'moderator') || !isAtLeast(author.role, role)) return 'an acceptance by who is no moderator';
  if (member?.status !== 'pending_review' || acceptance !== 'accepted') return 'an acceptance of who does not wait';
  return () => {
    const accepted = member.category === 'invitee'
      ? endWaiting(step, member, { role, isTold: false })
      : step.updateMember(member, { status: member.isReady ? 'connected' : 'announced', role });
    step.emit({ type: 'member-connected', group: step.knownGroup(author.groupId), member: accepted });
  };
}
