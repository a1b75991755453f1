/** We join a group by its link (directory §2.4, from the joiner's side): we ask there, and whoever hosts it answers, with an invitation or a refusal. */
import { type EventParameters, type GroupProfile, isAtLeast, type MemberIdRole } from '@polyplex/protocol-chat';
import { infoOf } from '../../compose.ts';
import type { ConfirmationHandler } from '../../dispatch/handlers.ts';
import { boundedGroupProfile, ownMemberProfile } from '../../profiles.ts';
import type { Group, Member, MemberStatus } from '../../records/records.ts';
import type { Step } from '../../step.ts';

/** Until the host says who we are. */
const NOBODY = { memberId: '', role: 'unknown', status: 'unknown' } as const;

/** What the link tells of the group is all that is known of it, if it tells anything. */
export function joining(step: Step, connectionId: string, profile: GroupProfile | null): Group {
  const group = step.addGroup({ profile: boundedGroupProfile(profile ?? { displayName: '', fullName: '' }), own: NOBODY, host: null, connRequest: null, link: null });
  step.own(connectionId, { type: 'joining', groupId: group.groupId });
  return group;
}

const STATUS = { accepted: 'accepted', pending: 'pending_approval', pending_review: 'pending_review' } as const satisfies Record<string, MemberStatus>;

export const linkInvitation: ConfirmationHandler<'x.grp.link.inv'> = (step, { owner, offerId, connectionId }, { params: { groupLinkInvitation }, versions }) => {
  const { fromMember, invitedMember, accepted = 'accepted', business } = groupLinkInvitation;
  const group = owner.type === 'joining' ? step.group(owner.groupId) : undefined;
  if (group?.own.status !== 'unknown') return 'an invitation that was not asked for';
  if (business !== undefined) return 'an invitation to a business chat';
  if (!isAtLeast(fromMember.memberRole, 'admin') || fromMember.memberId === invitedMember.memberId) return 'an invitation without the right to it';
  return () => {
    const own = { memberId: invitedMember.memberId, role: invitedMember.memberRole, status: STATUS[accepted] };
    const host = addHost(step, group, { fromMember, connectionId, name: groupLinkInvitation.fromMemberName, versions });
    const joined = step.updateGroup(group.groupId, { own, host: host.memberNumber, profile: boundedGroupProfile(groupLinkInvitation.groupProfile) });
    step.agent.allow(offerId, infoOf({ event: 'x.info', params: { profile: ownMemberProfile(step, joined) } }, false));
  };
};

function addHost(step: Step, { groupId }: Group, { fromMember, connectionId, name, versions }: {
  readonly fromMember: MemberIdRole; readonly connectionId: string; readonly name: string; readonly versions: Member['versions'];
}): Member {
  return step.addMember({
    groupId, memberId: fromMember.memberId, role: fromMember.memberRole, category: 'host', status: 'accepted', profile: { displayName: name, fullName: '' }, versions,
    contactId: null, invitedBy: null, connectionId,
  });
}

/** The host ends its side when it has our answer. */
export const linkRejection: ConfirmationHandler<'x.grp.link.reject'> = (step, { owner, offerId, connectionId }, { params: { groupLinkRejection } }) => {
  const group = owner.type === 'joining' ? step.group(owner.groupId) : undefined;
  if (group?.own.status !== 'unknown') return 'a refusal that was not asked for';
  return () => {
    step.agent.allow(offerId, infoOf({ event: 'x.info', params: { profile: ownMemberProfile(step, group) } }, false));
    step.drop(connectionId);
    const rejected = step.updateGroup(group.groupId, { own: rejectedOwn(groupLinkRejection), profile: boundedGroupProfile(groupLinkRejection.groupProfile) });
    step.emit({ type: 'group-join-rejected', group: rejected, reason: groupLinkRejection.rejectionReason });
  };
};

function rejectedOwn({ invitedMember }: EventParameters['x.grp.link.reject']['groupLinkRejection']): Group['own'] {
  return { memberId: invitedMember.memberId, role: invitedMember.memberRole, status: 'rejected' };
}
