/** A member's connection is there (directory §2.3, §2.4). */
import type { ConnectionOwner, Member } from '../../records/records.ts';
import { isCurrent, isPending, isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { flushWaiting, inviteeConnected } from '../host/hooks.ts';
import { relayConnected } from '../channels/joining.ts';
import { dropConnection, tellMember } from '../send.ts';

export function memberConnected(step: Step, { groupId, memberNumber }: Extract<ConnectionOwner, { readonly type: 'member' }>): void {
  const group = step.group(groupId);
  const before = step.member(groupId, memberNumber);
  if (group === undefined || before === undefined || before.isReady) return;
  if (group.channel !== undefined) return relayConnected(step, group, before);
  if (isRemoved(group.own)) return dropConnection(step, before);
  if (before.category === 'invitee') return inviteeConnected(step, step.updateMember(before, { isReady: true }));
  const member = step.updateMember(before, { isReady: true, status: isCurrent(before) || before.category === 'host' ? 'connected' : before.status });
  if (member.category === 'host') hostConnected(step, member);
  else met(step, member);
  flushWaiting(step, member);
}

/** We are in. Where we joined by a link, we may still have to be let in. */
function hostConnected(step: Step, host: Member): void {
  const { own } = step.knownGroup(host.groupId);
  const group = step.updateGroup(host.groupId, { own: isPending(own) ? own : { ...own, status: 'connected' } });
  step.emit({ type: 'group-joined', group, host });
}

/** Who introduced us need not pass on messages between us any more. */
function met(step: Step, member: Member): void {
  const { groupId, invitedBy, memberId } = member;
  const between = invitedBy === null ? undefined : step.member(groupId, invitedBy);
  if (between !== undefined && !isRemoved(between)) tellMember(step, between, { event: 'x.grp.mem.con', params: { memberId } });
  step.emit({ type: 'member-connected', group: step.knownGroup(groupId), member });
}
