/** The page: loads the listing and shows what the fragment of its address says, so that a search can be kept and sent on as a link. */
import { toString as qrCode } from 'qrcode';
import { element, made } from './elements.ts';
import { type Entry, fragmentOf, type Order, ORDERS, shownOf, type View, viewOf } from './entries.ts';
import { groupCard, openCode } from './group-card.ts';

const words = element('words', HTMLInputElement);
let entries: readonly Entry[] = [];

function look(changes: Partial<View>): void {
  const fragment = fragmentOf({ ...viewOf(location.hash), ...changes });
  if (`#${fragment}` === location.hash || (fragment === '' && location.hash === '')) return render();
  location.hash = fragment;
}

function showCode(name: string, link: string): void {
  openCode(name, link, (text) => qrCode(text, { type: 'svg', margin: 2, errorCorrectionLevel: 'L' })).catch(() => undefined);
}

function render(): void {
  const view = viewOf(location.hash);
  const { entries: shown, total, pages, page } = shownOf(entries, view);
  if (words.value.trim() !== view.words.trim()) words.value = view.words;
  element('count', HTMLElement).textContent = countText(total, view.words);
  element('groups', HTMLUListElement).replaceChildren(...shown.map((entry) => groupCard(entry, showCode)));
  element('orders', HTMLElement).replaceChildren(...orderButtons(view.order));
  element('pages', HTMLElement).hidden = pages === 1;
  element('page', HTMLElement).textContent = `Page ${String(page + 1)} of ${String(pages)}`;
  element('previous', HTMLButtonElement).disabled = page === 0;
  element('next', HTMLButtonElement).disabled = page === pages - 1;
}

function countText(total: number, searched: string): string {
  const groups = `${String(total)} ${total === 1 ? 'group' : 'groups'}`;
  if (searched.trim() === '') return total === 0 ? 'No groups are listed yet.' : `${groups} listed`;
  return total === 0 ? 'No groups found.' : `${groups} found`;
}

function orderButtons(order: Order): Node[] {
  return Object.entries(ORDERS).map(([name, label]) => {
    const button = made('button', { type: 'button', 'aria-pressed': String(name === order), 'data-order': name }, label);
    button.addEventListener('click', () => {
      look({ order: name as Order, page: 0 });
      // The buttons were made anew.
      document.querySelector<HTMLElement>(`[data-order="${name}"]`)?.focus();
    });
    return button;
  });
}

function turn(by: number): void {
  look({ page: shownOf(entries, viewOf(location.hash)).page + by });
  element('count', HTMLElement).scrollIntoView();
}

async function load(): Promise<void> {
  const answer = await fetch('data/listing.json', { credentials: 'omit' });
  if (!answer.ok) throw new Error(`status ${String(answer.status)}`);
  ({ entries } = (await answer.json()) as { readonly entries: readonly Entry[] });
  render();
}

element('search', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
words.addEventListener('input', () => look({ words: words.value, page: 0 }));
element('previous', HTMLButtonElement).addEventListener('click', () => turn(-1));
element('next', HTMLButtonElement).addEventListener('click', () => turn(1));
addEventListener('hashchange', render);
load().catch(() => {
  element('count', HTMLElement).textContent = 'The list cannot be loaded. Try again later.';
});
