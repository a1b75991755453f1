/** What a fake chat client knows, with the refusals of a real one. */
import { ChatError, type Contact, type Group, type Member, type MemberStatus } from '@polyplex/chat';
import type { GroupProfile, Profile, Role } from '@polyplex/protocol-chat';

const CURRENT: readonly MemberStatus[] = ['introduced', 'intro-inv', 'accepted', 'announced', 'connected', 'complete', 'creator'];
const NO_ERRORS = { authErrors: 0, quotaErrors: 0 } as const;

export function refuse(code: 'UNKNOWN' | 'PROHIBITED' | 'TOO_LARGE'): never {
  throw new ChatError(code, 'refused by the fake');
}

export class FakeState {
  readonly contacts = new Map<number, Contact>();
  readonly groups = new Map<number, Group>();
  readonly members = new Map<number, Map<number, Member>>();
  /** The bot's own memberships of its groups are members with number 0. */
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  knownContact(contactId: number): Contact {
    return this.contacts.get(contactId) ?? refuse('UNKNOWN');
  }

  knownGroup(groupId: number): Group {
    return this.groups.get(groupId) ?? refuse('UNKNOWN');
  }

  knownMember(groupId: number, memberNumber: number): Member {
    return this.members.get(groupId)?.get(memberNumber) ?? refuse('UNKNOWN');
  }

  #uniqueName(taken: Iterable<{ readonly localName: string }>, name: string): string {
    const names = new Set([...taken].map(({ localName }) => localName));
    for (let number = 0; ; number++) {
      const candidate = number === 0 ? name : `${name}_${number}`;
      if (!names.has(candidate)) return candidate;
    }
  }

  addContact(profile: Profile): Contact {
    const contactId = this.contacts.size + 1;
    const localName = this.#uniqueName(this.contacts.values(), profile.displayName);
    const contact: Contact = {
      contactId, connectionId: `c${contactId}`, requestId: null, status: 'ready', profile, localName, versions: { min: 1, max: 17 }, delivery: NO_ERRORS, createdAt: this.now,
    };
    this.contacts.set(contactId, contact);
    return contact;
  }

  addGroup(profile: GroupProfile, own: Group['own']): Group {
    const groupId = this.groups.size + 1;
    const localName = this.#uniqueName(this.groups.values(), profile.displayName);
    const group: Group = {
      groupId, profile, localName, own, host: null, connRequest: `request ${groupId}`, link: null,
      currentMembers: CURRENT.includes(own.status) ? 1 : 0, createdAt: this.now, activeAt: this.now,
    };
    this.groups.set(groupId, group);
    this.members.set(groupId, new Map());
    return group;
  }

  addMember(groupId: number, fields: Pick<Member, 'profile' | 'role' | 'status' | 'category'> & Partial<Member>): Member {
    const members = this.members.get(groupId)!;
    const memberNumber = members.size + 1;
    const member: Member = {
      groupId, memberNumber, memberId: `g${groupId}m${memberNumber}`, versions: { min: 1, max: 17 }, connectionId: null, isReady: true, contactId: null,
      invitedBy: null, isBlocked: false, delivery: NO_ERRORS, createdAt: this.now, ...fields,
    };
    members.set(memberNumber, member);
    this.count(groupId);
    return member;
  }

  setMember(member: Member, fields: Partial<Member>): Member {
    const changed = { ...member, ...fields };
    this.members.get(member.groupId)!.set(member.memberNumber, changed);
    this.count(member.groupId);
    return changed;
  }

  setGroup(groupId: number, fields: Partial<Group>): Group {
    const changed = { ...this.knownGroup(groupId), ...fields };
    this.groups.set(groupId, changed);
    return changed;
  }

  setOwn(groupId: number, own: Partial<Group['own']>): Group {
    this.setGroup(groupId, { own: { ...this.knownGroup(groupId).own, ...own } });
    return this.count(groupId);
  }

  count(groupId: number): Group {
    const group = this.knownGroup(groupId);
    const members = [...this.members.get(groupId)!.values()].filter(({ status }) => CURRENT.includes(status)).length;
    return this.setGroup(groupId, { currentMembers: members + (CURRENT.includes(group.own.status) ? 1 : 0) });
  }

  isCurrent(status: MemberStatus): boolean {
    return CURRENT.includes(status);
  }

  /** Throws PROHIBITED where the bot's role does not allow it. */
  groupAs(groupId: number, least: readonly Role[]): Group {
    const group = this.knownGroup(groupId);
    if (!['connected', 'creator', 'complete'].includes(group.own.status) || !least.includes(group.own.role)) refuse('PROHIBITED');
    return group;
  }
}

export const ADMINS: readonly Role[] = ['admin', 'owner'];
export const MODERATORS: readonly Role[] = ['moderator', ...ADMINS];
