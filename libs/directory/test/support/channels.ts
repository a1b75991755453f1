/** Channels on a fake chat client: their links, their owners' cards, and what relays tell. */
import assert from 'node:assert/strict';
import type { Channel, Group, LookUpFailure, Member, OwnerVerdict } from '@polyplex/chat';
import type { GroupProfile, MessageContent, Role } from '@polyplex/protocol-chat';
import type { Bot } from './bot.ts';
import type { Person } from './people.ts';

/** Well-formed, of a place of its own. */
export function channelLink(number: number, kind: 'c' | 'g' = 'c'): string {
  return `https://smp1.example/${kind}#${Buffer.alloc(32, number).toString('base64url')}`;
}

function idOf(name: string): string {
  return Buffer.from(name).toString('base64url');
}

export interface ChannelFields extends Partial<GroupProfile> {
  readonly type?: string;
  readonly subscribers?: number | null;
}

/** A channel of `owner`, as its link tells of it. */
export class FakeChannel {
  readonly bot: Bot;
  readonly owner: Person;
  now: Channel;

  constructor(owner: Person, name: string, { type = 'channel', subscribers = 7, ...profile }: ChannelFields = {}) {
    this.bot = owner.bot;
    this.owner = owner;
    const number = name.length + name.charCodeAt(0);
    const link = channelLink(number, type === 'group' ? 'g' : 'c');
    const publicGroupId = idOf(`id ${name}`);
    this.now = {
      link, publicGroupId, relays: ['https://smp2.example/r#x'], memberCount: subscribers,
      profile: { displayName: name, fullName: '', publicGroup: { groupType: type, groupLink: link, publicGroupId }, ...profile },
      owners: [{ memberId: this.ownerId, key: `key of ${owner.contact.localName}` }],
    };
  }

  get ownerId(): string {
    return idOf(`owner ${this.owner.contact.localName}`);
  }

  get group(): Group {
    const group = this.bot.run((step) => step.channel(this.now.publicGroupId));
    assert(group !== undefined, 'the bot is not in the channel');
    return group;
  }

  /** As group and registration number. */
  get groupId(): number {
    return this.group.groupId;
  }

  get member(): Member {
    const member = this.bot.run((step) => step.memberById(this.groupId, this.ownerId));
    assert(member !== undefined, 'the owner is no member');
    return member;
  }

  get state(): string {
    const all = this.bot.run((step) => step.records.list('registration', '').map(({ value }) => value as { groupId: number; state: string; code: number }));
    const group = this.bot.run((step) => step.groups()).findLast(({ channel }) => channel?.publicGroupId === this.now.publicGroupId);
    const registration = all.find(({ groupId }) => groupId === group?.groupId);
    if (registration === undefined) return 'none';
    return registration.code === 0 ? registration.state : `${registration.state}:${registration.code}`;
  }

  card(more: Partial<Extract<MessageContent, { type: 'chat' }>> = {}): Extract<MessageContent, { type: 'chat' }> {
    return {
      type: 'chat', text: this.now.link, chatLink: { type: 'group', connLink: this.now.link, groupProfile: this.now.profile },
      ownerSig: { ownerId: this.ownerId, chatBinding: 'RA', ownerSig: 'AA' }, ...more,
    };
  }

  /** The card is sent; answers before the link is read. */
  send(by: Person = this.owner, card = this.card()): readonly string[] {
    return by.sends({ content: card }).map(({ content }) => content.text);
  }

  /** The link that is being read has been. */
  isRead(owner: OwnerVerdict = { verdict: 'owner', ownerId: this.ownerId }, channel: Channel = this.now): void {
    const { link, about } = this.#asked();
    this.bot.tell({ type: 'channel-link', link, about, result: { found: true, channel: { ...channel, link }, owner } });
  }

  isNotRead(reason: LookUpFailure): void {
    const { link, about } = this.#asked();
    this.bot.tell({ type: 'channel-link', link, about, result: { found: false, reason } });
  }

  #asked() {
    const asked = this.bot.lookUps.shift();
    assert(asked !== undefined, 'no link is being read');
    return asked;
  }

  /** Sent, and read; all answers. */
  shared(by: Person = this.owner, verdict?: OwnerVerdict): readonly string[] {
    const answers = this.send(by);
    if (answers.length > 0) return answers;
    this.isRead(verdict);
    return by.heard();
  }

  joined(): void {
    const host = this.bot.state.addMember(this.groupId, { profile: { displayName: 'relay', fullName: '' }, role: 'relay', status: 'connected', category: 'host' });
    this.bot.tell({ type: 'group-joined', group: this.bot.state.setOwn(this.groupId, { status: 'connected' }), host });
  }

  announced(said: Role = 'owner'): void {
    const member = this.bot.state.setMember(this.member, { status: 'introduced' });
    this.bot.tell({ type: 'owner-announced', group: this.group, member, said });
  }

  /** A channel that is joined and waits for approval. Notices are read. */
  registered(): this {
    const answers = this.shared();
    this.joined();
    this.announced();
    assert.equal(this.state, 'pending_approval:1', [...answers, ...this.owner.heard()].join('\n'));
    this.owner.heard();
    return this;
  }

  approvedBy(admin: Person): this {
    const code = this.bot.registered(this.groupId)?.code;
    const answers = admin.says(`/approve ${this.groupId}:${this.now.profile.displayName} ${code}`);
    assert.equal(this.state, 'active', answers.join('\n'));
    admin.heard();
    this.owner.heard();
    return this;
  }

  /** Its link tells otherwise; the bot does not know yet. */
  changes({ memberCount, owners, relays, ...profile }: Partial<GroupProfile> & Partial<Pick<Channel, 'memberCount' | 'owners' | 'relays'>>): void {
    const { now } = this;
    this.now = {
      ...now, profile: { ...now.profile, ...profile },
      memberCount: memberCount === undefined ? now.memberCount : memberCount, owners: owners ?? now.owners, relays: relays ?? now.relays,
    };
  }

  /** An owner has said it: relays pass it on. */
  tells(profile: Partial<GroupProfile>): void {
    const from = this.group.profile;
    this.changes(profile);
    const group = this.bot.state.setGroup(this.groupId, { profile: this.now.profile });
    this.bot.tell({ type: 'group-updated', group, from, by: this.member });
  }
}
