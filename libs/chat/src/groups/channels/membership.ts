/**
 * Our membership of a channel (directory §3.8): a key of ours, the owners that its link tells of, and relays, each a member that we are connected to.
 * All relays say the same, so one is enough to be in it.
 */
import { copyBytes } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import type { Channel, ChannelOwner } from '../../channel-link.ts';
import { ChatError } from '../../chat-error.ts';
import type { JoinChannelOptions } from '../../chat-step.ts';
import { boundedGroupProfile } from '../../profiles.ts';
import { hashed, keyOf } from '../../records/keys.ts';
import type { Group } from '../../records/records.ts';
import { isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { isLinkOwner, ownerKey } from './keys.ts';
import { addRelay, dropRelaysBut } from './relays.ts';

const SHORT_ID = 7;
/** As many as fit a link, and more. */
const MAX_OWNERS = 100;

/** Throws PROHIBITED. */
export function joinChannel(step: Step, channel: Channel, { owner }: JoinChannelOptions = {}): Group {
  const { publicGroupId, link, profile, owners, relays } = channel;
  if (relays.length === 0) throw new ChatError('PROHIBITED', 'the channel has no relays');
  if (step.channel(publicGroupId) !== undefined) throw new ChatError('PROHIBITED', 'we are in the channel');
  const { groupId } = step.addGroup({
    profile: boundedGroupProfile(profile), own: { memberId: step.newId(), role: 'observer', status: 'unknown' }, host: null, connRequest: null, link: null,
    channel: { publicGroupId, link },
  });
  step.records.put('channel-of', hashed(publicGroupId), groupId);
  step.records.put('channel-key', keyOf(groupId), copyBytes(generateKeyPair('ed25519').privateKey.raw));
  for (const one of owners.slice(0, MAX_OWNERS)) addOwner(step, groupId, one, one.memberId === owner?.memberId ? owner.contactId : null);
  for (const relay of relays) addRelay(step, groupId, relay);
  return step.knownGroup(groupId);
}

/** Its role and key are the link's, whatever relays say of it. */
function addOwner(step: Step, groupId: number, { memberId, key }: ChannelOwner, contactId: number | null): void {
  const known = step.memberById(groupId, memberId);
  step.records.put('channel-owner', ownerKey(groupId, memberId), true);
  if (known !== undefined && !isRemoved(known)) return void step.updateMember(known, { role: 'owner', key });
  step.addMember({
    groupId, memberId, role: 'owner', category: 'pre', status: 'unknown', profile: { displayName: memberId.slice(0, SHORT_ID), fullName: '' },
    versions: { min: 1, max: 1 }, contactId, invitedBy: null, key,
  });
}

/** Throws PROHIBITED, UNKNOWN. */
export function syncChannel(step: Step, groupId: number, { publicGroupId, link, profile, owners, relays }: Channel): Group {
  const { channel, own } = step.knownGroup(groupId);
  if (channel?.publicGroupId !== publicGroupId || isRemoved(own)) throw new ChatError('PROHIBITED', 'it is another channel, or we are not in it');
  step.updateGroup(groupId, { profile: boundedGroupProfile(profile), channel: { publicGroupId, link } });
  dropOwnersBut(step, groupId, owners);
  for (const one of owners.slice(0, MAX_OWNERS)) {
    if (!isLinkOwner(step, { groupId, memberId: one.memberId }) || step.memberById(groupId, one.memberId)?.key !== one.key) addOwner(step, groupId, one, null);
  }
  dropRelaysBut(step, groupId, relays);
  for (const relay of relays) addRelay(step, groupId, relay);
  return step.knownGroup(groupId);
}

function dropOwnersBut(step: Step, groupId: number, kept: readonly ChannelOwner[]): void {
  const hashes = new Set(kept.map(({ memberId }) => ownerKey(groupId, memberId)));
  for (const { key } of step.records.list('channel-owner', `${keyOf(groupId)}/`)) {
    if (hashes.has(key)) continue;
    step.records.remove('channel-owner', key);
    const number = step.records.get('member-by-id', key);
    const member = number === undefined ? undefined : step.member(groupId, number);
    if (member === undefined || member.role !== 'owner' || isRemoved(member)) continue;
    const changed = step.updateMember(member, { role: 'observer' });
    step.emit({ type: 'member-role', group: step.knownGroup(groupId), member: changed, from: 'owner', by: changed });
  }
}
