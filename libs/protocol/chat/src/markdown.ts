/**
 * Text of messages with its formats (directory §3.9). Formats begin where a word begins, do not nest, and show without their marks. One
 * pass, linear: whatever is looked for ahead is remembered.
 */
import { COLORS, type FormattedText, type Piece, type TextColor, type TextFormat } from './formatted-text.ts';
import { command, mention, phone, wordFormat } from './markdown-words.ts';
import { linkFormat, MAX_LINK_CHARACTERS } from './text-link.ts';

const MAX_SHOWN_CHARACTERS = 500;
const SPACE = /\s/;
const SPACES = /\s+/y;
const WORD = /\S+/y;
const COLOR = /([1-6]|red|green|blue|yellow|cyan|magenta) /y;

/** The formats of a text, as pieces that are the whole source one after the other. */
export function* piecesOf(source: string): Generator<Piece, void, void> {
  const scan = new Scan(source);
  while (scan.at < source.length) {
    const piece = pieceAt(scan);
    yield piece;
    scan.at += piece.length;
  }
}

/** Neighbours without a format are one. */
export function parseMarkdown(source: string): readonly FormattedText[] {
  const out: FormattedText[] = [];
  let plain = '';
  for (const { format, text } of piecesOf(source)) {
    if (format === undefined) {
      plain += text;
      continue;
    }
    if (plain !== '') out.push({ text: plain });
    plain = '';
    out.push({ format, text });
  }
  return plain === '' ? out : [...out, { text: plain }];
}

/** A source and how far it is read. */
class Scan {
  readonly source: string;
  at = 0;
  readonly #found = new Map<string, number>();

  constructor(source: string) {
    this.source = source;
  }

  /** Where a character comes next; the end where it does not. Asked with ascending positions. */
  next(character: string, from: number): number {
    const found = this.#found.get(character);
    if (found !== undefined && found >= from) return found;
    const index = this.source.indexOf(character, from);
    const end = index === -1 ? this.source.length : index;
    this.#found.set(character, end);
    return end;
  }

  match(pattern: RegExp, from = this.at): RegExpExecArray | null {
    pattern.lastIndex = from;
    return pattern.exec(this.source);
  }
}

function plainPiece(text: string): Piece {
  return { text, length: text.length };
}

function pieceAt(scan: Scan): Piece {
  const spaces = scan.match(SPACES);
  if (spaces !== null) return plainPiece(spaces[0]);
  return READERS.get(scan.source[scan.at]!)?.(scan) ?? wordAt(scan);
}

/** Nothing between marks, or a space at either end, is no format. */
function isShown(text: string): boolean {
  return text !== '' && !SPACE.test(text[0]!) && !SPACE.test(text.at(-1)!);
}

function marked(scan: Scan, format: TextFormat): Piece | null {
  const mark = scan.source[scan.at]!;
  const end = scan.next(mark, scan.at + 1);
  if (end === scan.source.length) return null;
  const text = scan.source.slice(scan.at + 1, end);
  return isShown(text) ? { format, text, length: end + 1 - scan.at } : null;
}

function colored(scan: Scan): Piece | null {
  const color = scan.match(COLOR, scan.at + 1);
  const end = scan.next('!', scan.at + 1);
  if (color === null || end === scan.source.length) return null;
  const text = scan.source.slice(scan.at + 1 + color[0].length, end);
  const name = COLORS[Number(color[1]) - 1] ?? (color[1] as TextColor);
  return isShown(text) ? { format: { type: 'colored', color: name }, text, length: end + 1 - scan.at } : null;
}

/** `[text](link)`. A text that looks like another link than the one behind it is not hidden. */
function namedLink(scan: Scan): Piece | null {
  const close = scan.next(']', scan.at + 1);
  const end = scan.next(')', close);
  if (scan.source[close + 1] !== '(' || end === scan.source.length) return null;
  if (close - scan.at > MAX_SHOWN_CHARACTERS || end - close > MAX_LINK_CHARACTERS) return null;
  const text = scan.source.slice(scan.at + 1, close);
  const linkUri = scan.source.slice(close + 2, end);
  const link = linkFormat(linkUri);
  if (!isShown(text) || link === null || (isLinkLike(text) && text !== linkUri)) return null;
  const format: TextFormat = link.type === 'uri' ? { type: 'hyperLink', showText: text, linkUri } : { ...link, showText: text };
  return { format, text, length: end + 1 - scan.at };
}

const LINK_LIKE = /:\/|[\p{L}\p{N}]\.\p{L}{2}/u;

function isLinkLike(text: string): boolean {
  return LINK_LIKE.test(text);
}

/** Up to the next space: a link or an email address where it is one. */
function wordAt(scan: Scan): Piece {
  const word = scan.match(WORD)?.[0] ?? '';
  const found = wordFormat(word);
  return found === null ? plainPiece(word) : { ...found, length: found.text.length };
}

type PieceReader = (scan: Scan) => Piece | null;
const between = (type: 'bold' | 'italic' | 'strikeThrough' | 'snippet' | 'secret'): PieceReader => (scan) => marked(scan, { type });

/** What a word may begin, by its first character. */
const READERS: ReadonlyMap<string, PieceReader> = new Map([
  ['*', between('bold')], ['_', between('italic')], ['~', between('strikeThrough')], ['`', between('snippet')], ['#', between('secret')],
  ['!', colored], ['[', namedLink], ['/', command], ['@', mention],
  ['+', phone], ['0', phone], ['(', phone],
]);
