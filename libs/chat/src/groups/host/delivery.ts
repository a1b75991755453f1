/**
 * How sending goes (directory §2.4, inactive and dead members). Who deleted its queue is not sent to any more after ten refusals; for who reads
 * nothing messages wait here, once its queue has been full five times, until there is room.
 */
import type { AgentEvent } from '@polyplex/agent';
import { contactSynced } from '../../contacts/connected.ts';
import type { ConnectionOwner, Contact, Delivery, Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';
import { MAX_QUOTA_ERRORS } from '../../records/delivery.ts';
import { flushWaiting } from './flush.ts';
import { longFull, messageLost, messageTaken } from './pace.ts';

export type DeliveryEvent = Extract<AgentEvent, { readonly type: 'sent' | 'not-sent' | 'full' | 'room' }>;

export function delivery(step: Step, owner: ConnectionOwner, event: DeliveryEvent): void {
  switch (event.type) {
    case 'sent':
      hasRoom(step, owner, event.connectionId);
      if (owner.type === 'member') messageTaken(step, owner, event.messageId);
      return;
    case 'room':
      return hasRoom(step, owner, event.connectionId);
    case 'full':
      return isFull(step, owner, event.connectionId);
    case 'not-sent':
      return notSent(step, owner, event);
  }
}

function notSent(step: Step, owner: ConnectionOwner, { connectionId, messageId, reason }: Extract<AgentEvent, { readonly type: 'not-sent' }>): void {
  if (reason === 'AUTH') change(step, owner, (before) => ({ ...before, authErrors: before.authErrors + 1 }));
  if (reason === 'QUOTA') {
    step.records.put('full', connectionId, true);
    change(step, owner, (before) => ({ ...before, quotaErrors: Math.max(MAX_QUOTA_ERRORS, before.quotaErrors) }));
  }
  if (owner.type === 'member' && messageId !== null) messageLost(step, owner, messageId);
}

function isFull(step: Step, owner: ConnectionOwner, connectionId: string): void {
  step.records.put('full', connectionId, true);
  const changed = change(step, owner, (before) => ({ ...before, quotaErrors: before.quotaErrors + 1 }));
  if (owner.type === 'member' && changed?.delivery.quotaErrors === MAX_QUOTA_ERRORS) longFull(step, owner);
}

/** Each message that leaves says so: only those of queues that were full are looked at. */
function hasRoom(step: Step, owner: ConnectionOwner, connectionId: string): void {
  if (step.records.get('full', connectionId) === undefined) return;
  step.records.remove('full', connectionId);
  const changed = change(step, owner, (before) => ({ ...before, quotaErrors: 0 }));
  if (changed === undefined) return;
  if ('memberNumber' in changed) flushWaiting(step, changed);
  else contactSynced(step, changed.contactId);
}

function change(step: Step, owner: ConnectionOwner, work: (before: Delivery) => Delivery): Contact | Member | undefined {
  if (owner.type === 'contact') {
    const contact = step.contact(owner.contactId);
    return contact && step.updateContact(owner.contactId, { delivery: work(contact.delivery) });
  }
  const member = owner.type === 'member' ? step.member(owner.groupId, owner.memberNumber) : undefined;
  return member && step.updateMember(member, { delivery: work(member.delivery) });
}
