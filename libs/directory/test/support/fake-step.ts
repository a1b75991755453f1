/** A `ChatStep` over a fake state: what is sent is written down, what a real client refuses is refused. */
import type { Channel, ChatEvent, ChatStep, Contact, Group, JoinChannelOptions, LookUpOptions, Member, MessageOptions } from '@polyplex/chat';
import { parseShortLink } from '@polyplex/protocol-agent';
import { type GroupProfile, isAtLeast, type MessageContent, type Profile, type Quote, type Role } from '@polyplex/protocol-chat';
import { ADMINS, type FakeState, MODERATORS, refuse } from './fake-state.ts';
import type { MemoryRecords } from './memory-records.ts';

export interface Sent {
  /** `contact 1`, `group 1`, `member 1/2`. */
  readonly to: string;
  readonly content: MessageContent;
  readonly quote: Quote | null;
}

/** A link that is being read. */
export interface LookUp {
  readonly link: string;
  readonly about: string;
  readonly isSigned: boolean;
}

const GONE: readonly string[] = ['left', 'removed', 'deleted'];

export interface FakeActions {
  readonly sent: Sent[];
  /** What a client would do over the network, in words. */
  readonly done: string[];
  readonly lookUps: LookUp[];
  readonly events: ChatEvent[];
  readonly afterwards: (() => void)[];
}

const MAX_MESSAGE_BYTES = 15_602;
/** An app's message has more around the content than this. */
const ENVELOPE_BYTES = 120;

export class FakeStep implements ChatStep {
  readonly records: MemoryRecords;
  readonly #state: FakeState;
  readonly #actions: FakeActions;

  constructor(state: FakeState, records: MemoryRecords, actions: FakeActions) {
    this.#state = state;
    this.records = records;
    this.#actions = actions;
  }

  get now(): number {
    return this.#state.now;
  }

  contact(contactId: number): Contact | undefined {
    return this.#state.contacts.get(contactId);
  }

  contacts(): readonly Contact[] {
    return [...this.#state.contacts.values()];
  }

  group(groupId: number): Group | undefined {
    return this.#state.groups.get(groupId);
  }

  groups(): readonly Group[] {
    return [...this.#state.groups.values()];
  }

  member(groupId: number, memberNumber: number): Member | undefined {
    return this.#state.members.get(groupId)?.get(memberNumber);
  }

  memberById(groupId: number, memberId: string): Member | undefined {
    return this.members(groupId).find((member) => member.memberId === memberId);
  }

  members(groupId: number): readonly Member[] {
    return [...(this.#state.members.get(groupId)?.values() ?? [])];
  }

  sendToContact(contactId: number, content: MessageContent, options: MessageOptions = {}): string {
    if (this.#state.knownContact(contactId).status === 'deleted') refuse('PROHIBITED');
    return this.#send(`contact ${contactId}`, content, options);
  }

  sendToGroup(groupId: number, content: MessageContent, options: MessageOptions = {}): string {
    this.#state.groupAs(groupId, [...MODERATORS, 'member']);
    return this.#send(`group ${groupId}`, content, options);
  }

  sendToMember(groupId: number, memberNumber: number, content: MessageContent, options: MessageOptions = {}): string {
    const { status } = this.#state.knownMember(groupId, memberNumber);
    if (['removed', 'left', 'rejected', 'deleted'].includes(status)) refuse('PROHIBITED');
    if (options.quote !== undefined && options.quote.msgRef.memberId === undefined) throw new TypeError('a quote in a group names its author');
    return this.#send(`member ${groupId}/${memberNumber}`, content, options);
  }

  sendToOwnSupport(): string {
    return refuse('PROHIBITED');
  }

  #send(to: string, content: MessageContent, { quote }: MessageOptions): string {
    const bytes = Buffer.byteLength(JSON.stringify({ content, quote }));
    if (bytes + ENVELOPE_BYTES > MAX_MESSAGE_BYTES) refuse('TOO_LARGE');
    this.#actions.sent.push({ to, content, quote: quote ?? null });
    return `sent ${this.#actions.sent.length}`;
  }

  receiveFile(): void {
    refuse('UNKNOWN');
  }

  deleteFile(): void {
    refuse('UNKNOWN');
  }

  deleteContact(contactId: number): void {
    this.#state.contacts.set(contactId, { ...this.#state.knownContact(contactId), status: 'deleted' });
  }

  acceptInvitation(groupId: number): void {
    if (this.#state.knownGroup(groupId).own.status !== 'invited') refuse('PROHIBITED');
    this.#state.setOwn(groupId, { status: 'accepted' });
    this.#actions.done.push(`join ${groupId}`);
  }

  createLink(groupId: number, role: Role): void {
    const group = this.#state.groupAs(groupId, ADMINS);
    if (!isAtLeast('member', role)) refuse('PROHIBITED');
    if (group.link !== null) this.#actions.events.push({ type: 'link-created', group, link: group.link });
    else this.#actions.done.push(`create link ${groupId} ${role}`);
  }

  setLinkRole(groupId: number, role: Role): void {
    const { link } = this.#state.knownGroup(groupId);
    if (link === null) refuse('UNKNOWN');
    this.#state.setGroup(groupId, { link: { ...link, role } });
  }

  refreshLink(groupId: number): void {
    if (this.#state.knownGroup(groupId).link === null) refuse('UNKNOWN');
    this.#actions.done.push(`refresh link ${groupId}`);
  }

  deleteLink(groupId: number): void {
    if (this.#state.knownGroup(groupId).link === null) refuse('UNKNOWN');
    this.#state.setGroup(groupId, { link: null });
    this.#actions.done.push(`delete link ${groupId}`);
  }

  approveMember(groupId: number, memberNumber: number, role: Role): void {
    this.#state.groupAs(groupId, MODERATORS);
    const member = this.#state.knownMember(groupId, memberNumber);
    if (member.status !== 'pending_approval') refuse('PROHIBITED');
    this.#state.setMember(member, { status: 'connected', role });
    this.#actions.done.push(`approve ${groupId}/${memberNumber} ${role}`);
  }

  removeMember(groupId: number, memberNumber: number): void {
    this.#state.groupAs(groupId, ADMINS);
    this.#state.setMember(this.#state.knownMember(groupId, memberNumber), { status: 'removed' });
    this.#actions.done.push(`remove ${groupId}/${memberNumber}`);
  }

  setMemberRole(groupId: number, memberNumber: number, role: Role): void {
    this.#state.groupAs(groupId, ADMINS);
    const member = this.#state.knownMember(groupId, memberNumber);
    if (!this.#state.isCurrent(member.status)) refuse('PROHIBITED');
    this.#state.setMember(member, { role });
    this.#actions.done.push(`role ${groupId}/${memberNumber} ${role}`);
  }

  blockMember(): void {
    refuse('PROHIBITED');
  }

  moderateMessage(groupId: number, memberNumber: number, msgId: string): void {
    this.#state.groupAs(groupId, MODERATORS);
    this.#state.knownMember(groupId, memberNumber);
    this.#actions.done.push(`moderate ${groupId}/${memberNumber} ${msgId}`);
  }

  inviteContact(groupId: number, contactId: number, role: Role): void {
    this.#state.groupAs(groupId, ADMINS);
    const { profile } = this.#state.knownContact(contactId);
    const before = this.members(groupId).find((member) => member.contactId === contactId && !['left', 'removed'].includes(member.status));
    if (before !== undefined && before.status !== 'invited') refuse('PROHIBITED');
    if (before === undefined) this.#state.addMember(groupId, { profile, role, status: 'invited', category: 'invitee', contactId });
    this.#actions.done.push(`invite ${contactId} to ${groupId} as ${role}`);
  }

  createGroup(profile: GroupProfile): Group {
    return this.#state.addGroup(profile, { memberId: 'bot', role: 'owner', status: 'creator' });
  }

  setGroupProfile(): void {
    refuse('PROHIBITED');
  }

  leaveGroup(groupId: number): void {
    this.#state.setOwn(groupId, { status: 'left' });
    this.#actions.done.push(`leave ${groupId}`);
  }

  channel(publicGroupId: string): Group | undefined {
    return this.groups().find((group) => group.channel?.publicGroupId === publicGroupId && !GONE.includes(group.own.status));
  }

  lookUpChannel(link: string, { about, signature }: LookUpOptions): void {
    if (parseShortLink(link) === null) refuse('UNKNOWN');
    this.#actions.lookUps.push({ link, about, isSigned: signature !== undefined });
  }

  joinChannel({ publicGroupId, link, profile, owners, relays }: Channel, { owner }: JoinChannelOptions = {}): Group {
    if (this.channel(publicGroupId) !== undefined || relays.length === 0) refuse('PROHIBITED');
    const { groupId } = this.#state.addGroup(profile, { memberId: 'bot', role: 'observer', status: 'unknown' });
    for (const { memberId, key } of owners) {
      const contactId = memberId === owner?.memberId ? owner.contactId : null;
      this.#state.addMember(groupId, { profile: { displayName: memberId, fullName: '' }, role: 'owner', status: 'unknown', category: 'pre', memberId, key, contactId });
    }
    this.#actions.done.push(`join ${groupId}`);
    return this.#state.setGroup(groupId, { channel: { publicGroupId, link } });
  }

  syncChannel(groupId: number, { publicGroupId, link, profile, owners }: Channel): Group {
    if (this.#state.knownGroup(groupId).channel?.publicGroupId !== publicGroupId) refuse('PROHIBITED');
    const group = this.#state.setGroup(groupId, { profile, channel: { publicGroupId, link } });
    for (const member of this.members(groupId).filter(({ role, memberId }) => role === 'owner' && !owners.some((owner) => owner.memberId === memberId))) {
      const changed = this.#state.setMember(member, { role: 'observer' });
      this.#actions.events.push({ type: 'member-role', group, member: changed, from: 'owner', by: changed });
    }
    for (const { memberId, key } of owners) {
      const member = this.memberById(groupId, memberId);
      if (member === undefined) this.#state.addMember(groupId, { profile: { displayName: memberId, fullName: '' }, role: 'owner', status: 'unknown', category: 'pre', memberId, key });
      else this.#state.setMember(member, { role: 'owner', key });
    }
    return group;
  }

  deleteGroup(): void {
    refuse('PROHIBITED');
  }

  setProfile(_profile: Profile): void {
    this.#actions.done.push('profile');
  }

  afterwards(work: () => void): void {
    this.#actions.afterwards.push(work);
  }
}
