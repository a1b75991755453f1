/** One group of the list. */
import { element, made } from './elements.ts';
import { type Entry, linkOf, membersOf, type Piece } from './entries.ts';
import { formatted } from './formatted.ts';

const IMAGE = /^images\/[A-Za-z0-9_-]{22}\.(jpg|png)$/;

export function groupCard(entry: Entry, showCode: (name: string, link: string) => void): HTMLElement {
  const link = linkOf(entry);
  return made(
    'li', { class: 'group' },
    made('img', { src: imageOf(entry), alt: '', loading: 'lazy' }),
    made(
      'div', { class: 'body' },
      made('h2', {}, entry.displayName),
      ...[entry.shortDescr, entry.welcomeMessage].flatMap(paragraph),
      made('p', { class: 'facts' }, factsOf(entry)),
      ...(link === null ? [] : [actions(entry.displayName, link, showCode)]),
    ),
  );
}

function imageOf({ imageFile = '' }: Entry): string {
  return IMAGE.test(imageFile) ? `data/${imageFile}` : 'group.svg';
}

function paragraph(pieces: readonly Piece[] | undefined): HTMLElement[] {
  return pieces === undefined || pieces.length === 0 ? [] : [made('p', { class: 'text' }, ...formatted(pieces))];
}

function factsOf(entry: Entry): string {
  const count = membersOf(entry);
  const one = entry.entryType?.groupType === 'channel' ? 'subscriber' : 'member';
  return `${String(count)} ${one}${count === 1 ? '' : 's'}${entry.entryType?.admission?.review === 'all' ? ' · new members are reviewed by admins' : ''}`;
}

function actions(name: string, link: string, showCode: (name: string, link: string) => void): HTMLElement {
  const code = made('button', { type: 'button', 'aria-label': `QR code of ${name}` }, 'QR code');
  code.addEventListener('click', () => showCode(name, link));
  return made('div', { class: 'actions' }, made('a', { class: 'button main', href: link, rel: 'noopener noreferrer', 'aria-label': `Join ${name}` }, 'Join'), code);
}

/** The dialog with a link as a picture. */
export async function openCode(name: string, link: string, draw: (link: string) => Promise<string>): Promise<void> {
  element('code-name', HTMLHeadingElement).textContent = name;
  element('code-image', HTMLImageElement).src = `data:image/svg+xml;base64,${btoa(await draw(link))}`;
  element('code', HTMLDialogElement).showModal();
}
