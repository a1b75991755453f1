/** What goes with a member who is no longer there, and with a group that we are no longer in. */
import { requestKey } from '../../contacts/request.ts';
import { endHalfOpen } from '../../limits/half-open.ts';
import { hashed, keyOf } from '../../records/keys.ts';
import type { Group, Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';
import { forgetRelations } from './relations.ts';

/** What we as host keep of a member besides its record. */
export function memberEnded(step: Step, { groupId, memberNumber, contactId, connectionId, createdAt }: Member): void {
  endHalfOpen(step, { groupId, number: memberNumber, createdAt });
  const key = keyOf(groupId, memberNumber);
  const requestId = step.records.get('arrival', key)?.requestId ?? null;
  if (requestId !== null) step.records.remove('request', requestKey(groupId, requestId));
  for (const kind of ['arrival', 'introducing', 'invited', 'pace'] as const) step.records.remove(kind, key);
  step.records.removeAll('delayed', `${key}/`);
  forgetRelations(step.records, groupId, memberNumber);
  if (contactId !== null) step.records.remove('member-of', keyOf(groupId, contactId));
  if (connectionId !== null) step.records.remove('full', connectionId);
}

/** Of one that never came in: nobody can refer to it. */
export function forgetMember(step: Step, member: Member): void {
  const { groupId, memberNumber, memberId } = member;
  memberEnded(step, member);
  step.updateMember(member, { status: 'removed', connectionId: null, isReady: false });
  step.records.remove('member', keyOf(groupId, memberNumber));
  step.records.remove('member-by-id', `${keyOf(groupId)}/${hashed(memberId)}`);
}

/** Its link, and what was kept for those who come. */
export function groupEnded(step: Step, { groupId, link }: Group): void {
  if (link !== null) {
    step.drop(link.connectionId);
    step.updateGroup(groupId, { link: null });
  }
  const prefix = `${keyOf(groupId)}/`;
  for (const kind of ['history', 'history-of', 'introducing', 'pace', 'delayed'] as const) step.records.removeAll(kind, prefix);
}
