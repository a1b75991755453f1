/**
 * What comes from a relay of a channel (directory §3.8): what it says itself, and what it passes on for members or for the channel. Each relay passes on the same;
 * the first copy counts. Nothing is passed on by us.
 */
import { type BodyPart, type EventName, type ForwardedFrom, parseForwarded, publicGroupOf, type ReceivedMessage, type SignedBytes } from '@polyplex/protocol-chat';
import { announcements } from '../groups/channels/announcements.ts';
import { channelAdministration } from '../groups/channels/administration.ts';
import { content } from '../groups/membership/content.ts';
import { isReceived, markReceived, unknownMember } from '../groups/membership/forwarded.ts';
import { touchGroup } from '../groups/membership/activity.ts';
import { unproven } from '../groups/membership/proof.ts';
import type { Group, Member } from '../records/records.ts';
import { isRemoved } from '../records/status.ts';
import type { Step } from '../step.ts';
import { newerVersions } from '../versions.ts';
import type { GroupContext, GroupHandler, GroupHandlers, Outcome, Received } from './handlers.ts';

const ofMembers: GroupHandlers = { ...content, ...channelAdministration };
const ofRelays: GroupHandlers = { ...announcements, 'x.grp.leave': channelAdministration['x.grp.leave']! };

type Part = Extract<BodyPart, { readonly kind: 'message' | 'forwarded' }>;
type Channel = Group & Required<Pick<Group, 'channel'>>;

interface Place {
  readonly group: Channel;
  readonly relay: Member;
}

interface Element {
  readonly message: ReceivedMessage;
  readonly signed: SignedBytes | null;
  readonly at: string;
}

export function takeChannelPart(step: Step, { group, relay }: Place, { part, at }: { readonly part: Part; readonly at: string }): Outcome {
  const { message, signed } = part;
  if (part.kind === 'forwarded') return takePassedOn(step, { group, relay }, { message, signed, at, from: part.from });
  const versions = newerVersions(relay.versions, message.versions);
  const author = versions === relay.versions ? relay : step.updateMember(relay, { versions });
  if (message.event === 'x.grp.msg.forward') return unpack(step, { group, relay: author }, message.params, at);
  return takeSaid(step, { group, author, via: null }, { message, signed, at }, ofRelays);
}

/** In JSON, where nothing is signed. */
function unpack(step: Step, place: Place, { memberId, memberName, msg, msgTs }: Extract<ReceivedMessage, { event: 'x.grp.msg.forward' }>['params'], at: string): Outcome {
  const parsed = parseForwarded(msg);
  if (parsed.kind === 'fault') return 'something passed on that cannot be read';
  return takePassedOn(step, place, { message: parsed.message, signed: null, at, from: { memberId: memberId ?? null, memberName: memberName ?? null, msgTs } });
}

function takePassedOn(step: Step, { group, relay }: Place, { from: { memberId, memberName }, ...element }: Element & { readonly from: ForwardedFrom }): Outcome {
  if (memberId === null) return takePost(step, { group, relay }, element);
  if (memberId === group.own.memberId) return 'our own, passed on';
  const author = step.memberById(group.groupId, memberId);
  if (author !== undefined) return isRemoved(author) ? 'a message of a former member' : takeSaid(step, { group, author, via: relay }, element, ofMembers);
  if (element.message.event !== 'x.msg.new' || !mayAllWrite(group)) return 'of somebody unknown';
  if (!step.takes('x.msg.new', { groupId: group.groupId, number: relay.memberNumber })) return 'too much of a member';
  return () => {
    const outcome = takeSaid(step, { group, author: unknownMember(step, group, { memberId, memberName }), via: relay }, element, ofMembers);
    if (typeof outcome === 'function') outcome();
    else step.ignore(outcome);
  };
}

/** In channels only some do, whom we are told of. */
function mayAllWrite({ profile }: Group): boolean {
  return publicGroupOf(profile)?.groupType === 'group';
}

function takeSaid(step: Step, context: GroupContext & { readonly group: Channel }, { message, signed, at }: Element, handlers: GroupHandlers): Outcome {
  if (message.event === 'unknown') return 'an event that is not known';
  const { group, author } = context;
  const refusal = unproven(group, author, { event: message.event, signed });
  if (refusal !== null) return refusal;
  const received = { ...message, at } as Received;
  if (isReceived(step, author, message.msgId)) return 'a copy';
  if (!step.takes(message.event, { groupId: group.groupId, number: author.memberNumber })) return 'too much of a member';
  const handler = handlers[message.event] as GroupHandler<EventName> | undefined;
  const outcome = asChannel(step, context, received) ?? handler?.(step, context, received) ?? `in a channel: ${message.event}`;
  if (typeof outcome === 'string') return outcome;
  return () => {
    markReceived(step, context, received);
    outcome();
  };
}

/** An owner who shows itself and writes as the channel all the same. */
function asChannel(step: Step, { group, author }: GroupContext, message: Received): Outcome | null {
  if (message.event !== 'x.msg.new' || message.params.asGroup !== true) return null;
  return author.role === 'owner' ? () => post(step, group, message) : 'as the channel, by who is no owner';
}

/** The relay alone knows who has written it. */
function takePost(step: Step, { group, relay }: Place, { message, at }: Element): Outcome {
  if (message.event !== 'x.msg.new') return 'of a channel';
  const channel = { groupId: group.groupId, memberId: '' };
  if (isReceived(step, channel, message.msgId)) return 'a copy';
  if (!step.takes(message.event, { groupId: group.groupId, number: relay.memberNumber })) return 'too much of a member';
  const received: Received<'x.msg.new'> = { ...message, at };
  return () => {
    markReceived(step, { group, author: { ...relay, ...channel }, via: relay }, received);
    post(step, group, received);
  };
}

function post(step: Step, group: Group, { msgId, params, at }: Received<'x.msg.new'>): void {
  step.emit({ type: 'channel-post', group: touchGroup(step, group), message: { msgId, container: params, at } });
}
