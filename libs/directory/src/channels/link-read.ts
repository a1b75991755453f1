/** What a channel's link was read for: a card, or a check. */
import type { ChatEvent } from '@polyplex/chat';
import type { Turn } from '../turn.ts';
import { onCheckRead } from './link-check.ts';
import { onCardRead } from './register.ts';

export function onChannelLink(turn: Turn, event: Extract<ChatEvent, { type: 'channel-link' }>): void {
  const [, what, id] = /^(card|check) (\d{1,12})$/.exec(event.about) ?? [];
  if (what === 'card') onCardRead(turn, Number(id), event);
  if (what === 'check') onCheckRead(turn, Number(id), event);
}
