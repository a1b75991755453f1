/**
 * The forwarding duty of a host (directory §2.4): what a member says goes on to those whom it was introduced to and does not reach yet. While one
 * is being introduced, what is for it or from it waits for the end: before, it could not tell whose message it is.
 */
import { type EventName, isAtLeast, MAX_MESSAGE_BYTES, type MessageScope } from '@polyplex/protocol-chat';
import type { GroupContext, Received } from '../../dispatch/handlers.ts';
import { keyOf } from '../../records/keys.ts';
import type { Group, Member, OutgoingMessage } from '../../records/records.ts';
import { isCurrent, isPending } from '../../records/status.ts';
import type { RosterEntry } from '../../records/roster.ts';
import type { Step } from '../../step.ts';
import { supportChatOf } from '../membership/forwarded.ts';
import { sendToMembers } from '../send.ts';
import { fits } from './member-info.ts';
import { passedOn } from './passed-on.ts';
import { notReachedBy, reaches } from './relations.ts';

/** These concern those who wait to be let in, too. */
const FOR_PENDING: ReadonlySet<EventName> = new Set(['x.grp.del', 'x.grp.info', 'x.grp.prefs']);

const OF_FILES: ReadonlySet<EventName> = new Set(['x.msg.file.descr', 'x.file.cancel']);

/** More than anybody brings in at a time. */
const MAX_DELAYED = 500;

/** Whom a message may be for. */
type Audience = (entry: RosterEntry) => boolean;

/** Accepted and forwardable, from its author, before it takes effect. */
export function forward(step: Step, { group, author }: GroupContext, message: Received): void {
  if (!isAtLeast(group.own.role, 'admin') || !isCurrent(group.own) || author.isBlocked) return;
  const targets = targetsOf(step, { author, message });
  const isIntroducing = step.records.get('introducing', keyOf(author.groupId, author.memberNumber)) !== undefined;
  if (targets.length === 0 && !isIntroducing) return;
  const sent = passedOn({ memberId: author.memberId, displayName: author.profile.displayName }, { msg: message.json, at: message.at });
  if (!fits(sent, MAX_MESSAGE_BYTES)) return step.ignore('too large to pass on');
  if (isIntroducing) return delay(step, author, { is: 'from', message: sent });
  const newcomers = new Set(newcomersOf(step, group));
  sendToMembers(step, group.groupId, { members: targets.filter((number) => !newcomers.has(number)), message: sent });
  for (const memberNumber of targets) if (newcomers.has(memberNumber)) delay(step, { groupId: group.groupId, memberNumber }, { is: 'to', message: sent });
}

/** In whose support chat it is, by member id. What is said of a file is where the file's message was. */
function scopeOf(step: Step, { author, message }: { readonly author: Member; readonly message: Received }): string | undefined {
  if (isPending(author)) return author.memberId;
  const { scope, msgId } = message.params as { readonly scope?: MessageScope; readonly msgId?: string };
  if (scope !== undefined) return scope.memberId;
  return OF_FILES.has(message.event) && msgId !== undefined ? supportChatOf(step, author, msgId) : undefined;
}

/** What is said in the support chat of a member is for that one and for moderators; what those say who wait, is in theirs. Who is to be reviewed concerns moderators. */
function audienceOf(step: Step, { author, message }: { readonly author: Member; readonly message: Received }): Audience {
  const memberId = scopeOf(step, { author, message });
  if (memberId === undefined) return FOR_PENDING.has(message.event) ? () => true : (entry) => entry.isCurrent;
  const of = step.memberById(author.groupId, memberId);
  const isForMember = message.event !== 'x.grp.mem.new';
  return ({ memberNumber, ...entry }) => (isForMember && memberNumber === of?.memberNumber) || (entry.isCurrent && entry.isModerator && entry.takesReviews);
}

/**
 * Those introduced to it that it does not reach, and newcomers who will be; for some events all who wait, though they were introduced to few.
 * Most members reach all others: then nothing is looked at.
 */
function targetsOf(step: Step, { author, message }: { readonly author: Member; readonly message: Received }): readonly number[] {
  const { groupId, memberNumber } = author;
  const wanted = new Set(notReachedBy(step.records, groupId, memberNumber));
  for (const number of newcomersOf(step, author)) if (!reaches(step.records, { groupId, from: memberNumber, to: number })) wanted.add(number);
  const isForPending = FOR_PENDING.has(message.event);
  if (wanted.size === 0 && !isForPending) return [];
  const isFor = audienceOf(step, { author, message });
  const entries = step.roster(groupId).filter((entry) => wanted.has(entry.memberNumber) || (isForPending && entry.isPending));
  return entries.filter((entry) => entry.takesForwarded && entry.memberNumber !== memberNumber && isFor(entry)).map((entry) => entry.memberNumber);
}

/** Who is being introduced to all. */
function newcomersOf(step: Step, { groupId }: Pick<Group, 'groupId'>): readonly number[] {
  const prefix = `${keyOf(groupId)}/`;
  return step.records.list('introducing', prefix).filter(({ value }) => value === 'all').map(({ key }) => Number(key.slice(prefix.length)));
}

function delay(step: Step, { groupId, memberNumber }: Pick<Member, 'groupId' | 'memberNumber'>, delayed: { readonly is: 'from' | 'to'; readonly message: OutgoingMessage }): void {
  const prefix = `${keyOf(groupId, memberNumber)}/`;
  const number = step.records.next(`delayed/${prefix}`);
  step.records.put('delayed', prefix + keyOf(number), delayed);
  if (number > MAX_DELAYED) step.records.remove('delayed', prefix + keyOf(number - MAX_DELAYED));
}
