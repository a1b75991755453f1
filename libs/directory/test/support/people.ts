/** People on a fake chat client: contacts of the bot, groups that they invite it to, and who joins those. */
import assert from 'node:assert/strict';
import type { Admission, Contact, Group, Member } from '@polyplex/chat';
import type { GroupProfile, MessageContainer, Profile, Role } from '@polyplex/protocol-chat';
import type { Bot } from './bot.ts';
import type { Sent } from './fake-step.ts';
import { linkOf, profileOf, quoted } from './links.ts';

const VERSIONS = { min: 1, max: 17 };

export interface InvitationOptions {
  readonly botRole?: Role;
  readonly ownRole?: Role;
  readonly fails?: boolean;
  readonly profile?: Partial<GroupProfile>;
}

export class Person {
  readonly bot: Bot;
  readonly contactId: number;

  constructor(bot: Bot, contactId: number) {
    this.bot = bot;
    this.contactId = contactId;
  }

  get contact(): Contact {
    return this.bot.state.knownContact(this.contactId);
  }

  sends(container: MessageContainer): readonly Sent[] {
    this.heardMessages();
    const message = { msgId: this.bot.nextMessageId(), container, at: new Date(this.bot.state.now).toISOString() };
    this.bot.tell({ type: 'direct-message', contact: this.contact, message });
    return this.heardMessages();
  }

  /** Answers to a text, as texts. Earlier ones are forgotten. */
  says(text: string): readonly string[] {
    return this.sends({ content: { type: 'text', text } }).map(({ content }) => content.text);
  }

  heardMessages(): readonly Sent[] {
    return this.bot.newFor(`contact ${this.contactId}`);
  }

  /** What the bot said since the last time, as texts. */
  heard(): readonly string[] {
    return this.heardMessages().map(({ content }) => content.text);
  }

  invites(name: string, { botRole = 'admin', ownRole = 'owner', profile = {}, fails = false }: InvitationOptions = {}): InvitedGroup {
    const { state } = this.bot;
    const { groupId } = state.addGroup({ displayName: name, fullName: '', ...profile }, { memberId: 'bot', role: botRole, status: 'invited' });
    const host = state.addMember(groupId, { profile: this.contact.profile, role: ownRole, status: 'invited', category: 'host', contactId: this.contactId });
    state.setGroup(groupId, { host: host.memberNumber });
    const group = new InvitedGroup(this, groupId, host.memberNumber);
    group.announce(false, fails);
    return group;
  }

  /** A group that is joined and waits for approval. Notices are read. */
  registers(name: string, options: InvitationOptions = {}): InvitedGroup {
    const group = this.invites(name, options);
    assert.equal(this.bot.registered(group.groupId)?.state, 'pending_approval', this.heard().join('\n'));
    this.heard();
    return group;
  }
}

export class InvitedGroup {
  readonly bot: Bot;
  readonly owner: Person;
  readonly groupId: number;
  readonly hostNumber: number;

  constructor(owner: Person, groupId: number, hostNumber: number) {
    this.bot = owner.bot;
    this.owner = owner;
    this.groupId = groupId;
    this.hostNumber = hostNumber;
  }

  get group(): Group {
    return this.bot.state.knownGroup(this.groupId);
  }

  get host(): Member {
    return this.bot.state.knownMember(this.groupId, this.hostNumber);
  }

  get state(): string {
    const registration = this.bot.registered(this.groupId);
    if (registration === undefined) return 'none';
    return registration.code === 0 ? registration.state : `${registration.state}:${registration.code}`;
  }

  /** The invitation comes, and where the bot accepts it, it joins. */
  announce(isRepeat: boolean, fails = false): void {
    this.bot.tell({ type: 'group-invitation', contact: this.owner.contact, group: this.group, fromRole: this.host.role, isRepeat });
    this.join(fails);
  }

  join(fails = false): void {
    if (this.group.own.status !== 'accepted') return;
    if (fails) {
      this.bot.tell({ type: 'group-join-failed', group: this.bot.state.setOwn(this.groupId, { status: 'invited' }), reason: 'no relay' });
      return;
    }
    this.bot.state.setMember(this.host, { status: 'connected' });
    this.bot.tell({ type: 'group-joined', group: this.bot.state.setOwn(this.groupId, { status: 'connected' }), host: this.host });
  }

  /** The invitation again, with other roles or another profile. */
  reinvites({ botRole = this.group.own.role, ownRole = this.host.role, profile = {} }: InvitationOptions): void {
    this.bot.state.setMember(this.host, { role: ownRole });
    this.bot.state.setOwn(this.groupId, { role: botRole });
    this.bot.state.setGroup(this.groupId, { profile: { ...this.group.profile, ...profile } });
    this.announce(true);
  }

  /** Links that the directory asked for are made. */
  makeLink(fails = false): void {
    const asked = this.bot.done.findLast((done) => done.startsWith(`create link ${this.groupId} `));
    assert(asked !== undefined && this.group.link === null, 'no link is wanted');
    if (fails) return this.bot.tell({ type: 'link-failed', group: this.group, reason: 'no relay' });
    const link = linkOf(this.groupId, asked.split(' ').at(-1) as Role);
    const group = this.bot.state.setGroup(this.groupId, { link });
    this.bot.tell({ type: 'link-created', group, link });
  }

  /** By `admin`, with the code that it has. Notices are read. */
  approvedBy(admin: Person, more = ''): void {
    const code = this.bot.registered(this.groupId)?.code;
    const answers = admin.says(`/approve ${this.groupId}:${quoted(this.group.profile.displayName)} ${code}${more}`);
    if (this.group.link === null) this.makeLink();
    assert.equal(this.state, 'active', answers.join('\n'));
    admin.heard();
    this.owner.heard();
  }

  changes(profile: Partial<GroupProfile>, by: Member = this.host): void {
    const from = this.group.profile;
    const group = this.bot.state.setGroup(this.groupId, { profile: { ...from, ...profile } });
    this.bot.tell({ type: 'group-updated', group, from, by });
  }

  setBotRole(role: Role, by: Member = this.host): void {
    const from = this.group.own.role;
    this.bot.tell({ type: 'own-role', group: this.bot.state.setOwn(this.groupId, { role }), from, by });
  }

  setRole(member: Member, role: Role, by: Member = this.host): void {
    const from = member.role;
    const changed = this.bot.state.setMember(this.bot.state.knownMember(this.groupId, member.memberNumber), { role });
    this.bot.tell({ type: 'member-role', group: this.group, member: changed, from, by });
  }

  leaves(member: Member): void {
    const left = this.bot.state.setMember(member, { status: 'left' });
    this.bot.tell({ type: 'member-left', group: this.group, member: left });
  }

  removes(member: Member, by: Member = this.host): void {
    const removed = this.bot.state.setMember(member, { status: 'removed' });
    this.bot.tell({ type: 'member-removed', group: this.group, member: removed, by });
  }

  removesBot(by: Member = this.host): void {
    this.bot.tell({ type: 'own-removed', group: this.bot.state.setOwn(this.groupId, { status: 'removed' }), by });
  }

  isDeleted(by: Member = this.host): void {
    this.bot.tell({ type: 'group-deleted', group: this.bot.state.setOwn(this.groupId, { status: 'deleted' }), by });
  }

  /** Somebody else's way in, not by the bot's link. */
  adds(name: string, role: Role = 'member', fields: Partial<Member> = {}): Member {
    const member = this.bot.state.addMember(this.groupId, { profile: profileOf(name), role, status: 'connected', category: 'pre', ...fields });
    this.bot.tell({ type: 'member-connected', group: this.group, member });
    return member;
  }

  asks(profile: Profile, versions = VERSIONS): Admission {
    return this.bot.run((step) => this.bot.directory.admit({ group: this.group, profile, versions }, step));
  }

  /** Joins by the bot's link, as the directory decides. */
  joins(name: string, more: Partial<Profile> = {}, versions = VERSIONS): Joiner {
    const profile = profileOf(name, more);
    const admission = this.asks(profile, versions);
    assert(admission.decision !== 'rejected', 'the joiner is rejected');
    const status = { accepted: 'connected', pending: 'pending_approval', pending_review: 'pending_review' } as const;
    const member = this.bot.state.addMember(this.groupId, { profile, role: admission.role, status: status[admission.decision], category: 'invitee', versions });
    this.bot.tell({ type: 'link-joined', group: this.group, member });
    return new Joiner(this, member.memberNumber);
  }
}

export class Joiner {
  readonly group: InvitedGroup;
  readonly memberNumber: number;

  constructor(group: InvitedGroup, memberNumber: number) {
    this.group = group;
    this.memberNumber = memberNumber;
  }

  get member(): Member {
    return this.group.bot.state.knownMember(this.group.groupId, this.memberNumber);
  }

  heardMessages(): readonly Sent[] {
    return this.group.bot.newFor(`member ${this.group.groupId}/${this.memberNumber}`);
  }

  heard(): readonly string[] {
    return this.heardMessages().map(({ content }) => content.text);
  }

  /** Into the support chat while pending, else to the group. */
  sends(container: MessageContainer): readonly Sent[] {
    this.heardMessages();
    const { bot, group } = this.group;
    const support = this.member.status === 'pending_approval' ? this.member : null;
    const message = { msgId: bot.nextMessageId(), container, at: new Date(bot.state.now).toISOString() };
    bot.tell({ type: 'group-message', group, member: this.member, message, support });
    return this.heardMessages();
  }

  says(text: string): readonly string[] {
    return this.sends({ content: { type: 'text', text } }).map(({ content }) => content.text);
  }
}
