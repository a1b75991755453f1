/** What those who may say of a group and its members (directory §2.5). Who may not is passed over, whatever it says. */
import { type GroupProfile, isAtLeast, type Role } from '@polyplex/protocol-chat';
import { type GroupContext, type GroupHandler, type GroupHandlers, NOTHING_TO_CHANGE, type Outcome } from '../../dispatch/handlers.ts';
import { boundedGroupProfile, boundedMemberProfile, sameValue } from '../../profiles.ts';
import type { Member, OwnMembership } from '../../records/records.ts';
import { isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { endGroup, endMember } from './ending.ts';

/** Whether somebody in `author`'s role may do to one in `role` what takes `least`. */
function mayRule({ role: own }: Member, least: Role, role: Role): boolean {
  return isAtLeast(own, least) && isAtLeast(own, role);
}

/** Not ourselves. */
function isMember(target: Member | OwnMembership): target is Member {
  return 'memberNumber' in target;
}

const NO_RIGHT = 'without the right to it';

const role: GroupHandler<'x.grp.mem.role'> = (step, { group, author }, { params }) => {
  const target = params.memberId === group.own.memberId ? group.own : step.memberById(group.groupId, params.memberId);
  if (target === undefined || isRemoved(target)) return 'the role of somebody unknown';
  if (!mayRule(author, 'admin', target.role) || !isAtLeast(author.role, params.role)) return NO_RIGHT;
  if (target.role === params.role) return NOTHING_TO_CHANGE;
  return isMember(target)
    ? () => memberRole(step, author, { member: target, role: params.role })
    : () => step.emit({ type: 'own-role', group: step.updateGroup(group.groupId, { own: { ...group.own, role: params.role } }), from: target.role, by: author });
};

function memberRole(step: Step, by: Member, { member, role: to }: { readonly member: Member; readonly role: Role }): void {
  const changed = step.updateMember(member, { role: to });
  step.emit({ type: 'member-role', group: step.knownGroup(member.groupId), member: changed, from: member.role, by: by.memberNumber === member.memberNumber ? changed : by });
}

const restrict: GroupHandler<'x.grp.mem.restrict'> = (step, { group, author }, { params: { memberId, memberRestrictions } }) => {
  if (memberId === group.own.memberId) return 'a restriction of ourselves';
  const target = step.memberById(group.groupId, memberId);
  if (target === undefined) return 'a restriction of somebody unknown';
  if (target.memberNumber === author.memberNumber || !mayRule(author, 'moderator', target.role)) return NO_RIGHT;
  if (memberRestrictions.restriction === 'unknown') return 'a restriction that is not known';
  return () => void step.updateMember(target, { isBlocked: memberRestrictions.restriction === 'blocked' });
};

const remove: GroupHandler<'x.grp.mem.del'> = (step, { group, author }, { params: { memberId } }) => {
  const isOwn = memberId === group.own.memberId;
  const target = isOwn ? group.own : step.memberById(group.groupId, memberId);
  if (target === undefined || isRemoved(target)) return 'the removal of somebody unknown';
  if (!mayRule(author, 'admin', target.role)) return NO_RIGHT;
  if (!isMember(target)) return () => step.emit({ type: 'own-removed', group: endGroup(step, group, { status: 'removed' }), by: author });
  return () => {
    const member = endMember(step, target, 'removed');
    step.emit({ type: 'member-removed', group: step.knownGroup(group.groupId), member, by: author });
  };
};

const leave: GroupHandler<'x.grp.leave'> = (step, { author }) => () => {
  const member = endMember(step, author, 'left');
  step.emit({ type: 'member-left', group: step.knownGroup(author.groupId), member });
};

const deleteGroup: GroupHandler<'x.grp.del'> = (step, { group, author }) =>
  isAtLeast(author.role, 'owner') ? () => step.emit({ type: 'group-deleted', group: endGroup(step, group, { status: 'deleted' }), by: author }) : NO_RIGHT;

function updateGroup(step: Step, { group, author }: GroupContext, profile: GroupProfile): Outcome {
  if (!isAtLeast(author.role, 'owner')) return NO_RIGHT;
  if (sameValue(profile, group.profile)) return NOTHING_TO_CHANGE;
  return () => step.emit({ type: 'group-updated', group: step.updateGroup(group.groupId, { profile }), from: group.profile, by: author });
}

const info: GroupHandler<'x.grp.info'> = (step, context, { params: { groupProfile } }) => updateGroup(step, context, boundedGroupProfile(groupProfile));

const preferences: GroupHandler<'x.grp.prefs'> = (step, context, { params: { groupPreferences } }) =>
  updateGroup(step, context, { ...context.group.profile, groupPreferences });

const memberProfile: GroupHandler<'x.info'> = (step, { author }, { params }) => {
  const profile = boundedMemberProfile(params.profile);
  if (sameValue(profile, author.profile)) return NOTHING_TO_CHANGE;
  return () => {
    const member = step.updateMember(author, { profile });
    step.emit({ type: 'member-updated', group: step.knownGroup(author.groupId), member, from: author.profile });
  };
};

export const administration: GroupHandlers = {
  'x.grp.mem.role': role,
  'x.grp.mem.restrict': restrict,
  'x.grp.mem.del': remove,
  'x.grp.leave': leave,
  'x.grp.del': deleteGroup,
  'x.grp.info': info,
  'x.grp.prefs': preferences,
  'x.info': memberProfile,
};
