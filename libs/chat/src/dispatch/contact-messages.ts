/** What comes from a contact, by event. */
import type { BodyPart, EventName } from '@polyplex/protocol-chat';
import { contactMessages } from '../contacts/messages.ts';
import { groupInvitation } from '../groups/membership/invited.ts';
import type { Step } from '../step.ts';
import { newerVersions } from '../versions.ts';
import type { ContactHandler, ContactHandlers, Outcome } from './handlers.ts';

const handlers: ContactHandlers = { ...contactMessages, 'x.grp.inv': groupInvitation };

type Part = Extract<BodyPart, { readonly kind: 'message' | 'forwarded' }>;

export function takeContactPart(step: Step, contactId: number, { part, at }: { readonly part: Part; readonly at: string }): Outcome {
  const before = step.contact(contactId);
  if (before === undefined || before.status === 'deleted') return 'a message of a deleted contact';
  if (part.kind === 'forwarded') return 'something passed on by a contact';
  const { message } = part;
  if (!step.takes(message.event, { groupId: 0, number: contactId })) return 'too much of a contact';
  const versions = newerVersions(before.versions, message.versions);
  const contact = versions === before.versions ? before : step.updateContact(contactId, { versions });
  if (message.event === 'unknown') return 'an event that is not known';
  const handler = handlers[message.event] as ContactHandler<EventName> | undefined;
  return handler?.(step, contact, { ...message, at }) ?? `of a contact: ${message.event}`;
}
