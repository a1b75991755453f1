/** Messages to contacts, and what is done with contacts. */
import { AgentError } from '@polyplex/agent';
import type { SentEvent } from '@polyplex/protocol-chat';
import { ChatError } from '../chat-error.ts';
import { bodyOf, outgoing } from '../compose.ts';
import type { Contact, OutgoingMessage } from '../records/records.ts';
import { keyOf } from '../records/keys.ts';
import { MAX_AUTH_ERRORS, MAX_QUOTA_ERRORS } from '../records/delivery.ts';
import { endHalfOpen } from '../limits/half-open.ts';
import type { Step } from '../step.ts';
import { forgetWaiting, isWaiting, ofContact, wait } from '../waiting.ts';

/** False: not while the keys of the connection are being renewed. Throws TOO_LARGE. */
export function sendNow(step: Step, { connectionId, versions }: Contact, { text, notify }: Pick<OutgoingMessage, 'text' | 'notify'>): boolean {
  if (connectionId === null) return false;
  const body = bodyOf(text, { postQuantum: true, versions });
  try {
    step.agent.send(connectionId, body, { notify });
    return true;
  } catch (error) {
    if (error instanceof AgentError && error.code === 'PROHIBITED') return false;
    throw error;
  }
}

/** Now, or when the connection is there. Throws PROHIBITED where the contact is deleted, and TOO_LARGE. */
export function tellContact(step: Step, contact: Contact, event: SentEvent, msgId?: string): void {
  if (contact.status === 'deleted') throw new ChatError('PROHIBITED', 'the contact is deleted');
  const message = outgoing(event, msgId);
  const place = ofContact(contact.contactId);
  if (contact.delivery.authErrors >= MAX_AUTH_ERRORS) return;
  const isInTurn = contact.status === 'ready' && contact.delivery.quotaErrors < MAX_QUOTA_ERRORS && !isWaiting(step, place);
  if (isInTurn && sendNow(step, contact, message)) return step.count(({ sent }) => sent.add(event.event));
  bodyOf(message.text, { postQuantum: true, versions: contact.versions });
  wait(step, place, message);
}

/** It is told, and its connection goes. Throws UNKNOWN. */
export function deleteContact(step: Step, contactId: number): void {
  const contact = step.knownContact(contactId);
  if (contact.status === 'deleted') return;
  if (contact.status === 'ready') tellContact(step, contact, { event: 'x.direct.del', params: {} });
  forgetContact(step, contact);
}

export function forgetContact(step: Step, { contactId, connectionId, createdAt }: Contact): Contact {
  endHalfOpen(step, { groupId: 0, number: contactId, createdAt });
  forgetWaiting(step, ofContact(contactId));
  step.records.remove('written', keyOf(contactId));
  step.drop(connectionId);
  return step.updateContact(contactId, { status: 'deleted', connectionId: null });
}
