/** Changes of a registration: the record now, what memory knows of it when the step is durable. */
import type { Group } from '@polyplex/chat';
import { type Registration, sinceOf } from '../records/records.ts';
import type { Turn } from '../turn.ts';
import { quotedContact } from './people.ts';
import type { Status } from './states.ts';

/** Puts the registration, and what its group is at this moment into the index. */
export function putRegistration(turn: Turn, registration: Registration): Registration {
  const before = turn.records.registration(registration.groupId);
  const since = before?.state === registration.state ? sinceOf(before) : turn.step.now;
  const put = { ...registration, since };
  turn.records.putRegistration(put);
  indexLater(turn, put);
  if (isOnPage(before) || isOnPage(put)) turn.step.afterwards(turn.onListingChanged);
  return put;
}

/** What the web listing shows changes with these only, or with the group itself. */
function isOnPage(registration: Registration | undefined): boolean {
  return registration?.state === 'active';
}

export function indexLater({ step, index }: Turn, registration: Registration): void {
  const group = step.group(registration.groupId);
  if (group === undefined) step.afterwards(() => index.delete(registration.groupId));
  else step.afterwards(() => index.set(registration, group));
}

/** Another state ends an approval that waits for its link. */
export function setStatus(turn: Turn, registration: Registration, status: Status): Registration {
  return putRegistration(turn, { ...registration, ...status, approving: null });
}

export function removeRegistration(turn: Turn, registration: Registration): void {
  turn.records.removeRegistration(registration.groupId);
  turn.step.afterwards(() => turn.index.delete(registration.groupId));
  if (isOnPage(registration)) turn.step.afterwards(turn.onListingChanged);
}

/** The owner's local name, quoted as mentions are; empty where the contact is gone. */
export function ownerName({ step }: Turn, { contactId }: Registration): string {
  const contact = step.contact(contactId);
  return contact === undefined ? '' : quotedContact(contact);
}

export interface Registered {
  readonly registration: Registration;
  readonly group: Group;
}

/** The registration of the event's group; undefined where it has none, or is removed. */
export function liveRegistration({ records }: Turn, groupId: number): Registration | undefined {
  const registration = records.registration(groupId);
  return registration?.state === 'removed' ? undefined : registration;
}
