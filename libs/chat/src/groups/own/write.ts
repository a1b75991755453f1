/** What we write in groups (directory §2.1, §2.5). All throw `ChatError`, having changed nothing. */
import type { MessageContainer, MessageContent, SentEvent } from '@polyplex/protocol-chat';
import { isAtLeast, supports } from '@polyplex/protocol-chat';
import { ChatError } from '../../chat-error.ts';
import type { MessageOptions } from '../../chat-step.ts';
import { bodyOf, outgoing, textOf } from '../../compose.ts';
import { sendWithFile } from '../../files/sent.ts';
import type { Group, Member } from '../../records/records.ts';
import { isActive, isModerator, isPending, isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { remember } from '../host/hooks.ts';
import { touchGroup } from '../membership/activity.ts';
import { audienceOf, sendToMember, tellGroup } from '../send.ts';

const containerOf = (content: MessageContent, { quote }: MessageOptions): MessageContainer => ({ content, ...(quote === undefined ? {} : { quote }) });

function activeGroup(step: Step, groupId: number): Group {
  const group = step.knownGroup(groupId);
  if (!isActive(group.own)) throw new ChatError('PROHIBITED', 'we are not in the group');
  return group;
}

export function sendToGroup(step: Step, groupId: number, content: MessageContent, options: MessageOptions = {}): string {
  const group = activeGroup(step, groupId);
  if (isPending(group.own) || !isAtLeast(group.own.role, 'commenter')) throw new ChatError('PROHIBITED', 'we may not write in the group');
  const { file } = options;
  return sendWithFile(step, { to: { groupId, members: file === undefined ? [] : audienceOf(step, group), inHistory: true }, file }, (attached) => {
    const event: SentEvent = { event: 'x.msg.new', params: { ...containerOf(content, options), ...attached } };
    const msgId = tellGroup(step, group, event);
    const active = touchGroup(step, group);
    remember(step, active, null, { msgId, json: JSON.parse(textOf(event, msgId)) as Readonly<Record<string, unknown>>, at: new Date(step.now).toISOString() });
    return msgId;
  });
}

export interface SupportMessage {
  readonly content: MessageContent;
  readonly options?: MessageOptions | undefined;
}

/** Into a member's support chat: to it alone while it is pending approval, else also to moderators. */
export function sendToSupport(step: Step, { groupId, memberNumber }: Pick<Member, 'groupId' | 'memberNumber'>, { content, options = {} }: SupportMessage): string {
  activeGroup(step, groupId);
  const member = step.knownMember(groupId, memberNumber);
  if (isRemoved(member)) throw new ChatError('PROHIBITED', 'the member is not in the group');
  const moderators = member.status === 'pending_approval' ? [] : moderatorsOf(step, groupId).filter((other) => other.memberNumber !== memberNumber);
  return support(step, [member, ...moderators], { content, options, groupId, memberId: member.memberId });
}

/** Into our own support chat: to moderators, and while we are pending to who brought us in. */
export function sendToOwnSupport(step: Step, groupId: number, { content, options = {} }: SupportMessage): string {
  const { own, host } = activeGroup(step, groupId);
  const hosts = host === null ? [] : [step.knownMember(groupId, host)];
  const others = own.status === 'pending_approval' ? [] : moderatorsOf(step, groupId).filter(({ memberNumber }) => memberNumber !== host);
  return support(step, [...hosts, ...others], { content, options, groupId, memberId: own.memberId });
}

/** Those who know support chats. */
function moderatorsOf(step: Step, groupId: number): readonly Member[] {
  return step.roster(groupId).filter((entry) => entry.isModerator && entry.isCurrent).map(({ memberNumber }) => step.knownMember(groupId, memberNumber))
    .filter((member) => isModerator(member) && supports(member.versions, 'knocking'));
}

function support(step: Step, members: readonly Member[], { content, options, groupId, memberId }: Required<SupportMessage> & { readonly groupId: number; readonly memberId: string }): string {
  const to = { groupId, members: members.map(({ memberNumber }) => memberNumber), inHistory: false };
  return sendWithFile(step, { to, file: options?.file }, (attached) => supportMessage(step, members, { container: { ...containerOf(content, options ?? {}), ...attached }, memberId }));
}

/** A peer that does not know support chats is told without, when it is the member itself. */
function supportMessage(step: Step, members: readonly Member[], { container, memberId }: { readonly container: MessageContainer; readonly memberId: string }): string {
  const msgId = step.newId();
  const scoped = outgoing({ event: 'x.msg.new', params: { ...container, scope: { type: 'member', memberId } } }, msgId);
  const plain = outgoing({ event: 'x.msg.new', params: container }, msgId);
  bodyOf(scoped.text, { postQuantum: false, versions: { min: 1, max: 1 } });
  for (const member of members) sendToMember(step, member, supports(member.versions, 'knocking') ? scoped : plain);
  return msgId;
}
