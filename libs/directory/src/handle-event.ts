/** Events of the chat client to what the directory does (directory §3). */
import type { ChatEvent } from '@polyplex/chat';
import { onLinkJoined, onPendingMessage } from './admission/dialogue.ts';
import { onMemberPost } from './admission/prohibited.ts';
import { onOwnerAnnounced } from './channels/announced.ts';
import { onUnreachable } from './channels/link-check-plan.ts';
import { onChannelLink } from './channels/link-read.ts';
import { isWithinLimits, onDirectMessage } from './commands/direct-message.ts';
import { helpContext } from './commands/run-command.ts';
import { onLinkCreated, onLinkFailed } from './registration/approval.ts';
import { onInvitation } from './registration/invitation.ts';
import { onJoined, onJoinFailed } from './registration/joined.ts';
import { onGroupDeleted, onMemberGone, onMemberRole, onOwnRemoved, onOwnRole } from './registration/membership.ts';
import { onProfileChange } from './registration/profile-change.ts';
import { welcomeText } from './texts/help-texts.ts';
import { rankOf, tell, type Turn } from './turn.ts';

type On<T extends ChatEvent['type']> = Extract<ChatEvent, { type: T }>;

/** Bots are not welcomed: two of them would. */
function onContactReady(turn: Turn, { contact }: On<'contact-ready'>): void {
  if (contact.profile.peerType !== 'bot') tell(turn, contact.contactId, welcomeText(helpContext(turn.options)));
}

function onGroupInvitation(turn: Turn, event: On<'group-invitation'>): void {
  const isFree = rankOf(turn.options, event.contact) !== 'user';
  if (isFree || isWithinLimits(turn, event.contact, null)) onInvitation(turn, event);
}

function onGroupMessage(turn: Turn, event: On<'group-message'>): void {
  if (event.member.status === 'pending_approval') onPendingMessage(turn, event, event.message);
  else onMemberPost(turn, event);
}

export function handleEvent(turn: Turn, event: ChatEvent): void {
  if ('group' in event) {
    const { groupId, currentMembers } = event.group;
    turn.step.afterwards(() => turn.index.setMembers(groupId, currentMembers));
  }
  switch (event.type) {
    case 'contact-ready': return onContactReady(turn, event);
    case 'direct-message': return onDirectMessage(turn, event);
    case 'group-invitation': return onGroupInvitation(turn, event);
    case 'group-joined': return onJoined(turn, event);
    case 'group-join-failed':
    case 'group-join-rejected': return onJoinFailed(turn, event);
    case 'group-updated': return onProfileChange(turn, event);
    case 'group-deleted': return onGroupDeleted(turn, event);
    case 'own-role': return onOwnRole(turn, event);
    case 'own-removed': return onOwnRemoved(turn, event);
    case 'member-role': return onMemberRole(turn, event);
    case 'member-left':
    case 'member-removed': return onMemberGone(turn, event);
    case 'link-joined': return onLinkJoined(turn, event);
    case 'group-message': return onGroupMessage(turn, event);
    case 'link-created': return onLinkCreated(turn, event);
    case 'link-failed': return onLinkFailed(turn, event);
    case 'channel-link': return onChannelLink(turn, event);
    case 'owner-announced': return onOwnerAnnounced(turn, event);
    case 'channel-unreachable': return onUnreachable(turn, event);
    case 'channel-post':
    case 'contact-updated':
    case 'contact-deleted':
    case 'group-accepted':
    case 'member-connected':
    case 'member-updated':
    case 'file-sent':
    case 'file-received':
    case 'file-failed':
    case 'ignored':
  }
}
