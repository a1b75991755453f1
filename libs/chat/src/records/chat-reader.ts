/** Contacts, groups and members as they are. */
import type { ChatReading } from '../chat-step.ts';
import { hashed, keyOf } from './keys.ts';
import type { ConnectionOwner, Contact, Group, Member } from './records.ts';
import { type RosterEntry, rosterOf } from './roster.ts';
import type { ReadableRecords } from './typed-records.ts';

export class ChatReader implements ChatReading {
  readonly records: ReadableRecords;

  constructor(records: ReadableRecords) {
    this.records = records;
  }

  contact(contactId: number): Contact | undefined {
    return this.records.get('contact', keyOf(contactId));
  }

  contacts(): readonly Contact[] {
    return this.records.list('contact').map(({ value }) => value);
  }

  group(groupId: number): Group | undefined {
    return this.records.get('group', keyOf(groupId));
  }

  groups(): readonly Group[] {
    return this.records.list('group').map(({ value }) => value);
  }

  member(groupId: number, memberNumber: number): Member | undefined {
    return this.records.get('member', keyOf(groupId, memberNumber));
  }

  memberById(groupId: number, memberId: string): Member | undefined {
    const number = this.records.get('member-by-id', `${keyOf(groupId)}/${hashed(memberId)}`);
    return number === undefined ? undefined : this.member(groupId, number);
  }

  /** Opens every member's record: not for steps in large groups, which have `roster`. */
  members(groupId: number): readonly Member[] {
    return this.records.list('member', `${keyOf(groupId)}/`).map(({ value }) => value);
  }

  /** That we are in, or are joining. */
  channel(publicGroupId: string): Group | undefined {
    const groupId = this.records.get('channel-of', hashed(publicGroupId));
    return groupId === undefined ? undefined : this.group(groupId);
  }

  /** Whose a connection is. */
  owner(connectionId: string): ConnectionOwner | undefined {
    return this.records.get('owner', connectionId);
  }

  /** Who is or waits to be a member, without profiles; ascending by number. */
  roster(groupId: number): readonly RosterEntry[] {
    return rosterOf(this.records, groupId);
  }
}
