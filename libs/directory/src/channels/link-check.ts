/**
 * What links of channels tell when they are read again (directory §3.8): relays may keep back what owners say, and how many subscribers there are is
 * told there alone.
 */
import type { Channel, ChatEvent, Group } from '@polyplex/chat';
import { isSameLink } from '../links/same-link.ts';
import type { ChannelFacts, Registration } from '../records/records.ts';
import { liveRegistration, putRegistration, setStatus } from '../registration/change.ts';
import { remove, restore } from '../registration/membership.ts';
import { mayNotify } from '../registration/notices.ts';
import { changeBetween, hide } from '../registration/profile-change.ts';
import { presentFault } from '../registration/role-rules.ts';
import { ADMIN_TEXTS } from '../texts/admin-texts.ts';
import { CHANNEL_TEXTS } from '../texts/channel-texts.ts';
import { roleFaultReason } from '../texts/owner-texts.ts';
import { attempt, count, tellAdmins, tellOwner, type Turn } from '../turn.ts';
import { answered, isChecked, lookUp } from './link-check-plan.ts';

type ChannelLink = Extract<ChatEvent, { type: 'channel-link' }>;

export function onCheckRead(turn: Turn, groupId: number, event: ChannelLink): void {
  answered(turn, groupId);
  const registration = liveRegistration(turn, groupId);
  const group = turn.step.group(groupId);
  if (registration === undefined || group === undefined || !isChecked(registration)) return;
  const channel = event.result.found ? event.result.channel : null;
  // Anybody can make a link that tells of this channel's name, and of another's identity.
  if (channel !== null && turn.step.channel(channel.publicGroupId)?.groupId === groupId) follow(turn, { registration, group, channel });
  else notFollowed(turn, registration, event);
}

/** What the owners say is the new link does not count before it leads to the channel. */
function notFollowed(turn: Turn, registration: Registration, { link, result }: ChannelLink): void {
  const known = registration.channel?.link ?? '';
  if (!isSameLink(link, known)) return lookUp(turn, registration.groupId, known);
  const isGone = !result.found && (result.reason === 'AUTH' || result.reason === 'BLOCKED');
  count(turn, ({ linkChecks }) => linkChecks.add(isGone ? 'gone' : 'failed'));
  if (isGone) remove(turn, registration, 'linkGone');
}

interface Read {
  readonly registration: Registration;
  readonly group: Group;
  readonly channel: Channel;
}

export type CheckVerdict = 'same' | 'changed' | 'owner-missing';

/** What the link says of a channel that is registered. An owner with another key is another owner. */
function verdictOf({ registration: { ownerMemberId, channel: facts }, group, channel }: Read): CheckVerdict {
  if (!channel.owners.some(({ memberId, key }) => memberId === ownerMemberId && key === facts?.ownerKey)) return 'owner-missing';
  return changeBetween(group.profile, channel.profile, []) === 'same' ? 'same' : 'changed';
}

function follow(turn: Turn, read: Read): void {
  const verdict = verdictOf(read);
  count(turn, ({ linkChecks }) => linkChecks.add(verdict));
  // What a link tells without its registrant stays unseen: it would be listed when they are an owner again.
  if (verdict === 'owner-missing') return ownerMissing(turn, read.registration);
  const { groupId } = read.group;
  const group = attempt(turn, () => turn.step.syncChannel(groupId, read.channel)) ?? read.group;
  const registration = update(turn, read, group);
  if (verdict === 'changed') return hide(turn, registration, { group, by: '' });
  if (registration.state === 'suspended_bad_roles' && presentFault(turn, registration, group) === null) restore(turn, registration, group);
}

/** Roles of others may have changed with what was followed: the registration is read again. */
function update(turn: Turn, { registration, channel }: Read, group: Group): Registration {
  const present = turn.records.registration(registration.groupId) ?? registration;
  const facts = present.channel ?? registration.channel!;
  const changed: ChannelFacts = { ...facts, link: channel.link, subscribers: channel.memberCount ?? facts.subscribers };
  const isSame = changed.link === facts.link && changed.subscribers === facts.subscribers && present.name === group.profile.displayName;
  return isSame ? present : putRegistration(turn, { ...present, channel: changed, name: group.profile.displayName });
}

function ownerMissing(turn: Turn, registration: Registration): void {
  if (registration.state !== 'active' && registration.state !== 'pending_approval') return;
  const suspended = setStatus(turn, registration, { state: 'suspended_bad_roles', code: registration.code });
  if (!mayNotify(turn, registration.groupId)) return;
  tellOwner(turn, suspended, CHANNEL_TEXTS.ownerMissing(suspended));
  tellAdmins(turn, [ADMIN_TEXTS.badRoles(suspended, roleFaultReason('owner'))]);
}
