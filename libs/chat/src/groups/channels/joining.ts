/** We ask a relay to let us into its channel, and it answers (directory §3.8): `x.member`, signed for that relay alone, then `x.grp.link.inv`. */
import type { OpenedLink } from '@polyplex/agent';
import {
  channelBinding, type EventParameters, formatMemberKey, idOfBytes, MAX_CONN_INFO_BYTES, parseRelayLinkData, type Profile, signMessage,
} from '@polyplex/protocol-chat';
import { ChatError } from '../../chat-error.ts';
import { infoOf, textOf } from '../../compose.ts';
import type { ConfirmationHandler } from '../../dispatch/handlers.ts';
import { boundedMemberProfile, ownMemberProfile } from '../../profiles.ts';
import type { Group, Member } from '../../records/records.ts';
import { isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import type { Performer } from '../../tasks/performer.ts';
import { newerVersions } from '../../versions.ts';
import { dropConnection } from '../send.ts';
import { flushWaiting } from '../host/hooks.ts';
import { endMember } from '../membership/ending.ts';
import { ownKeys } from './keys.ts';
import { plainRole } from './plain-role.ts';
import { isRelayWanted, relayAsked, relayEnded, relayNotJoined } from './relays.ts';

/** A chat relay as its link tells of it: its member id and key stand where they cannot be changed. */
interface Relay {
  readonly memberId: string;
  readonly key: string;
  readonly profile: Profile;
}

function relayOf({ entityId, rootKey, userData }: OpenedLink): Relay {
  const profile = parseRelayLinkData(userData);
  if (entityId === null || entityId.length === 0 || profile === null) throw new ChatError('LINK', 'this is no relay of a channel');
  return { memberId: idOfBytes(entityId), key: formatMemberKey(rootKey), profile: boundedMemberProfile(profile) };
}

/** Throws PROHIBITED where it is not wanted any more, and LINK for one who is somebody else there. */
function wantedIn(step: Step, groupId: number, { link, relay: { memberId } }: { readonly link: string; readonly relay: Relay }): Group & Required<Pick<Group, 'channel'>> {
  const group = step.knownGroup(groupId);
  const { channel } = group;
  if (channel === undefined || isRemoved(group.own) || !isRelayWanted(step, groupId, link)) throw new ChatError('PROHIBITED', 'the relay is not wanted any more');
  const known = step.memberById(groupId, memberId);
  if (memberId === group.own.memberId || (known !== undefined && !isRemoved(known))) throw new ChatError('LINK', 'the relay is a member already');
  return { ...group, channel };
}

/** What it is told of us: what a member of another relay gets would be of no use to this one. */
function request(step: Step, group: Group & Required<Pick<Group, 'channel'>>, relay: Relay): Uint8Array {
  const { privateKey, publicKey } = ownKeys(step, group.groupId);
  const { memberId } = group.own;
  const params: EventParameters['x.member'] = {
    profile: ownMemberProfile(step, group), newMemberId: memberId, newMemberKey: formatMemberKey(publicKey), viaRelay: relay.memberId,
  };
  const info = signMessage(textOf({ event: 'x.member', params }), channelBinding(group.channel.publicGroupId, memberId), privateKey);
  if (info.length > MAX_CONN_INFO_BYTES) throw new ChatError('TOO_LARGE', 'our profile does not fit');
  return info;
}

export const joiningRelay: Performer<'join-relay'> = {
  subject: ({ groupId, link }) => `relay/${String(groupId)}/${link}`,
  perform: async (context, { groupId, link }, { settling }) => {
    const { agent } = context;
    const opened = await agent.openShortLink(link);
    const relay = relayOf(opened);
    const info = await context.change((step) => request(step, wantedIn(step, groupId, { link, relay }), relay));
    await agent.join(opened, {
      info, postQuantum: false,
      also: (agentStep, connectionId) => settling.inStep(agentStep, (step) => asked(step, groupId, { link, relay, connectionId })),
    });
  },
  failed: (step, { groupId, link }, reason) => relayNotJoined(step, groupId, { link, reason }),
};

function asked(step: Step, groupId: number, { link, relay, connectionId }: { readonly link: string; readonly relay: Relay; readonly connectionId: string }): void {
  const { host } = wantedIn(step, groupId, { link, relay });
  const { memberNumber } = step.addMember({
    ...relay, groupId, role: 'relay', category: 'host', status: 'accepted', versions: { min: 1, max: 1 }, contactId: null, invitedBy: null, connectionId,
  });
  relayAsked(step, groupId, { link, memberNumber });
  if (host === null) step.updateGroup(groupId, { host: memberNumber });
}

/** What it says of the channel itself does not count: that is the owners' to say. */
export const relayInvitation: ConfirmationHandler<'x.grp.link.inv'> = (step, { owner, offerId }, { params: { groupLinkInvitation: { fromMember, invitedMember } }, versions }) => {
  const relay = owner.type === 'member' ? step.member(owner.groupId, owner.memberNumber) : undefined;
  const group = relay && step.group(relay.groupId);
  if (group?.channel === undefined || relay?.role !== 'relay' || relay.status !== 'accepted') return 'an invitation that was not asked for';
  if (fromMember.memberId !== relay.memberId || invitedMember.memberId !== group.own.memberId) return 'an invitation to somebody else';
  return () => {
    step.updateMember(relay, { versions: newerVersions(relay.versions, versions) });
    if (group.own.status === 'unknown') step.updateGroup(group.groupId, { own: { ...group.own, role: plainRole(invitedMember.memberRole) } });
    step.agent.allow(offerId, infoOf({ event: 'x.info', params: { profile: ownMemberProfile(step, group) } }, false));
  };
};

/** It does not want us; it ends its side when it has our answer. */
export const relayRejection: ConfirmationHandler<'x.grp.link.reject'> = (step, { owner, offerId }, { params: { groupLinkRejection } }) => {
  const relay = owner.type === 'member' ? step.member(owner.groupId, owner.memberNumber) : undefined;
  const group = relay && step.group(relay.groupId);
  if (group?.channel === undefined || relay?.role !== 'relay' || relay.isReady) return 'a refusal that was not asked for';
  return () => {
    step.agent.allow(offerId, infoOf({ event: 'x.info', params: { profile: ownMemberProfile(step, group) } }, false));
    relayFailed(step, relay, groupLinkRejection.rejectionReason);
  };
};

/** It was asked, and it comes to nothing. */
export function relayFailed(step: Step, relay: Member, reason: string): void {
  if (isRemoved(relay)) return dropConnection(step, relay);
  relayEnded(step, endMember(step, relay, 'removed'), reason);
}

/** With the first we are in. */
export function relayConnected(step: Step, group: Group, before: Member): void {
  if (isRemoved(group.own) || isRemoved(before)) return dropConnection(step, before);
  const relay = step.updateMember(before, { isReady: true, status: 'connected' });
  const isFirst = group.own.status !== 'connected';
  const joined = isFirst ? step.updateGroup(group.groupId, { own: { ...group.own, status: 'connected' } }) : step.knownGroup(group.groupId);
  step.emit(isFirst ? { type: 'group-joined', group: joined, host: relay } : { type: 'member-connected', group: joined, member: relay });
  flushWaiting(step, relay);
}
