/** What a host says to those who joined by its link (directory §2.4). */
import type { GroupContext, GroupHandler, GroupHandlers, Outcome, Received } from '../../dispatch/handlers.ts';
import { boundedMemberProfile } from '../../profiles.ts';
import { isModerator, isPending } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { memberAccepted } from '../host/hooks.ts';

/** Who hosts the link: until then only its name was known, and it says so once. */
const hostProfile: GroupHandler<'x.grp.link.mem'> = (step, { group, author, via }, { params }) => {
  const isLinkHost = via === null && author.memberNumber === group.host && author.contactId === null;
  const isKnown = author.profile.fullName !== '' || author.profile.image !== undefined || author.profile.shortDescr !== undefined;
  if (!isLinkHost || isKnown) return 'a profile of who is no host, or is known';
  return () => void step.updateMember(author, { profile: boundedMemberProfile(params.profile) });
};

/** A member is let in: we, or one whom we may have to introduce. */
const acceptance: GroupHandler<'x.grp.link.acpt'> = (step, context, message) => {
  const { group, author, via } = context;
  if (via !== null || !isModerator(author)) return 'an acceptance without the right to it';
  return message.params.memberId === group.own.memberId ? accepted(step, context, message) : memberAccepted(step, context, message);
};

function accepted(step: Step, { group }: GroupContext, { params: { acceptance: as, role } }: Received<'x.grp.link.acpt'>): Outcome {
  if (!isPending(group.own)) return 'an acceptance of who is not pending';
  if (as === 'pending') return 'an acceptance that is none';
  if (as === 'pending_review') return () => void step.updateGroup(group.groupId, { own: { ...group.own, status: 'pending_review' } });
  return () => step.emit({ type: 'group-accepted', group: step.updateGroup(group.groupId, { own: { ...group.own, role, status: 'connected' } }) });
}

export const linkMessages: GroupHandlers = { 'x.grp.link.mem': hostProfile, 'x.grp.link.acpt': acceptance };
