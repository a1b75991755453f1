/** What is accepted of members, for the history of the group: new content, and what becomes of it. */
import { type EventName, isAtLeast, type JsonObject } from '@polyplex/protocol-chat';
import type { GroupContext, Received } from '../../dispatch/handlers.ts';
import { isPending } from '../../records/status.ts';
import type { Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';
import { cancelFile, describeFile, editHistory, forgetContent, forgetContentOf, remember } from './history.ts';

type Observers = { readonly [E in EventName]?: (step: Step, context: GroupContext, message: Received<E>) => void };

const observers: Observers = {
  'x.msg.new': (step, { group, author }, message) => remember(step, group, author, message),
  'x.msg.update': (step, { group: { groupId }, author }, { params: { msgId, content }, json }) =>
    editHistory(step, { groupId, author, msgId }, { content, params: json['params'] as JsonObject }),
  'x.msg.del': (step, { group, author }, { params: { msgId, memberId } }) => {
    const target = memberId === undefined ? author : moderated(step, { group, author }, memberId);
    if (target !== undefined) forgetContent(step, { groupId: group.groupId, author: target, msgId });
  },
  'x.msg.file.descr': (step, { group: { groupId }, author }, { params: { msgId, fileDescr } }) => describeFile(step, { groupId, author, msgId }, fileDescr),
  'x.file.cancel': (step, { group: { groupId }, author }, { params: { msgId } }) => cancelFile(step, { groupId, author, msgId }),
  'x.grp.mem.del': (step, { group: { groupId } }, { params: { memberId, messages } }) => {
    const target = messages === true ? step.memberById(groupId, memberId) : undefined;
    if (target !== undefined) forgetContentOf(step, target);
  },
};

/** Whose message a moderator deletes; null: ours. */
function moderated(step: Step, { group: { groupId, own }, author }: Pick<GroupContext, 'group' | 'author'>, memberId: string): Member | null | undefined {
  const target = memberId === own.memberId ? null : step.memberById(groupId, memberId);
  if (target === undefined || target?.memberNumber === author.memberNumber) return target;
  return isAtLeast(author.role, 'moderator') && isAtLeast(author.role, (target ?? own).role) ? target : undefined;
}

/** Accepted of its author, whoever brought it. What those say who wait to be let in is not for the group. */
export function observe(step: Step, context: GroupContext, message: Received): void {
  if (isPending(context.author)) return;
  const observer = observers[message.event] as ((step: Step, context: GroupContext, message: Received) => void) | undefined;
  observer?.(step, context, message);
}

