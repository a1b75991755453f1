/**
 * What comes from a member of a group, by event: said by the member, or passed on. A copy of what is here already is known by author and id;
 * what is accepted is passed on first where that is our duty, and takes effect then (directory §2.4).
 */
import { type BodyPart, type EventName, parseForwarded, type ReceivedMessage, type SignedBytes } from '@polyplex/protocol-chat';
import { accepted, hostMessages } from '../groups/host/hooks.ts';
import { administration } from '../groups/membership/administration.ts';
import { content } from '../groups/membership/content.ts';
import { isCopy, markReceived, passedOnBy, unknownMember } from '../groups/membership/forwarded.ts';
import { introductions } from '../groups/membership/introductions.ts';
import { linkMessages } from '../groups/membership/link-messages.ts';
import { firstKey, provesKey, wronglySigned } from '../groups/membership/proof.ts';
import type { ConnectionOwner, Member } from '../records/records.ts';
import { isRemoved } from '../records/status.ts';
import type { Step } from '../step.ts';
import { newerVersions } from '../versions.ts';
import { takeChannelPart } from './channel-messages.ts';
import type { GroupContext, GroupHandler, GroupHandlers, Outcome, Received } from './handlers.ts';

const handlers: GroupHandlers = { ...hostMessages, ...administration, ...content, ...introductions, ...linkMessages };

type Part = Extract<BodyPart, { readonly kind: 'message' | 'forwarded' }>;
type MemberOwner = Extract<ConnectionOwner, { readonly type: 'member' }>;

export function takeGroupPart(step: Step, { groupId, memberNumber }: MemberOwner, { part, at }: { readonly part: Part; readonly at: string }): Outcome {
  const group = step.group(groupId);
  const member = step.member(groupId, memberNumber);
  if (group === undefined || member === undefined || isRemoved(group.own)) return 'a message in a group that we are not in';
  if (isRemoved(member)) return 'a message of a former member';
  const { channel } = group;
  if (channel !== undefined) return takeChannelPart(step, { group: { ...group, channel }, relay: member }, { part, at });
  const { message, signed } = part;
  if (part.kind === 'forwarded') return takeForwarded(step, { group, author: member, via: null }, { message, at, signed, ...part.from });
  const author = heardFrom(step, member, part);
  const context = { group, author, via: null };
  if (message.event === 'x.grp.msg.forward') return unpack(step, context, message as Received<'x.grp.msg.forward'>, at);
  return takeElement(step, context, { message: { ...message, at } as Received, signed });
}

/** What is seen of a member by whatever it says: its versions, and the key that it proves to have. */
function heardFrom(step: Step, member: Member, { message, signed }: Pick<Part, 'message' | 'signed'>): Member {
  const versions = newerVersions(member.versions, message.versions);
  const said = message.event === 'x.info' || message.event === 'x.grp.link.mem' ? message.params.memberKey : undefined;
  const key = provesKey(member, said, signed) ? firstKey(member, said) : {};
  return versions === member.versions && key.key === undefined ? member : step.updateMember(member, { versions, ...key });
}

function unpack(step: Step, context: GroupContext, { params: { memberId, memberName, msg } }: Received<'x.grp.msg.forward'>, at: string): Outcome {
  const parsed = parseForwarded(msg);
  return parsed.kind === 'fault' ? 'something passed on that cannot be read' : takeForwarded(step, context, { message: parsed.message, at, signed: null, memberId: memberId ?? null, memberName: memberName ?? null });
}

interface Forwarded {
  readonly message: ReceivedMessage;
  readonly at: string;
  readonly signed: SignedBytes | null;
  /** Null: a channel itself. */
  readonly memberId: string | null;
  readonly memberName: string | null;
}

function takeForwarded(step: Step, { group, author: via }: GroupContext, { message, at, signed, memberId, memberName }: Forwarded): Outcome {
  if (memberId === null) return 'of a channel';
  const refusal = passedOnBy(via, group, { memberId, message });
  if (refusal !== null) return refusal;
  const received = { ...message, at } as Received;
  const author = step.memberById(group.groupId, memberId);
  if (author !== undefined) return isRemoved(author) ? 'a message of a former member' : takeElement(step, { group, author, via }, { message: received, signed });
  if (message.event !== 'x.msg.new') return 'of somebody unknown';
  return () => {
    const outcome = takeElement(step, { group, author: unknownMember(step, group, { memberId, memberName }), via }, { message: received, signed });
    if (typeof outcome === 'function') outcome();
    else step.ignore(outcome);
  };
}

function takeElement(step: Step, context: GroupContext, { message, signed }: { readonly message: Received; readonly signed: SignedBytes | null }): Outcome {
  const refusal = wronglySigned(context.author, signed);
  if (refusal !== null) return refusal;
  if (isCopy(step, context, message)) return 'a copy';
  if (!step.takes(message.event, { groupId: context.group.groupId, number: context.author.memberNumber })) return 'too much of a member';
  const handler = handlers[message.event] as GroupHandler<EventName> | undefined;
  const outcome = handler?.(step, context, message) ?? `of a member: ${message.event}`;
  if (typeof outcome === 'string') return outcome;
  return () => {
    markReceived(step, context, message);
    accepted(step, context, message);
    outcome();
  };
}
