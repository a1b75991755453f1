/** What relays say of a channel's members, of themselves, and of other relays (directory §3.8). Nothing of it is signed but the last: it gives nobody a role or a right. */
import { isAtLeast, type MemberInfo } from '@polyplex/protocol-chat';
import { type GroupContext, type GroupHandler, type GroupHandlers, NOTHING_TO_CHANGE, type Outcome } from '../../dispatch/handlers.ts';
import { boundedMemberProfile } from '../../profiles.ts';
import type { Member } from '../../records/records.ts';
import { isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { newerVersions } from '../../versions.ts';
import { firstKey } from '../membership/proof.ts';
import { hasRoom } from '../membership/room.ts';
import { isLinkOwner } from './keys.ts';
import { plainRole } from './plain-role.ts';
import { addRelay } from './relays.ts';

function announced(step: Step, { group, author, via }: GroupContext, { memberInfo }: { readonly memberInfo: MemberInfo }): Outcome {
  if (via !== null || author.role !== 'relay') return 'a member announced by who is no relay';
  if (memberInfo.memberId === group.own.memberId) return 'we are introduced to ourselves';
  const known = step.memberById(group.groupId, memberInfo.memberId);
  if (known === undefined) return () => addPlain(step, author, memberInfo);
  if (isRemoved(known)) return cameBack(step, known, () => addPlain(step, author, memberInfo));
  return known.status === 'unknown' ? () => meet(step, known, memberInfo) : NOTHING_TO_CHANGE;
}

/** Whoever was an owner would be given its rights again, with a key that the relay says. */
function cameBack(step: Step, known: Member, change: () => void): Outcome {
  return known.role === 'relay' || isLinkOwner(step, known) ? 'a former owner or relay' : change;
}

function addPlain(step: Step, { groupId, memberNumber }: Member, { memberId, memberRole, memberKey, profile, v = { min: 1, max: 1 } }: MemberInfo): void {
  hasRoom(step, groupId);
  step.addMember({
    groupId, memberId, role: plainRole(memberRole), category: 'post', status: 'announced', profile: boundedMemberProfile(profile), versions: v, contactId: null,
    invitedBy: memberNumber, ...firstKey(undefined, memberKey),
  });
}

/** Known by the link, or by what it wrote: its role and key stay what they are. */
function meet(step: Step, before: Member, { memberRole: said, profile, v }: MemberInfo): void {
  const member = step.updateMember(before, {
    status: 'introduced', profile: boundedMemberProfile(profile), versions: v === undefined ? before.versions : newerVersions(before.versions, v),
  });
  if (before.role === 'owner') step.emit({ type: 'owner-announced', group: step.knownGroup(member.groupId), member, said });
}

const relayProfile: GroupHandler<'x.grp.link.mem'> = (step, { author, via }, { params }) =>
  (via === null && author.role === 'relay' ? () => void step.updateMember(author, { profile: boundedMemberProfile(params.profile) }) : 'a profile of who is no relay');

/** By the relay that we are connected to, of others. */
export const announcements: GroupHandlers = {
  'x.grp.mem.intro': (step, context, { params }) => announced(step, context, params),
  'x.grp.mem.new': (step, context, { params }) => announced(step, context, params),
  'x.grp.link.mem': relayProfile,
};

/** By an owner. */
export const newRelay: GroupHandler<'x.grp.relay.new'> = (step, { group, author }, { params: { relayLink } }) =>
  (isAtLeast(author.role, 'owner') ? () => addRelay(step, group.groupId, relayLink) : 'without the right to it');
