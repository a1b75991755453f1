/** A contact's connection is there, or can be used again: what waited leaves. */
import { supports } from '@polyplex/protocol-chat';
import { keyOf } from '../records/keys.ts';
import { endHalfOpen } from '../limits/half-open.ts';
import type { Contact } from '../records/records.ts';
import type { Step } from '../step.ts';
import { ofContact, takeWaiting } from '../waiting.ts';
import { sendNow } from './send.ts';

export function contactConnected(step: Step, contactId: number): void {
  const before = step.contact(contactId);
  if (before?.status !== 'connecting') return;
  endHalfOpen(step, { groupId: 0, number: contactId, createdAt: before.createdAt });
  const contact = step.updateContact(contactId, { status: 'ready' });
  flush(step, contact);
  step.emit({ type: 'contact-ready', contact });
  const written = step.records.get('written', keyOf(contactId));
  if (written === undefined) return;
  step.records.remove('written', keyOf(contactId));
  step.emit({ type: 'direct-message', contact, message: written });
}

export function contactSynced(step: Step, contactId: number): void {
  const contact = step.contact(contactId);
  if (contact?.status === 'ready') flush(step, contact);
}

function flush(step: Step, contact: Contact): void {
  for (const message of takeWaiting(step, ofContact(contact.contactId), supports(contact.versions, 'directBatches'))) sendNow(step, contact, message);
}
