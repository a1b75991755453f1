/**
 * A channel's card, "shared via chat" by its owner (directory §3.8): its link is read before anything is believed. Reading costs a connection to a relay
 * that the sender names, so one link of a contact is read at a time, few of all, and cards have a limit of their own.
 */
import type { MessageContent } from '@polyplex/protocol-chat';
import { publicGroupOf } from '@polyplex/protocol-chat';
import { type Asker, reply } from '../commands/asker.ts';
import { placeOf } from '../links/same-link.ts';
import type { ChannelFacts } from '../records/records.ts';
import { CHANNEL_TEXTS } from '../texts/channel-texts.ts';
import { CARD_TEXTS, COMMAND_TEXTS } from '../texts/help-texts.ts';
import { attempt, count, type Turn } from '../turn.ts';

/** Links of cards that are read at once. */
const MAX_CARDS_READ = 32;
/** Longer ones are none: those of apps have 16 bytes. */
const MAX_ID_CHARACTERS = 340;

type CardContent = Extract<MessageContent, { type: 'chat' }>;

/** Null for what cannot be listed. */
export function channelTypeOf(profile: Parameters<typeof publicGroupOf>[0]): ChannelFacts['type'] | null {
  const type = publicGroupOf(profile)?.groupType;
  return type === 'channel' || type === 'group' ? type : null;
}

interface ReadableCard {
  readonly connLink: string;
  readonly ownerId: string;
  readonly signature: NonNullable<CardContent['ownerSig']>;
}

/** A text where it is not one. */
function readable({ chatLink, ownerSig: signature }: CardContent): ReadableCard | string {
  if (chatLink.type !== 'group') return CARD_TEXTS.notGroup;
  const { connLink, groupProfile } = chatLink;
  if (groupProfile.publicGroup === undefined) return CARD_TEXTS.notPublic;
  const type = channelTypeOf(groupProfile);
  if (type === null) return CHANNEL_TEXTS.unknownType;
  if (signature?.ownerId === undefined || !isMemberId(signature.ownerId)) return CHANNEL_TEXTS.notOwner(type);
  return placeOf(connLink)?.isGroup === true ? { connLink, ownerId: signature.ownerId, signature } : CHANNEL_TEXTS.noLink;
}

function isMemberId(id: string): boolean {
  return id !== '' && id.length <= MAX_ID_CHARACTERS;
}

/** Null: its link may be read now; undefined: not now, and that was said. Reading one at a time is for admins too. */
function waitReason({ records, limits, step }: Turn, { contact: { contactId }, rank }: Asker): string | null | undefined {
  if (records.card(contactId) !== undefined) return CHANNEL_TEXTS.reading;
  if (records.cards(MAX_CARDS_READ) >= MAX_CARDS_READ) return CHANNEL_TEXTS.busy;
  if (rank !== 'user') return null;
  const allowance = limits.take({ key: `card ${contactId}`, now: step.now, kind: 'card', text: null });
  if (allowance === 'answer') return null;
  return allowance === 'slow-down' ? COMMAND_TEXTS.slowDown : undefined;
}

export function onCard(turn: Turn, asker: Asker, content: CardContent): void {
  const card = readable(content);
  if (typeof card === 'string') return refuse(turn, asker, card);
  const wait = waitReason(turn, asker);
  if (wait === undefined) return count(turn, ({ unanswered }) => unanswered.add('rate'));
  if (wait !== null) return refuse(turn, asker, wait);
  const { connLink: link, ownerId, signature } = card;
  const { contactId } = asker.contact;
  turn.records.putCard(contactId, { link, ownerId, since: turn.step.now });
  const isAsked = attempt(turn, () => (turn.step.lookUpChannel(link, { signature, about: `card ${contactId}` }), true));
  if (isAsked === true) return;
  turn.records.removeCard(contactId);
  refuse(turn, asker, CHANNEL_TEXTS.noLink);
}

function refuse(turn: Turn, asker: Asker, words: string): void {
  count(turn, ({ cards }) => cards.add('refused'));
  reply(turn, asker, words);
}
