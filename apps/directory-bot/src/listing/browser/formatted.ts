/** Formatted text of the listing as elements (directory §3.9). */
import { made } from './elements.ts';
import type { Piece } from './entries.ts';

const TAGS: Readonly<Record<string, 'b' | 'i' | 's' | 'code'>> = { bold: 'b', italic: 'i', strikeThrough: 's', snippet: 'code' };

export function formatted(pieces: readonly Piece[]): Node[] {
  return pieces.map(pieceNode);
}

function pieceNode({ text, format }: Piece): Node {
  if (format === undefined) return document.createTextNode(text);
  const tag = TAGS[format.type];
  if (tag !== undefined) return made(tag, {}, text);
  if (format.type === 'secret') return secret(text);
  const uri = uriOf(text, format);
  if (uri === null) return document.createTextNode(format.showText ?? text);
  return made('a', { href: uri, rel: 'noopener noreferrer nofollow', target: '_blank' }, format.showText ?? text);
}

/** Only what leads to pages, apps and mail. */
function uriOf(text: string, { type, linkUri, simplexUri }: NonNullable<Piece['format']>): string | null {
  if (type === 'email') return `mailto:${text}`;
  if (type === 'phone') return `tel:${text.replaceAll(/[^+\d]/g, '')}`;
  const uri = { uri: /^https?:\/\//i.test(text) ? text : `https://${text}`, hyperLink: linkUri, simplexLink: simplexUri }[type] ?? null;
  return uri !== null && /^(https?:\/\/|simplex:)/i.test(uri) ? uri : null;
}

/** Shown when somebody asks for it. */
function secret(text: string): HTMLElement {
  const node = made('button', { class: 'secret', type: 'button', 'aria-label': 'Show the hidden text' }, '\u00a0'.repeat(Math.min(text.length, 40)));
  node.addEventListener('click', () => {
    node.replaceWith(made('span', {}, text));
  }, { once: true });
  return node;
}
