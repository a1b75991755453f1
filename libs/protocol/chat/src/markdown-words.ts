/** Formats that a word has of itself (directory §3.9): links, email addresses, phone numbers, commands and mentions. */
import type { Piece, TextFormat } from './formatted-text.ts';
import { linkFormat, MAX_LINK_CHARACTERS } from './text-link.ts';

/** What pieces are read from. */
export interface Words {
  readonly source: string;
  readonly at: number;
  match(pattern: RegExp, from?: number): RegExpExecArray | null;
}

/** At the end of a sentence, not of a link. */
const PUNCTUATION = /[.,;:!?'"»”’]/;
const EMAIL = /^[\w.%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,10}[a-z]{2,24}$/i;

function withoutPunctuation(word: string): string {
  let end = word.length;
  while (end > 0 && PUNCTUATION.test(word[end - 1]!)) end--;
  const text = word.slice(0, end);
  return text.endsWith(')') && !text.includes('(') ? text.slice(0, -1) : text;
}

/** The beginning of a word that is a link or an address; what follows it is punctuation. */
export function wordFormat(word: string): { readonly format: TextFormat; readonly text: string } | null {
  if (word.length > MAX_LINK_CHARACTERS) return null;
  const text = withoutPunctuation(word);
  const format = linkFormat(text) ?? (EMAIL.test(text) ? { type: 'email' } as const : null);
  return format === null ? null : { format, text };
}

const PHONE = /(?=[+0(])\+?[0-9(][0-9 ().-]{5,20}[0-9](?![\w+])/y;
const MIN_PHONE_DIGITS = 7;

export function phone(words: Words): Piece | null {
  const text = words.match(PHONE)?.[0];
  if (text === undefined || text.replace(/\D/g, '').length < MIN_PHONE_DIGITS) return null;
  return { format: { type: 'phone' }, text, length: text.length };
}

/** A word, or several between quotes, which are not shown. */
const COMMAND = /\/(?:'([^\s'\n][^'\n]{0,198})'|([\p{L}\p{N}_][\p{L}\p{N}_-]{0,198}))(?![^\s.,;:!?)])/uy;
const MENTION = /@(?:'([^\s'\n][^'\n]{0,98})'|([\p{L}\p{N}_][\p{L}\p{N}_.-]{0,98}))/uy;

export function command(words: Words): Piece | null {
  const found = words.match(COMMAND);
  const commandStr = found?.[1] ?? found?.[2] ?? '';
  return found && { format: { type: 'command', commandStr }, text: `/${commandStr}`, length: found[0].length };
}

export function mention(words: Words): Piece | null {
  const found = words.match(MENTION);
  const memberName = found?.[1] ?? found?.[2] ?? '';
  return found && { format: { type: 'mention', memberName }, text: `@${memberName}`, length: found[0].length };
}
