/**
 * Administrators as the settings name them, and whether they have their rights: a contact's number and name must both match (directory §3.5). Who
 * changes their name in the app is another one to the bot until the settings follow. That it is still the same contact is known from its
 * having had the rights in these very records: in those of a bot that was begun anew, a number is somebody else's.
 */
import type { ChatReading, ChatStep, Contact } from '@polyplex/chat';
import type { DirectoryOptions, KnownContact } from './options.ts';
import { DirectoryRecords } from './records/directory-records.ts';
import { hasRights, knownAdmins, type Turn } from './turn.ts';

export interface AdminRights extends KnownContact {
  readonly list: 'superUsers' | 'adminUsers';
  /** `renamed`: it had the rights, and has another name now. `missing`: no contact has this number and name, nor had. */
  readonly state: 'matches' | 'renamed' | 'missing';
  /** Of who is `renamed`, else null. */
  readonly nameNow: string | null;
}

/** What each entry of the settings is worth, in their order. */
export function adminRights({ superUsers, adminUsers = [] }: DirectoryOptions, step: ChatStep): readonly AdminRights[] {
  const records = new DirectoryRecords(step.records);
  const rightsOf = (list: AdminRights['list']) => (known: KnownContact): AdminRights => {
    if (hasRights(step, known)) return { list, ...known, state: 'matches', nameNow: null };
    const contact = step.contact(known.contactId);
    const isSame = contact !== undefined && contact.status !== 'deleted' && records.knownAdmin(known.contactId) === known.name;
    return { list, ...known, state: isSame ? 'renamed' : 'missing', nameNow: isSame ? contact.localName : null };
  };
  return [...superUsers.map(rightsOf('superUsers')), ...adminUsers.map(rightsOf('adminUsers'))];
}

/** Whether a contact without rights had them under the name that the settings still have. */
export function isRenamedAdmin({ options: { superUsers, adminUsers = [] }, records }: Pick<Turn, 'options' | 'records'>, { contactId, localName }: Contact): boolean {
  const name = records.knownAdmin(contactId);
  return name !== localName && [...superUsers, ...adminUsers].some((known) => known.contactId === contactId && known.name === name);
}

/** At each start, when the settings are new, and now and then. */
export function rememberAdmins(options: DirectoryOptions, step: ChatStep): void {
  const records = new DirectoryRecords(step.records);
  for (const known of knownAdmins(options)) {
    if (hasRights(step, known)) records.putKnownAdmin(known.contactId, known.name);
  }
}

export interface AdminCounts {
  readonly admins: number;
  readonly withoutRights: number;
}

export function countAdmins(options: DirectoryOptions, reading: Pick<ChatReading, 'contact'>): AdminCounts {
  const all = knownAdmins(options);
  return { admins: all.length, withoutRights: all.filter((known) => !hasRights(reading, known)).length };
}
