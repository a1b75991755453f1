/**
 * A scripted chat relay of one channel (directory §3.8): an owner asks it to be one, members join by its link, and what owners and members say is passed on as it came.
 * It may also do what it should not.
 */
import type { AgentEvent, AgentStep } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import { type ConnectionRequest, formatShortLink } from '@polyplex/protocol-agent';
import {
  type BodyPart, bytesOfId, channelBinding, encodeRelayLinkData, forwardedElement, type GroupRelayInvitation, isSignedBy, newMessageId, parseBody, parseConnInfo, parseMemberKey,
  type Profile, type Role, type SentEvent, signedElement,
} from '@polyplex/protocol-chat';
import { elementOf, jsonOf, RawPeer, type RawPeerOptions } from './raw-peer.ts';

interface Served {
  readonly memberId: string;
  readonly name: string;
  readonly connectionId: string;
  isConnected: boolean;
}

export interface ChatRelayOptions extends RawPeerOptions {
  /** The owner's role, as it is told to who joins; null: the owner is introduced when `introduce` is called. Default `owner`. */
  readonly announces?: Role | null;
  /** Whoever asks is refused. */
  readonly refuses?: boolean;
}

type Message = Extract<BodyPart, { readonly kind: 'message' }>;

export class ChatRelay extends RawPeer {
  readonly keys = generateKeyPair('ed25519');
  /** Everything said by members, with whether it was rightly signed. */
  readonly heard: { readonly from: string; readonly event: string; readonly isSigned: boolean }[] = [];
  /** Members that were there, by id. */
  readonly members = new Map<string, Served & { readonly key: string }>();
  memberId = '';
  readonly #options: ChatRelayOptions;
  #last: Promise<void> = Promise.resolve();
  #address: string | null = null;
  #link: string | null = null;
  #owner: { connectionId: string; invitation: GroupRelayInvitation; publicGroupId: string } | null = null;

  constructor(options: ChatRelayOptions) {
    super(options);
    this.#options = options;
  }

  get profile(): Profile {
    return { displayName: this.name, fullName: '' };
  }

  /** Where owners ask. */
  async address(): Promise<ConnectionRequest> {
    const { connectionId, request } = await this.agent.createAddress();
    this.#address = connectionId;
    return request;
  }

  protected take(event: AgentEvent, step: AgentStep): void {
    if (event.type === 'request') return this.#asked(event, step);
    if (event.type === 'connected') return this.#connected(event.connectionId, step);
    if (event.type !== 'message') return;
    for (const part of parseBody(event.body)) if (part.kind === 'message') this.#said(event.connectionId, part, step);
  }

  #asked({ connectionId, offerId, info }: Extract<AgentEvent, { type: 'request' }>, step: AgentStep): void {
    const part = parseConnInfo(info);
    if (part.kind !== 'message') return step.reject(offerId);
    const { message } = part;
    if (connectionId === this.#address && message.event === 'x.grp.relay.inv') return this.begin(step, () => this.#serve(offerId, message.params.groupRelayInvitation));
    if (connectionId === this.#link && message.event === 'x.member' && this.#isGenuine(part)) return this.begin(step, () => this.#admit(offerId, message.params));
    step.reject(offerId);
  }

  /** Signed with the key it says, for this channel and this relay. */
  #isGenuine({ message, signed }: Message): boolean {
    if (message.event !== 'x.member' || signed === null) return false;
    const key = parseMemberKey(message.params.newMemberKey);
    const binding = channelBinding(this.#owner!.publicGroupId, message.params.newMemberId);
    return key !== null && message.params.viaRelay === this.memberId && isSignedBy(signed, binding, key);
  }

  async #serve(offerId: string, invitation: GroupRelayInvitation): Promise<void> {
    this.memberId = invitation.relayMemberId;
    const opened = await this.agent.openShortLink(invitation.groupLink);
    const { connectionId, link } = await this.agent.createAddress({
      kind: 'r', rootKeys: this.keys, entityId: bytesOfId(this.memberId)!, userData: encodeRelayLinkData(this.profile),
    });
    this.#link = connectionId;
    const relayLink = formatShortLink(link!, 'server');
    const owner = await this.agent.accept(offerId, { info: utf8(jsonOf({ event: 'x.grp.relay.acpt', params: { relayLink } }, null)), postQuantum: false });
    this.#owner = { connectionId: owner, invitation, publicGroupId: Buffer.from(opened.entityId!).toString('base64url') };
  }

  async #admit(offerId: string, { newMemberId, newMemberKey, profile }: Extract<Message['message'], { event: 'x.member' }>['params']): Promise<void> {
    const fromMember = { memberId: this.memberId, memberRole: 'relay' as const };
    const invitedMember = { memberId: newMemberId, memberRole: 'observer' as const };
    const groupProfile = { displayName: 'as the relay calls it', fullName: '' };
    const event: SentEvent = this.#options.refuses === true
      ? { event: 'x.grp.link.reject', params: { groupLinkRejection: { fromMember, invitedMember, groupProfile, rejectionReason: 'refused' } } }
      : { event: 'x.grp.link.inv', params: { groupLinkInvitation: { fromMember, fromMemberName: this.name, invitedMember, groupProfile } } };
    const connectionId = await this.agent.accept(offerId, { info: utf8(jsonOf(event, null)), postQuantum: false });
    this.members.set(newMemberId, { memberId: newMemberId, name: profile.displayName, connectionId, key: newMemberKey, isConnected: false });
  }

  #connected(connectionId: string, step: AgentStep): void {
    const member = [...this.members.values()].find((one) => one.connectionId === connectionId);
    if (member === undefined) return;
    member.isConnected = true;
    const { announces = 'owner' } = this.#options;
    if (announces !== null) this.begin(step, () => this.introduce(announces, [member]));
  }

  /** Tells members (default: all) of the owner, in a role. */
  async introduce(role: Role = 'owner', to: readonly Served[] = [...this.members.values()]): Promise<void> {
    const { fromMember: { memberId }, fromMemberProfile: profile } = this.#owner!.invitation;
    for (const { connectionId } of to) await this.send(connectionId, [elementOf({ event: 'x.grp.mem.intro', params: { memberInfo: { memberId, memberRole: role, profile } } })]);
  }

  #said(connectionId: string, part: Message, step: AgentStep): void {
    const owner = this.#owner;
    if (owner?.connectionId === connectionId) {
      const { memberId } = owner.invitation.fromMember;
      this.begin(step, () => this.passOn([this.#passedOn(part, memberId)]));
      return;
    }
    const member = [...this.members.values()].find((one) => one.connectionId === connectionId);
    if (member === undefined) return;
    const key = parseMemberKey(member.key);
    const isSigned = part.signed !== null && key !== null && isSignedBy(part.signed, channelBinding(owner!.publicGroupId, member.memberId), key);
    this.heard.push({ from: member.memberId, event: part.message.event, isSigned });
  }

  /** As the channel where the message says so, unless it is signed. */
  #passedOn({ message, signed }: Message, memberId: string): Uint8Array {
    const isPost = signed === null && message.event === 'x.msg.new' && message.params.asGroup === true;
    const element = signed === null ? utf8(JSON.stringify(message.json)) : signedElement(signed);
    const msgTs = new Date().toISOString();
    return forwardedElement(isPost ? { memberId: null, memberName: null, msgTs } : { memberId, memberName: 'owner', msgTs }, element);
  }

  /** Any elements to all members, when they are connected, in their order. */
  passOn(elements: readonly Uint8Array[]): Promise<void> {
    const turn = this.#last.then(async () => {
      await this.connected(this.members.size);
      for (const { connectionId } of this.members.values()) await this.send(connectionId, elements);
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** As said by the relay itself, to all members. */
  passOnDirectly(element: Uint8Array): Promise<void> {
    return this.passOn([element]);
  }

  /** What was never said by its author, or not so: `element` is what is inside. */
  async forge(memberId: string, element: Uint8Array): Promise<void> {
    await this.passOn([forwardedElement({ memberId, memberName: 'somebody', msgTs: new Date().toISOString() }, element)]);
  }

  /** Says that it leaves the channel, signed. */
  async leave(): Promise<void> {
    const binding = channelBinding(this.#owner!.publicGroupId, this.memberId);
    await this.passOn([elementOf({ event: 'x.grp.leave', params: {} }, { signed: { key: this.keys.privateKey, binding }, msgId: newMessageId() })]);
  }

  /** Resolves when so many members are connected. */
  async connected(count = 1): Promise<void> {
    await this.until(`${String(count)} members`, () => [...this.members.values()].filter(({ isConnected }) => isConnected).length >= count);
  }

  /** The first of this event that a member has said. */
  hear(event: string): Promise<ChatRelay['heard'][number]> {
    return this.until(event, () => this.heard.find((one) => one.event === event));
  }
}
