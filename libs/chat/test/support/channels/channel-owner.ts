/** A scripted owner of a channel (directory §3.8): it makes the link, brings in relays, posts, changes the profile, removes members, and shares its card. */
import type { AgentEvent, AgentStep } from '@polyplex/agent';
import { concatBytes, utf8 } from '@polyplex/base';
import { encodePublicKey, generateKeyPair, type KeyPair, sha256, sign } from '@polyplex/crypto';
import { authorizeOwner, encodeShortLink, formatShortLink, type LinkOwner, parseShortLink, type ShortLink } from '@polyplex/protocol-agent';
import {
  bytesOfId, channelBinding, contactBinding, encodeChatLinkData, type GroupProfile, idOfBytes, type MessageContent, newMessageId, type SentEvent,
} from '@polyplex/protocol-chat';
import type { ChatRelay } from './chat-relay.ts';
import { elementOf, jsonOf, RawPeer, type RawPeerOptions } from './raw-peer.ts';

export interface ChannelOwnerOptions extends RawPeerOptions {
  readonly groupType?: 'channel' | 'group';
  readonly profile?: Partial<GroupProfile>;
}

interface Joined {
  readonly relay: ChatRelay;
  readonly connectionId: string;
  link: string | null;
  isConnected: boolean;
}

/** How an event goes out of the ordinary. */
export interface SayOptions {
  readonly msgId?: string;
  /** False: it is not signed. Default: it is. */
  readonly signs?: boolean;
  /** Signed with another key. */
  readonly keys?: KeyPair<'ed25519'>;
  /** Signed for another channel, or another member. */
  readonly publicGroupId?: string;
  readonly memberId?: string;
  /** Default: all of its relays. */
  readonly via?: readonly ChatRelay[];
}

export class ChannelOwner extends RawPeer {
  readonly rootKeys = generateKeyPair('ed25519');
  readonly keys = generateKeyPair('ed25519');
  readonly memberId = newMessageId();
  readonly publicGroupId: string;
  /** As it is published. */
  owners: readonly LinkOwner[];
  profile: GroupProfile;
  memberCount = 1;
  readonly #relays: Joined[] = [];
  #connectionId = '';
  #link: ShortLink | null = null;
  readonly #groupType: string;

  constructor({ groupType = 'channel', profile = {}, ...options }: ChannelOwnerOptions) {
    super(options);
    this.#groupType = groupType;
    this.publicGroupId = idOfBytes(sha256(encodePublicKey(this.rootKeys.publicKey)));
    this.owners = [authorizeOwner(this.rootKeys.privateKey, bytesOfId(this.memberId)!, this.keys.publicKey)];
    this.profile = { displayName: options.name, fullName: '', ...profile };
  }

  /** A short link, as apps show it. */
  get link(): string {
    return formatShortLink(this.#link!, 'server');
  }

  /** Makes the link, and brings in relays one after another. */
  async create(relays: readonly ChatRelay[] = []): Promise<this> {
    const { connectionId, link } = await this.agent.createAddress({
      kind: this.#groupType === 'group' ? 'g' : 'c', isDirect: false, rootKeys: this.rootKeys, entityId: bytesOfId(this.publicGroupId)!, owners: this.owners, userData: this.#userData(),
    });
    [this.#connectionId, this.#link] = [connectionId, link];
    await this.setProfile({});
    for (const relay of relays) await this.addRelay(relay);
    return this;
  }

  #userData(): Uint8Array {
    return encodeChatLinkData({ groupProfile: this.profile, publicGroupData: { publicMemberCount: this.memberCount } });
  }

  protected take(event: AgentEvent, step: AgentStep): void {
    const joined = this.#relays.find(({ connectionId }) => connectionId === ('connectionId' in event ? event.connectionId : ''));
    if (event.type === 'confirmation') {
      const message = this.said(event.info);
      if (message?.event !== 'x.grp.relay.acpt' || joined === undefined) return step.reject(event.offerId);
      joined.link = message.params.relayLink;
      step.allow(event.offerId, utf8(jsonOf({ event: 'x.ok', params: {} }, null)));
    }
    if (event.type === 'connected' && joined !== undefined) joined.isConnected = true;
  }

  /** Asks a chat relay, and puts it into the link. With `announces` the others tell their members. */
  async addRelay(relay: ChatRelay, { announces = false }: { readonly announces?: boolean } = {}): Promise<void> {
    const groupRelayInvitation = {
      fromMember: { memberId: this.memberId, memberRole: 'owner' as const }, fromMemberProfile: { displayName: `${this.name} owner`, fullName: '' },
      relayMemberId: newMessageId(), groupLink: this.link,
    };
    const others = this.#relays.map((joined) => joined.relay);
    await this.agent.join(await relay.address(), {
      info: utf8(jsonOf({ event: 'x.grp.relay.inv', params: { groupRelayInvitation } }, null)), postQuantum: false,
      also: (_step, connectionId) => void this.#relays.push({ relay, connectionId, link: null, isConnected: false }),
    });
    const joined = await this.until(`relay ${relay.name}`, () => this.#relays.find((one) => one.relay === relay && one.isConnected && one.link !== null));
    await this.publish();
    if (announces) await this.say({ event: 'x.grp.relay.new', params: { relayLink: joined.link! } }, { via: others });
  }

  /** Takes a relay out of the link; the members are told where `announces`. */
  async removeRelay(relay: ChatRelay, { announces = true }: { readonly announces?: boolean } = {}): Promise<void> {
    if (announces) await this.say({ event: 'x.grp.mem.del', params: { memberId: relay.memberId } });
    this.#relays.splice(this.#relays.findIndex((joined) => joined.relay === relay), 1);
    await this.publish();
  }

  /** Resolves when the link tells what is so now. */
  async publish(): Promise<void> {
    const { userData, relays } = await this.publishBlindly();
    for (;;) {
      const opened = await this.agent.openShortLink(this.link);
      if (Buffer.from(opened.userData).equals(userData) && opened.relays.length === relays.length && opened.owners.length === this.owners.length) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The link leads nowhere any more. Resolves when that is so. */
  async deleteLink(): Promise<void> {
    await this.agent.deleteLink(this.#connectionId);
    for (;;) {
      try {
        await this.agent.openShortLink(this.link);
      } catch {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Changes the profile in the link; nobody else is told. */
  async setProfile(change: Partial<GroupProfile>): Promise<void> {
    const publicGroup = { groupType: this.#groupType, groupLink: this.link, publicGroupId: this.publicGroupId };
    this.profile = { ...this.profile, publicGroup, ...change };
    await this.publish();
  }

  /** Without waiting: for links that nobody can read. */
  async publishBlindly(): Promise<{ readonly userData: Uint8Array; readonly relays: readonly ShortLink[] }> {
    const userData = this.#userData();
    const relays = this.#relays.flatMap(({ link }) => (link === null ? [] : [parseShortLink(link)!]));
    await this.agent.setUserData(this.#connectionId, userData, { owners: this.owners, relays });
    return { userData, relays };
  }

  /** Changes the profile in the link and tells the members. */
  async update(change: Partial<GroupProfile>): Promise<void> {
    await this.setProfile(change);
    await this.say({ event: 'x.grp.info', params: { groupProfile: this.profile } });
  }

  /** What this owner says, as an element. */
  element(event: SentEvent, { signs = true, keys = this.keys, publicGroupId = this.publicGroupId, memberId = this.memberId, msgId = newMessageId() }: SayOptions = {}): Uint8Array {
    return elementOf(event, { msgId, ...(signs ? { signed: { key: keys.privateKey, binding: channelBinding(publicGroupId, memberId) } } : {}) });
  }

  async say(event: SentEvent, { via, ...options }: SayOptions = {}): Promise<void> {
    const element = this.element(event, options);
    for (const { relay, connectionId } of this.#relays) if (via === undefined || via.includes(relay)) await this.send(connectionId, [element]);
  }

  /** Unsigned, as content is. */
  post(text: string, { asGroup = false, ...options }: SayOptions & { readonly asGroup?: boolean } = {}): Promise<void> {
    return this.say({ event: 'x.msg.new', params: { content: { type: 'text', text }, ...(asGroup ? { asGroup } : {}) } }, { signs: false, ...options });
  }

  removeMember(memberId: string): Promise<void> {
    return this.say({ event: 'x.grp.mem.del', params: { memberId } });
  }

  delete(): Promise<void> {
    return this.say({ event: 'x.grp.del', params: {} });
  }

  /**
   * The card that an app shares in a direct chat; `connection`: what both ends of it know (`bindingOf` of an agent's step). Null: not signed. `asRoot`: with the root key.
   */
  card(connection: Uint8Array | null, { keys = this.keys, ownerId = this.memberId, asRoot = false, link = this.link }: {
    readonly keys?: KeyPair<'ed25519'>; readonly ownerId?: string; readonly asRoot?: boolean; readonly link?: string;
  } = {}): MessageContent {
    const card = { type: 'chat', text: this.profile.displayName, chatLink: { type: 'group', connLink: link, groupProfile: this.profile } } as const;
    if (connection === null) return card;
    const binding = contactBinding(connection);
    const key = asRoot ? this.rootKeys.privateKey : keys.privateKey;
    const ownerSig = idOfBytes(sign(key, concatBytes(binding, encodeShortLink(this.#link!))));
    return { ...card, ownerSig: { ...(asRoot ? {} : { ownerId }), chatBinding: idOfBytes(binding), ownerSig } };
  }
}
