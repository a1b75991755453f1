/** What contacts write: plain text is a command or a search, cards are channels, anything else is passed over (directory §3.5, §3.8). */
import type { ChatEvent, Contact } from '@polyplex/chat';
import { onCard } from '../channels/read-card.ts';
import type { Allowance } from '../limits/asker-limits.ts';
import { COMMAND_TEXTS } from '../texts/help-texts.ts';
import { count, rankOf, tell, type Turn } from '../turn.ts';
import type { Asker } from './asker.ts';
import type { Command } from './command.ts';
import { parseCommand } from './parse.ts';
import { runCommand } from './run-command.ts';
import { nameOfTarget } from './target.ts';

type DirectMessage = Extract<ChatEvent, { type: 'direct-message' }>;

export function onDirectMessage(turn: Turn, { contact, message }: DirectMessage): void {
  const { content, live } = message.container;
  if (live === true) return count(turn, ({ unanswered }) => unanswered.add('live'));
  if (content.type !== 'text' && content.type !== 'chat') return count(turn, ({ unanswered }) => unanswered.add('content'));
  const asker: Asker = { contact, message, rank: rankOf(turn.options, contact) };
  if (content.type === 'chat') {
    if (mayAsk(turn, asker, null)) onCard(turn, asker, content);
    return;
  }
  const command = parseCommand(content.text, (id, type) => nameOfTarget(turn, asker, type, id));
  count(turn, ({ commands }) => commands.add(command.type));
  if (mayAsk(turn, asker, command)) runCommand(turn, asker, command);
}

/** Admins are not limited. Pages are asked for by the same text again and again. */
function mayAsk(turn: Turn, asker: Asker, command: Command | null): boolean {
  if (asker.rank !== 'user') return true;
  const text = command === null || command.type === 'next' ? null : asker.message.container.content.text;
  return isWithinLimits(turn, asker.contact, text);
}

/** Says so once where it is not. */
export function isWithinLimits(turn: Turn, contact: Contact, text: string | null): boolean {
  const kind = contact.profile.peerType === 'bot' ? 'bot' : 'person';
  const allowance: Allowance = turn.limits.take({ key: `contact ${contact.contactId}`, now: turn.step.now, kind, text });
  if (allowance === 'answer') return true;
  count(turn, ({ unanswered }) => unanswered.add(allowance === 'slow-down' ? 'rate' : allowance));
  if (allowance === 'slow-down') tell(turn, contact.contactId, COMMAND_TEXTS.slowDown);
  return false;
}
