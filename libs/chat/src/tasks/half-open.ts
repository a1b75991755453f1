/** Who has asked long ago and was never heard of again is forgotten, with its connection. */
import { forgetContact } from '../contacts/send.ts';
import { forgetMember } from '../groups/host/hooks.ts';
import { oldHalfOpen } from '../limits/half-open.ts';
import type { Step } from '../step.ts';

/** Some at a time; whether there may be more. */
export function forgetHalfOpen(step: Step, atMost: number): boolean {
  const old = oldHalfOpen(step, atMost);
  for (const { groupId, number } of old) {
    if (groupId === 0) forgetRequest(step, number);
    else forgetJoiner(step, groupId, number);
  }
  return old.length === atMost;
}

function forgetRequest(step: Step, contactId: number): void {
  const contact = step.contact(contactId);
  if (contact?.status === 'connecting') forgetContact(step, contact);
}

function forgetJoiner(step: Step, groupId: number, memberNumber: number): void {
  const member = step.member(groupId, memberNumber);
  if (member === undefined || member.isReady) return;
  step.drop(member.connectionId);
  forgetMember(step, member);
}
