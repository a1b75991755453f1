/**
 * All registrations in memory, for search and lists; records are the truth, this follows them after each step. A search reads every text once: ten
 * thousand groups take a few milliseconds.
 */
import type { Group } from '@polyplex/chat';
import { joinLinkOf, type LinkPlace, placesOf } from '../links/same-link.ts';
import { type Registration, type SearchCursor, type SearchQuery, sinceOf } from '../records/records.ts';
import type { RegistrationState } from '../registration/states.ts';
import { membersOf } from '../texts/group-texts.ts';

export interface IndexEntry {
  readonly groupId: number;
  readonly state: RegistrationState;
  readonly isPromoted: boolean;
  readonly isChannel: boolean;
  readonly members: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Since when it is in its state, Unix milliseconds. */
  readonly since: number;
  /** Lower-cased: what a search looks at. */
  readonly text: string;
  readonly places: readonly LinkPlace[];
}

export interface Found {
  readonly groupIds: readonly number[];
  /** Entries that match, from the cursor on; those of `groupIds` included. */
  readonly left: number;
  /** After the last of `groupIds`. */
  readonly cursor: SearchCursor | null;
}

/** Between fields, so that nothing is found across two. */
const SEPARATOR = '\n\0\n';

function searchedText({ profile: { displayName, fullName, shortDescr = '', description = '' } }: Group): string {
  return [displayName, fullName, shortDescr, description].join(SEPARATOR).toLowerCase();
}

type Order = 'members' | 'new';

function compare(order: Order, one: SearchCursor, other: SearchCursor): number {
  if (one.value !== other.value) return other.value - one.value;
  return order === 'members' ? one.groupId - other.groupId : other.groupId - one.groupId;
}

function positionOf(order: Order, { members, createdAt, groupId }: IndexEntry): SearchCursor {
  return { value: order === 'members' ? members : createdAt, groupId };
}

/** What a search looks for: a sign before a name is left out. */
function searchTerm(text: string): string {
  return text.trim().replace(/^[#@]/, '').toLowerCase();
}

export class SearchIndex {
  readonly #entries = new Map<number, IndexEntry>();
  readonly #byPlace = new Map<string, Set<number>>();
  readonly #sorted: Record<Order, readonly IndexEntry[] | null> = { members: null, new: null };

  get size(): number {
    return this.#entries.size;
  }

  set(registration: Registration, group: Group): void {
    const before = this.#entries.get(registration.groupId);
    if (before !== undefined) this.#dropPlaces(before);
    const { groupId, state, isPromoted, createdAt } = registration;
    const link = joinLinkOf(registration, group);
    const places = link === null ? [] : placesOf(link);
    const isChannel = registration.channel !== undefined;
    const members = membersOf({ registration, group });
    this.#entries.set(groupId, { groupId, state, isPromoted, isChannel, createdAt, since: sinceOf(registration), members, text: searchedText(group), places });
    for (const { key } of places) this.#byPlace.set(key, (this.#byPlace.get(key) ?? new Set()).add(groupId));
    this.#forgetOrder();
  }

  delete(groupId: number): void {
    const before = this.#entries.get(groupId);
    if (before === undefined) return;
    this.#dropPlaces(before);
    this.#entries.delete(groupId);
    this.#forgetOrder();
  }

  /** Called for every event of a group: only its size is looked at. That of a channel is as its link says. */
  setMembers(groupId: number, members: number): void {
    const entry = this.#entries.get(groupId);
    if (entry === undefined || entry.isChannel || entry.members === members) return;
    this.#entries.set(groupId, { ...entry, members });
    this.#forgetOrder();
  }

  #dropPlaces({ groupId, places }: IndexEntry): void {
    for (const { key } of places) {
      const groups = this.#byPlace.get(key);
      groups?.delete(groupId);
      if (groups?.size === 0) this.#byPlace.delete(key);
    }
  }

  #forgetOrder(): void {
    this.#sorted.members = null;
    this.#sorted.new = null;
  }

  #inOrder(order: Order): readonly IndexEntry[] {
    this.#sorted[order] ??= [...this.#entries.values()].sort((one, other) => compare(order, positionOf(order, one), positionOf(order, other)));
    return this.#sorted[order];
  }

  /** Listed groups after `cursor`, at most `limit`. */
  find(query: SearchQuery, cursor: SearchCursor | null, limit: number): Found {
    const order: Order = query.type === 'new' ? 'new' : 'members';
    const term = query.type === 'text' ? searchTerm(query.text) : '';
    const groupIds: number[] = [];
    let left = 0;
    let last = cursor;
    for (const entry of this.#inOrder(order)) {
      if (entry.state !== 'active') continue;
      const position = positionOf(order, entry);
      if (cursor !== null && compare(order, position, cursor) <= 0) continue;
      if (!entry.text.includes(term)) continue;
      left += 1;
      if (groupIds.length >= limit) continue;
      groupIds.push(entry.groupId);
      last = position;
    }
    return { groupIds, left, cursor: last };
  }

  /** Groups whose link may lead to the place; it is compared there. */
  at({ key }: LinkPlace): readonly number[] {
    return [...(this.#byPlace.get(key) ?? [])];
  }

  entries(): Iterable<IndexEntry> {
    return this.#entries.values();
  }

  /** Group ids, ascending. */
  inState(wanted: RegistrationState): readonly number[] {
    return [...this.#entries.values()].filter(({ state }) => state === wanted).map(({ groupId }) => groupId).sort((one, other) => one - other);
  }

  /** The newest registrations, the newest last. */
  newest(limit: number, isWanted: (entry: IndexEntry) => boolean): { readonly groupIds: readonly number[]; readonly total: number } {
    const wanted = this.#inOrder('new').filter(isWanted);
    return { groupIds: wanted.slice(0, limit).reverse().map(({ groupId }) => groupId), total: wanted.length };
  }

  /** Since when the one has been in this state that has been so for longest, Unix milliseconds; null where none is. */
  longestIn(wanted: RegistrationState): number | null {
    let longest: number | null = null;
    for (const { state, since } of this.#entries.values()) {
      if (state === wanted) longest = Math.min(longest ?? since, since);
    }
    return longest;
  }

  /** Registrations by state. */
  counts(): ReadonlyMap<RegistrationState, number> {
    const counts = new Map<RegistrationState, number>();
    for (const { state } of this.#entries.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return counts;
  }
}
