/** The end of a membership, ours or another's (directory §2.5). */
import type { Group, Member, MemberStatus, OutgoingMessage } from '../../records/records.ts';
import { connectedIn } from '../../records/roster.ts';
import type { Step } from '../../step.ts';
import { forgetWaiting } from '../../waiting.ts';
import { groupEnded, memberEnded } from '../host/hooks.ts';
import { forgetChannel } from '../channels/keys.ts';
import { sendToMembers } from '../send.ts';

type Ended = Extract<MemberStatus, 'removed' | 'left' | 'deleted' | 'rejected'>;

/** The member's connection goes when what was sent before has left. */
export function endMember(step: Step, member: Member, status: Ended): Member {
  const { groupId, memberNumber, connectionId } = member;
  forgetWaiting(step, { groupId, number: memberNumber });
  step.drop(connectionId);
  const ended = step.updateMember(member, { status, connectionId: null, isReady: false });
  memberEnded(step, member);
  return ended;
}

/** We are out; the group is remembered. Its connections go, by and by, after `farewell` where there is one. */
export function endGroup(step: Step, { groupId }: Pick<Group, 'groupId'>, { status, farewell = null }: { readonly status: Ended; readonly farewell?: OutgoingMessage | null }): Group {
  const before = step.knownGroup(groupId);
  groupEnded(step, before);
  const members = connectedIn(step.records, groupId);
  const group = step.updateGroup(groupId, { own: { ...before.own, status }, link: null });
  sendToMembers(step, groupId, { members, message: farewell, thenDelete: true });
  forgetChannel(step, before);
  return group;
}
