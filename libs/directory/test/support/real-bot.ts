/** A directory on a real chat client over real relays, with scripted people. */
import assert from 'node:assert/strict';
import { systemClock } from '@polyplex/base';
import { type ChannelOwner, type ChatClient, type ClientOptions, type WithChannels, withChannels, type WithClients, withClients } from '@polyplex/chat/test-support';
import type { GroupProfile, Role } from '@polyplex/protocol-chat';
import { type DirectoryOptions, directoryProfile, Directory } from '../../src/index.ts';
import { DirectoryRecords } from '../../src/records/directory-records.ts';
import { linkPhrase } from '../../src/texts/group-texts.ts';

export const SERVICE = 'SimpleX Directory';

class RealBot {
  readonly client: ChatClient;
  readonly #options: DirectoryOptions;
  directory: Directory;

  constructor(clients: WithClients, options: Partial<DirectoryOptions> = {}) {
    this.#options = { superUsers: [{ contactId: 1, name: 'alice' }], pageSize: 3, ...options };
    this.directory = new Directory(this.#options);
    this.client = clients.client(SERVICE, {
      profile: directoryProfile(SERVICE),
      acceptsInvitations: false,
      onEvent: (event, step) => this.directory.onEvent(event, step),
      admit: (request, step) => this.directory.admit(request, step),
    });
    this.directory.attach((work) => this.client.change(work), systemClock);
  }

  /** The link of this channel is read again, and what follows from it is done. */
  async checksLink(groupId: number): Promise<void> {
    const { events } = this.client;
    events.splice(0, events.length, ...events.filter(({ type }) => type !== 'channel-link'));
    await this.client.change((step) => {
      new DirectoryRecords(step.records).putLinkCheck(groupId, { dueAt: 0, since: null });
      this.directory.checkLinks(step);
    });
    await this.client.expect('channel-link');
  }

  /** As after the end of its process. */
  async restart(): Promise<void> {
    this.client.restart();
    this.directory = new Directory(this.#options);
    this.directory.attach((work) => this.client.change(work), systemClock);
    await this.client.change((step) => this.directory.load(step));
  }
}

/** Somebody with the bot as a contact; `alice` has to be the first. */
export class RealPerson {
  readonly client: ChatClient;
  readonly botId: number;

  constructor(client: ChatClient, botId: number) {
    this.client = client;
    this.botId = botId;
  }

  get name(): string {
    return this.client.name;
  }

  hears(): Promise<string> {
    return this.client.hear(this.botId);
  }

  async hearsAll(count: number): Promise<readonly string[]> {
    const heard: string[] = [];
    while (heard.length < count) heard.push(await this.hears());
    return heard;
  }

  /** The first `count` answers. What was said before must have been heard. */
  async asks(text: string, count = 1): Promise<readonly string[]> {
    await this.client.say(this.botId, text);
    return this.hearsAll(count);
  }

  /** Sends the card of a channel, signed by its owner; the first `count` answers. */
  async shares(owner: ChannelOwner, count = 1): Promise<readonly string[]> {
    await this.client.say(this.botId, owner.card(await this.client.bindingTo(this.botId)));
    return this.hearsAll(count);
  }

  /** Makes a group and invites the bot. Nothing is heard yet. */
  async invites(profile: Partial<GroupProfile> & { readonly displayName: string }, role: Role = 'admin'): Promise<OwnGroup> {
    const group = new OwnGroup(this, await this.client.change((step) => step.createGroup({ fullName: '', ...profile }).groupId));
    await group.inviteBot(role);
    return group;
  }

  /** A group that is listed: everything about it was heard by its owner and by `alice`. */
  async lists(alice: RealPerson, profile: Partial<GroupProfile> & { readonly displayName: string }): Promise<OwnGroup> {
    const group = await this.invites(profile);
    await this.hearsAll(3);
    const [, command] = await alice.hearsAll(2);
    await alice.asks(command!, 2);
    const [, line] = await this.hearsAll(2);
    assert(line!.startsWith(linkPhrase(profile.displayName)), line);
    group.link = line!.slice(linkPhrase(profile.displayName).length + 1);
    return group;
  }
}

export class OwnGroup {
  readonly owner: RealPerson;
  readonly groupId: number;
  link = '';

  constructor(owner: RealPerson, groupId: number) {
    this.owner = owner;
    this.groupId = groupId;
  }

  inviteBot(role: Role): Promise<void> {
    return this.owner.client.change((step) => step.inviteContact(this.groupId, this.owner.botId, role));
  }

  change(profile: Partial<GroupProfile>): Promise<void> {
    return this.owner.client.change((step) => step.setGroupProfile(this.groupId, { ...step.group(this.groupId)!.profile, ...profile }));
  }

  async setRole(name: string, role: Role): Promise<void> {
    const { memberNumber } = this.owner.client.member(this.groupId, name);
    await this.owner.client.change((step) => step.setMemberRole(this.groupId, memberNumber, role));
  }

  async remove(name: string): Promise<void> {
    const { memberNumber } = this.owner.client.member(this.groupId, name);
    await this.owner.client.change((step) => step.removeMember(this.groupId, memberNumber));
  }
}

/** Somebody at the bot's link, who is asked for a captcha. */
export class RealJoiner {
  readonly client: ChatClient;
  readonly groupId: number;

  constructor(client: ChatClient, groupId: number) {
    this.client = client;
    this.groupId = groupId;
  }

  static async at(client: ChatClient, link: string): Promise<RealJoiner> {
    await client.chat.connect(link);
    const { group } = await client.expect('group-joined');
    return new RealJoiner(client, group.groupId);
  }

  reads(): Promise<string> {
    return this.client.read(this.groupId);
  }

  async readsAll(count: number): Promise<readonly string[]> {
    const read: string[] = [];
    while (read.length < count) read.push(await this.reads());
    return read;
  }

  /** Into the support chat; the first `count` answers. */
  async answers(text: string, count: number): Promise<readonly string[]> {
    await this.client.change((step) => step.sendToOwnSupport(this.groupId, { type: 'text', text }));
    return this.readsAll(count);
  }

  /** The notice and the captcha, and the right answer. */
  async passes(): Promise<void> {
    const [, captcha] = await this.readsAll(2);
    const [correct] = await this.answers(captcha!, 1);
    assert.match(correct!, /Correct/);
    await this.client.expect('group-accepted');
  }
}

export interface RealScene {
  readonly channels: WithChannels;
  bot(options?: Partial<DirectoryOptions>): RealBot;
  /** Connects to the bot; the welcome is heard. */
  person(bot: RealBot, name: string): Promise<RealPerson>;
  client(name: string, options?: Partial<ClientOptions>): ChatClient;
}

/** Called once, at the top of a spec. */
export function realScene(): RealScene {
  const clients = withClients();
  const channels = withChannels(clients);
  return {
    channels,
    bot: (options) => new RealBot(clients, options),
    client: (name, options) => clients.client(name, options),
    async person(bot, name) {
      const client = clients.client(name);
      const { fullLink } = await bot.client.chat.createAddress();
      await client.chat.connect(fullLink);
      const { contact } = await client.expect('contact-ready');
      const person = new RealPerson(client, contact.contactId);
      assert.match(await person.hears(), /Welcome/);
      return person;
    },
  };
}
