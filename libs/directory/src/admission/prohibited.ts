/** Members who post what their group forbids become observers (directory §3.7, `--prohibited-to-observer`). */
import type { ChatEvent, Group } from '@polyplex/chat';
import { groupAllows, type MessageContainer, parseMarkdown, type Role } from '@polyplex/protocol-chat';
import { attempt, count, type Turn } from '../turn.ts';

function hasSimplexLink({ content }: MessageContainer): boolean {
  return content.type === 'chat' || parseMarkdown(content.text).some(({ format }) => format?.type === 'simplexLink');
}

function isProhibited({ profile: { groupPreferences } }: Group, role: Role, container: MessageContainer): boolean {
  if (container.content.type === 'voice') return !groupAllows(groupPreferences, 'voice', role);
  if (container.file !== undefined && !groupAllows(groupPreferences, 'files', role)) return true;
  return !groupAllows(groupPreferences, 'simplexLinks', role) && hasSimplexLink(container);
}

export function onMemberPost(turn: Turn, { group, member, message, support }: Extract<ChatEvent, { type: 'group-message' }>): void {
  if (turn.options.prohibitedToObserver !== true || support !== null || member.role !== 'member') return;
  const registration = turn.records.registration(group.groupId);
  // In a channel the bot is a subscriber, and moderates nothing.
  if (registration === undefined || registration.channel !== undefined || !isProhibited(group, member.role, message.container)) return;
  const { groupId } = group;
  const { msgId } = message;
  if (msgId !== null) attempt(turn, () => turn.step.moderateMessage(groupId, member.memberNumber, msgId));
  attempt(turn, () => turn.step.setMemberRole(groupId, member.memberNumber, 'observer'));
  count(turn, ({ prohibitedPosts }) => prohibitedPosts.add());
}
