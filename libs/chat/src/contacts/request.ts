/** Somebody asks at our address (directory §2.2): becomes a contact, once however often it asks. */
import type { Outcome, Received } from '../dispatch/handlers.ts';
import { textOf } from '../compose.ts';
import { beginHalfOpen, hasRoomForContact } from '../limits/half-open.ts';
import { boundedProfile } from '../profiles.ts';
import { hashed, keyOf } from '../records/keys.ts';
import type { ChatMessage } from '../records/records.ts';
import type { Step } from '../step.ts';

/** Where it is kept who has asked, by the id that repeats of a request share: `groupId` 0 is our address. */
export function requestKey(groupId: number, requestId: string): string {
  return `${keyOf(groupId)}/${hashed(requestId)}`;
}

const AT_ADDRESS = 0;

/** Whoever was deleted may ask again. */
function isAnswered(step: Step, key: string): boolean {
  const contactId = step.records.get('request', key);
  const contact = contactId === undefined ? undefined : step.contact(contactId);
  return contact !== undefined && contact.status !== 'deleted';
}

/** A first message, which is told when there is a contact who can be answered. */
function writtenWith(message: Received<'x.contact' | 'x.info'>): ChatMessage | null {
  if (message.event !== 'x.contact' || message.params.content === undefined) return null;
  return { msgId: message.params.msgId ?? null, container: { content: message.params.content }, at: message.at };
}

export function takeContactRequest(step: Step, offerId: string, message: Received<'x.contact' | 'x.info'>): Outcome {
  if (!step.context.acceptsContacts) return 'a request, and none are accepted';
  if (!hasRoomForContact(step)) return 'a request, and there is no room';
  const requestId = message.event === 'x.contact' ? message.params.contactReqId ?? null : null;
  const key = requestId === null ? null : requestKey(AT_ADDRESS, requestId);
  if (key !== null && isAnswered(step, key)) return 'a request that was made before';
  return () => {
    const { contactId, createdAt } = step.addContact({
      connectionId: null, requestId, status: 'connecting', profile: boundedProfile(message.params.profile), versions: message.versions,
    });
    beginHalfOpen(step, { groupId: AT_ADDRESS, number: contactId, createdAt });
    if (key !== null) step.records.put('request', key, contactId);
    const written = writtenWith(message);
    if (written !== null) step.records.put('written', keyOf(contactId), written);
    const info = textOf({ event: 'x.info', params: { profile: step.profile } });
    step.addTask({ do: 'accept', offerId, owner: { type: 'contact', contactId }, info, postQuantum: true });
  };
}
