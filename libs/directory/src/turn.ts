/** One event being handled: the step it happens in, with the directory's own parts. */
import { CodedError } from '@polyplex/base';
import type { ChatReading, ChatStep } from '@polyplex/chat';
import type { MessageContent, Quote } from '@polyplex/protocol-chat';
import { StoreError } from '@polyplex/store-contract';
import type { Admission } from './admission/admission-parts.ts';
import type { AskerLimits } from './limits/asker-limits.ts';
import { fitting } from './message-size.ts';
import type { DirectoryOptions, KnownContact } from './options.ts';
import type { DirectoryRecords } from './records/directory-records.ts';
import type { Registration } from './records/records.ts';
import type { SearchIndex } from './search/search-index.ts';
import type { DirectoryStats } from './stats.ts';

/** What lives as long as the directory. In-memory effects of a turn go through `step.afterwards`. */
export interface Parts {
  readonly options: DirectoryOptions;
  readonly index: SearchIndex;
  readonly stats: DirectoryStats;
  readonly limits: AskerLimits;
  readonly admission: Admission;
  /** Groups of which changes have not been told, because there were too many. */
  readonly unsent: Set<number>;
  /** The web listing is not what it was. */
  readonly onListingChanged: () => void;
}

export interface Turn extends Parts {
  readonly step: ChatStep;
  readonly records: DirectoryRecords;
}

/** What `work` answers, or undefined where the chat client refuses it, which is counted. Refusals change nothing. */
export function attempt<T>({ step, stats }: Turn, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof StoreError || !(error instanceof CodedError)) throw error;
    step.afterwards(() => stats.refused.add(String(error.code)));
    return undefined;
  }
}

export function count(turn: Turn, add: (stats: DirectoryStats) => void): void {
  turn.step.afterwards(() => add(turn.stats));
}

/** Whether it was sent. What is too long is sent without its image, or shortened. */
export function tell(turn: Turn, contactId: number, content: MessageContent | string, quote?: Quote): boolean {
  const whole = typeof content === 'string' ? text(content) : content;
  const send = (fitted: MessageContent) => attempt(turn, () => turn.step.sendToContact(contactId, fitted, quote === undefined ? {} : { quote }));
  if (send(fitting(whole)) !== undefined) return true;
  return whole.type === 'image' && send(fitting(text(whole.text))) !== undefined;
}

export function text(words: string): MessageContent {
  return { type: 'text', text: words };
}

export function tellOwner(turn: Turn, registration: Registration, content: MessageContent | string): boolean {
  return tell(turn, registration.contactId, content);
}

/** Whether it is a contact of that number and name. */
export function hasRights(reading: Pick<ChatReading, 'contact'>, { contactId, name }: KnownContact): boolean {
  const contact = reading.contact(contactId);
  return contact !== undefined && contact.status !== 'deleted' && contact.localName === name;
}

/** Super-users first, each contact once. */
export function knownAdmins({ superUsers, adminUsers = [] }: DirectoryOptions): readonly KnownContact[] {
  const all = [...superUsers, ...adminUsers];
  return all.filter(({ contactId }, at) => all.findIndex((other) => other.contactId === contactId) === at);
}

/** To all super-users and admins, but for one. */
export function tellAdmins(turn: Turn, contents: readonly (MessageContent | string)[], exceptContactId?: number): void {
  for (const known of knownAdmins(turn.options)) {
    if (known.contactId === exceptContactId) continue;
    if (hasRights(turn.step, known)) for (const content of contents) tell(turn, known.contactId, content);
    else count(turn, (stats) => stats.missingAdmins.add());
  }
}

export type Rank = 'super-user' | 'admin' | 'user';

/** By contact and local name (directory §3.5). */
export function rankOf({ superUsers, adminUsers = [] }: DirectoryOptions, contact: { readonly contactId: number; readonly localName: string }): Rank {
  const isOne = (known: readonly KnownContact[]) => known.some(({ contactId, name }) => contactId === contact.contactId && name === contact.localName);
  if (isOne(superUsers)) return 'super-user';
  return isOne(adminUsers) ? 'admin' : 'user';
}
