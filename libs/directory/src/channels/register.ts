/**
 * What the link of a card tells decides (directory §3.8): whose signature it is, whether the channel is known, and what becomes of its registration. A
 * channel is the same only by the link that it was registered by, or that its owners say: anybody can make a link that claims its identity.
 */
import type { Channel, ChatEvent, Contact, Group } from '@polyplex/chat';
import { publicGroupOf } from '@polyplex/protocol-chat';
import { isSameLink } from '../links/same-link.ts';
import type { ChannelFacts, Registration } from '../records/records.ts';
import { CHANNEL_TEXTS } from '../texts/channel-texts.ts';
import { OWNER_TEXTS } from '../texts/owner-texts.ts';
import { attempt, count, tell, tellOwner, type Turn } from '../turn.ts';
import { putRegistration } from '../registration/change.ts';
import { clashOf } from '../registration/duplicates.ts';
import { newRegistration, nextNumber, tooManyOf } from '../registration/invitation.ts';
import { submit } from '../registration/joined.ts';
import { changeBetween } from '../registration/profile-change.ts';
import { isAnnouncedOwner } from '../registration/role-rules.ts';
import { scheduleLinkCheck } from './link-check-plan.ts';
import { channelTypeOf } from './read-card.ts';

type ChannelLink = Extract<ChatEvent, { type: 'channel-link' }>;

/** A channel whose owner has sent its card. */
interface Shared {
  readonly contact: Contact;
  readonly channel: Channel;
  readonly ownerId: string;
  readonly facts: ChannelFacts;
}

/** A text where it is not registered by this. */
function sharedOf(contact: Contact, ownerId: string, result: ChannelLink['result']): Shared | string {
  if (!result.found) return result.reason === 'NETWORK' ? CHANNEL_TEXTS.notRead('channel') : CHANNEL_TEXTS.gone('channel');
  const { channel, owner } = result;
  const type = channelTypeOf(channel.profile);
  if (type === null) return CHANNEL_TEXTS.unknownType;
  const key = channel.owners.find(({ memberId }) => memberId === ownerId)?.key;
  const isOwner = owner.verdict === 'owner' && owner.ownerId === ownerId;
  if (!isOwner || key === undefined) return CHANNEL_TEXTS.notSigned(owner.verdict === 'unknown-owner' ? 'unknown-owner' : 'wrong-signature', type);
  if (channel.relays.length === 0) return CHANNEL_TEXTS.noRelays(type);
  return { contact, channel, ownerId, facts: { type, link: channel.link, ownerKey: key, subscribers: channel.memberCount } };
}

export function onCardRead(turn: Turn, contactId: number, { link, result }: ChannelLink): void {
  const card = turn.records.card(contactId);
  if (card?.link !== link) return;
  turn.records.removeCard(contactId);
  const contact = turn.step.contact(contactId);
  if (contact === undefined || contact.status === 'deleted') return;
  const shared = sharedOf(contact, card.ownerId, result);
  const answer = typeof shared === 'string' ? shared : registerShared(turn, shared);
  count(turn, ({ cards }) => cards.add(answer === null ? 'registered' : 'refused'));
  if (answer !== null) tell(turn, contactId, answer);
}

/** Null: the owner has been told what becomes of it. */
function registerShared(turn: Turn, shared: Shared): string | null {
  const group = turn.step.channel(shared.channel.publicGroupId);
  if (group === undefined) return registerNew(turn, shared);
  const registration = turn.records.registration(group.groupId);
  if (!leadsTo(group, registration, shared)) return CHANNEL_TEXTS.registeredByAnother(shared.facts.type);
  return registration === undefined ? begin(turn, shared, group) : registerAgain(turn, shared, group, registration);
}

/** By the link that the channel's owners say, or that it was registered by. */
function leadsTo(group: Group, registration: Registration | undefined, { channel }: Shared): boolean {
  const links = [publicGroupOf(group.profile)?.groupLink, registration?.channel?.link ?? group.channel?.link];
  return links.some((link) => link !== undefined && isSameLink(link, channel.link));
}

function registerNew(turn: Turn, shared: Shared): string | null {
  const { contact, channel, ownerId, facts } = shared;
  const tooMany = tooManyOf(turn, contact);
  if (tooMany !== null) return tooMany;
  const { displayName } = channel.profile;
  if (clashOf(turn, NO_GROUP, displayName) === 'refused') return CHANNEL_TEXTS.nameTaken(displayName);
  const group = attempt(turn, () => turn.step.joinChannel(channel, { owner: { memberId: ownerId, contactId: contact.contactId } }));
  if (group === undefined) return CHANNEL_TEXTS.notRead(facts.type);
  const joining = putRegistration(turn, { ...newRegistration(turn, contact, group), ownerMemberId: ownerId, channel: facts });
  tellOwner(turn, joining, OWNER_TEXTS.joining(joining));
  return null;
}

/** Ids of groups begin with 1. */
const NO_GROUP = 0;

/** The bot is in it, and it is not registered any more. */
function begin(turn: Turn, shared: Shared, group: Group): string | null {
  const tooMany = tooManyOf(turn, shared.contact);
  if (tooMany !== null) return tooMany;
  return registerAgain(turn, shared, group, { ...newRegistration(turn, shared.contact, group), ownerMemberId: shared.ownerId, channel: shared.facts });
}

/** Its registrant is its owner no more: another may have it. */
function isFree({ state }: Registration): boolean {
  return state === 'suspended_bad_roles' || state === 'removed';
}

/** Null: it may be submitted. */
function refusalOf(turn: Turn, shared: Shared, group: Group, registration: Registration): string | null {
  const { contact, facts: { type } } = shared;
  const isAnother = registration.contactId !== contact.contactId;
  if (isAnother && !isFree(registration)) return CHANNEL_TEXTS.registeredByAnother(type);
  if (registration.state === 'suspended') return CHANNEL_TEXTS.suspended(type);
  if (isAnother) return tooManyOf(turn, contact);
  return isUnchanged(shared, group, registration) ? CHANNEL_TEXTS.asItIs(registration.state, type) : null;
}

function registerAgain(turn: Turn, shared: Shared, group: Group, registration: Registration): string | null {
  const { ownerId, facts } = shared;
  const refusal = refusalOf(turn, shared, group, registration);
  if (refusal !== null) return refusal;
  const synced = attempt(turn, () => turn.step.syncChannel(group.groupId, shared.channel));
  if (synced === undefined) return CHANNEL_TEXTS.notRead(facts.type);
  const owner = turn.step.memberById(group.groupId, ownerId);
  const isThere = owner !== undefined && isAnnouncedOwner(owner);
  submitAgain(turn, shared, synced, { registration, isThere });
  return null;
}

function isUnchanged({ channel, ownerId, facts }: Shared, group: Group, { ownerMemberId, channel: before }: Registration): boolean {
  return changeBetween(group.profile, channel.profile, []) === 'same' && ownerMemberId === ownerId && before?.ownerKey === facts.ownerKey;
}

/** To the admins; where no relay has told of the owner yet, that is waited for. */
function submitAgain(turn: Turn, shared: Shared, group: Group, { registration, isThere }: { readonly registration: Registration; readonly isThere: boolean }): void {
  const { contact: { contactId }, ownerId, facts } = shared;
  const isAnother = registration.contactId !== contactId;
  const submitted = putRegistration(turn, {
    ...registration, contactId,
    userNumber: isAnother ? nextNumber(turn, contactId) : registration.userNumber,
    ownerMemberId: ownerId, channel: facts, name: group.profile.displayName, approving: null,
    state: isThere ? 'pending_approval' : 'proposed',
    code: isThere ? registration.code + 1 : 0,
  });
  if (isAnother) tellOwner(turn, registration, CHANNEL_TEXTS.passedOn(registration));
  tellOwner(turn, submitted, isThere ? CHANNEL_TEXTS.submitted(submitted) : CHANNEL_TEXTS.waiting(submitted));
  if (!isThere) return;
  scheduleLinkCheck(turn, submitted.groupId);
  submit(turn, submitted, group);
}
