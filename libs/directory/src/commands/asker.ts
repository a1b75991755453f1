/** Who asks, and how they are answered: the first answer quotes the message (directory §3.5). */
import type { ChatMessage, Contact } from '@polyplex/chat';
import type { MessageContent, Quote } from '@polyplex/protocol-chat';
import { type Rank, tell, type Turn } from '../turn.ts';

export interface Asker {
  readonly contact: Contact;
  readonly rank: Rank;
  readonly message: ChatMessage;
}

const QUOTED_CHARACTERS = 200;

/** Of a received message, from the bot's point of view: it was sent by somebody else, in groups by `memberId`. */
export function quoteOf({ msgId, at, container: { content } }: ChatMessage, memberId?: string): Quote {
  return {
    msgRef: { ...(msgId === null ? {} : { msgId }), sentAt: at, sent: false, ...(memberId === undefined ? {} : { memberId }) },
    content: { type: 'text', text: content.text.slice(0, QUOTED_CHARACTERS).toWellFormed() },
  };
}

export function reply(turn: Turn, { contact, message }: Asker, content: MessageContent | string): void {
  tell(turn, contact.contactId, content, quoteOf(message));
}

/** The first quotes the message. */
export function replyAll(turn: Turn, asker: Asker, contents: readonly (MessageContent | string)[]): void {
  const [first, ...others] = contents;
  if (first !== undefined) reply(turn, asker, first);
  for (const content of others) tell(turn, asker.contact.contactId, content);
}

export function isAdmin({ rank }: Asker): boolean {
  return rank !== 'user';
}
