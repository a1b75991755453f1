/** The listing as it is loaded, and which of it is shown (directory §3.9). */

interface Format {
  readonly type: string;
  readonly showText?: string;
  readonly linkUri?: string;
  readonly simplexUri?: string;
}

export interface Piece {
  readonly text: string;
  readonly format?: Format;
}

export interface Entry {
  readonly displayName: string;
  readonly groupLink: { readonly connFullLink?: string; readonly connShortLink?: string };
  readonly entryType?: {
    readonly type?: string;
    readonly groupType?: string;
    readonly admission?: { readonly review?: string };
    readonly summary?: { readonly currentMembers?: number; readonly publicMemberCount?: number };
  };
  readonly shortDescr?: readonly Piece[];
  readonly welcomeMessage?: readonly Piece[];
  readonly imageFile?: string;
  readonly activeAt?: string;
  readonly createdAt?: string;
}

const PAGE_SIZE = 10;

/** In this order on the page. */
export const ORDERS = { top: 'Most members', live: 'Active', new: 'New' } as const;
export type Order = keyof typeof ORDERS;

export interface View {
  readonly order: Order;
  readonly words: string;
  /** From 0. */
  readonly page: number;
}

export function membersOf({ entryType }: Entry): number {
  return entryType?.summary?.publicMemberCount ?? entryType?.summary?.currentMembers ?? 0;
}

export function linkOf({ groupLink }: Entry): string | null {
  const link = groupLink.connShortLink ?? groupLink.connFullLink ?? null;
  // Links of strangers: nothing that a browser would run.
  return link !== null && /^(https:\/\/|simplex:)/.test(link) ? link : null;
}

const KEYS: Readonly<Record<Order, (entry: Entry) => number | string>> = {
  top: membersOf, live: ({ activeAt }) => activeAt ?? '', new: ({ createdAt }) => createdAt ?? '',
};

function textOf(pieces: readonly Piece[] | undefined): string {
  return (pieces ?? []).map(({ text }) => text).join('');
}

export interface Shown {
  readonly entries: readonly Entry[];
  readonly total: number;
  readonly pages: number;
  readonly page: number;
}

/** What a view shows; a page beyond the last is the last. */
export function shownOf(all: readonly Entry[], { order, words, page }: View): Shown {
  const wanted = words.trim().toLowerCase();
  const found = all.filter((entry) => [entry.displayName, textOf(entry.shortDescr), textOf(entry.welcomeMessage)].some((text) => text.toLowerCase().includes(wanted)));
  // Of equals, those with more members come first.
  const key = KEYS[order];
  const sorted = found.toSorted((a, b) => compared(key(b), key(a)) || membersOf(b) - membersOf(a) || compared(a.displayName, b.displayName));
  const pages = Math.max(1, Math.ceil(sorted.length / PAGE_SIZE));
  const at = Math.min(page, pages - 1);
  return { entries: sorted.slice(at * PAGE_SIZE, (at + 1) * PAGE_SIZE), total: sorted.length, pages, page: at };
}

function compared(a: number | string, b: number | string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A view as the fragment of the page's address, and back. */
export function fragmentOf({ order, words, page }: View): string {
  const query = new URLSearchParams({ ...(order === 'top' ? {} : { order }), ...(words === '' ? {} : { q: words }), ...(page === 0 ? {} : { page: String(page + 1) }) });
  return query.toString();
}

export function viewOf(fragment: string): View {
  const query = new URLSearchParams(fragment.replace(/^#/, ''));
  const order = query.get('order') ?? '';
  const page = Number(query.get('page') ?? 1);
  return { order: isOrder(order) ? order : 'top', words: (query.get('q') ?? '').slice(0, 200), page: Number.isInteger(page) && page > 1 && page < 100_000 ? page - 1 : 0 };
}

function isOrder(text: string): text is Order {
  return Object.hasOwn(ORDERS, text);
}
