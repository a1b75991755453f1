/** What is passed on by admins between members who do not reach each other (directory §2.4), and copies of what is here already. */
import { DAY } from '@polyplex/base';
import { isAtLeast, type ReceivedMessage } from '@polyplex/protocol-chat';
import { isForwardable } from '../../compose.ts';
import type { GroupContext, Received } from '../../dispatch/handlers.ts';
import { boundedMemberProfile } from '../../profiles.ts';
import { hashed, keyOf, sortable } from '../../records/keys.ts';
import type { Group, Member } from '../../records/records.ts';
import { isPending } from '../../records/status.ts';
import type { ReadableRecords } from '../../records/typed-records.ts';
import type { Step } from '../../step.ts';
import { tellMember } from '../send.ts';
import { hasRoom } from './room.ts';

/** A copy is known for one to two of these: longer than relays keep what they have not delivered. */
const SPAN_MS = 30 * DAY;

/** Characters of an id that somebody without a name goes by. */
const SHORT_ID = 7;

type Author = Pick<Member, 'groupId' | 'memberId'>;

const spanAt = (now: number): number => Math.floor(now / SPAN_MS);

function placeIn(span: number, { groupId, memberId }: Author, msgId: string): string {
  return `${sortable(span)}/${keyOf(groupId)}/${hashed(memberId, msgId)}`;
}

/** What is known of a message that came before. */
function receivedOf(step: Step, author: Author, msgId: string): true | string | undefined {
  const span = spanAt(step.now);
  return step.records.get('received', placeIn(span, author, msgId)) ?? step.records.get('received', placeIn(span - 1, author, msgId));
}

/**
 * Whether it came before, from its author or passed on. Who goes on passing on what comes from the author itself is told that it is not needed:
 * what it heard of us before may have been lost.
 */
export function isCopy(step: Step, context: GroupContext, { msgId }: Pick<Received, 'msgId'>): boolean {
  if (msgId === null) return false;
  const isKnown = receivedOf(step, context.author, msgId) !== undefined;
  if (isKnown && context.via !== null && context.author.isReady) {
    tellMember(step, context.via, { event: 'x.grp.mem.con', params: { memberId: context.author.memberId } });
  }
  return isKnown;
}

/** Whether it came before; for channels, where copies are the rule. */
export function isReceived(step: Step, author: Author, msgId: string | null): boolean {
  return msgId !== null && receivedOf(step, author, msgId) !== undefined;
}

export function markReceived(step: Step, { author }: GroupContext, message: Received): void {
  const { msgId } = message;
  if (msgId === null) return;
  const scope = message.event === 'x.msg.new' ? message.params.scope?.memberId : undefined;
  step.records.put('received', placeIn(spanAt(step.now), author, msgId), (isPending(author) ? author.memberId : scope) ?? true);
}

/** In whose support chat a message of the author's was, by member id; undefined: in none, as far as is known. */
export function supportChatOf(step: Step, author: Author, msgId: string): string | undefined {
  const received = receivedOf(step, author, msgId);
  return received === true ? undefined : received;
}

/** Keys of what is not needed any more, some at a time. */
export function copiesOfLongAgo(records: ReadableRecords, now: number, atMost: number): readonly string[] {
  const oldest = sortable(spanAt(now) - 1);
  return records.list('received', '', atMost).flatMap(({ key }) => (key < oldest ? [key] : []));
}

/** Why it is not taken from who passed it on; null: it is. */
export function passedOnBy(via: Member, group: Group, { memberId, message }: { readonly memberId: string; readonly message: ReceivedMessage }): string | null {
  if (!isAtLeast(via.role, 'admin')) return 'passed on by who is no admin';
  if (memberId === group.own.memberId) return 'our own, passed on';
  return message.event !== 'unknown' && isForwardable(message) ? null : 'passed on, and may not be';
}

/** Somebody who wrote, and whom we were not introduced to; may write, and nothing else. */
export function unknownMember(step: Step, { groupId }: Group, { memberId, memberName }: { readonly memberId: string; readonly memberName: string | null }): Member {
  hasRoom(step, groupId);
  const profile = boundedMemberProfile({ displayName: memberName ?? memberId.slice(0, SHORT_ID), fullName: '' });
  return step.addMember({
    groupId, memberId, role: 'author', category: 'post', status: 'unknown', profile, versions: { min: 1, max: 1 }, contactId: null, invitedBy: null,
  });
}
