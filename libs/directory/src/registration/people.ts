/** How people are called in texts. */
import type { Contact, Member } from '@polyplex/chat';
import { quotedName, shownName } from '../commands/names.ts';
import type { Registration } from '../records/records.ts';

export function quotedContact({ localName }: Contact): string {
  return quotedName(localName);
}

/** Empty for the registration's owner, else ` by <name>` (directory §3.4). */
export function bySuffix({ ownerMemberId }: Registration, by: Member): string {
  return by.memberId === ownerMemberId ? '' : ` by ${shownName(by.profile.displayName)}`;
}
