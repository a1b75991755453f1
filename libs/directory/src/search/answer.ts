/** Answers to searches (directory §3.6). What is sent is read from records again: nothing that has been hidden meanwhile is shown. */
import type { MessageContent } from '@polyplex/protocol-chat';
import { type Asker, isAdmin, reply, replyAll } from '../commands/asker.ts';
import { type FoundLink, linksIn } from '../links/links-in-text.ts';
import { isSamePlace, joinLinkOf, placesOf } from '../links/same-link.ts';
import { DEFAULT_PAGE_SIZE, SEARCH_MEMORY_MS } from '../options.ts';
import { ownerName, type Registered } from '../registration/change.ts';
import type { LastSearch, SearchCursor, SearchQuery } from '../records/records.ts';
import { registrationText } from '../texts/admin-texts.ts';
import { groupText, withImage } from '../texts/group-texts.ts';
import { SEARCH_TEXTS } from '../texts/search-texts.ts';
import { count, type Turn } from '../turn.ts';

const MAX_TERM_CHARACTERS = 500;

export function search(turn: Turn, asker: Asker, text: string): void {
  const link = linksIn(text).find(({ place }) => place.isGroup || turn.index.at(place).length > 0);
  if (link !== undefined) return answerLink(turn, asker, link);
  answer(turn, asker, { query: { type: 'text', text: text.trim().slice(0, MAX_TERM_CHARACTERS) }, cursor: null });
}

/** Goes on with the contact's last search, if that was not long ago. */
export function next(turn: Turn, asker: Asker): void {
  const last = turn.records.lastSearch(asker.contact.contactId);
  if (last === undefined || turn.step.now - last.at > SEARCH_MEMORY_MS) answer(turn, asker, { query: { type: 'all' }, cursor: null });
  else answer(turn, asker, last);
}

interface Asked {
  readonly query: SearchQuery;
  readonly cursor: SearchCursor | null;
}

export function answer(turn: Turn, asker: Asker, { query, cursor }: Asked): void {
  const found = turn.index.find(query, cursor, turn.options.pageSize ?? DEFAULT_PAGE_SIZE);
  const { contactId } = asker.contact;
  if (found.cursor === null || found.groupIds.length === 0) {
    if (cursor === null) turn.records.removeLastSearch(contactId);
    count(turn, ({ searches }) => searches.add('nothing'));
    return reply(turn, asker, cursor === null ? SEARCH_TEXTS.none : SEARCH_TEXTS.noMore);
  }
  const last: LastSearch = { query, cursor: found.cursor, at: turn.step.now };
  turn.records.putLastSearch(contactId, last);
  const sent = found.groupIds.length;
  const more = found.left > sent ? [SEARCH_TEXTS.more(found.left - sent)] : [];
  count(turn, ({ searches }) => searches.add('found'));
  replyAll(turn, asker, [header({ query, cursor }, found.left, sent), ...found.groupIds.flatMap((groupId) => listedEntry(turn, asker, groupId)), ...more]);
}

function header({ query, cursor }: Asked, total: number, sent: number): string {
  if (cursor !== null) return SEARCH_TEXTS.nextOf(sent);
  return query.type === 'text' ? SEARCH_TEXTS.found(total, sent) : SEARCH_TEXTS.listed(total, sent);
}

function listedEntry(turn: Turn, asker: Asker, groupId: number): readonly MessageContent[] {
  const registration = turn.records.registration(groupId);
  const group = turn.step.group(groupId);
  return registration?.state === 'active' && group !== undefined ? [entry(asker, { registration, group })] : [];
}

function entry(asker: Asker, registered: Registered): MessageContent {
  const { group } = registered;
  return withImage(group.profile, groupText(registered, { prefix: isAdmin(asker) ? `${group.groupId}. ` : '' }));
}

/** The registered group that the link leads to. */
function groupAt(turn: Turn, { place }: FoundLink): Registered | undefined {
  for (const groupId of turn.index.at(place)) {
    const registration = turn.records.registration(groupId);
    const group = turn.step.group(groupId);
    const link = registration === undefined || group === undefined ? null : joinLinkOf(registration, group);
    if (link !== null && placesOf(link).some((own) => isSamePlace(own, place))) return { registration: registration!, group: group! };
  }
  return undefined;
}

function answerLink(turn: Turn, asker: Asker, link: FoundLink): void {
  count(turn, ({ searches }) => searches.add('link'));
  const found = groupAt(turn, link);
  if (isAdmin(asker)) return reply(turn, asker, found === undefined ? SEARCH_TEXTS.linkNotRegistered : adminEntry(turn, found));
  reply(turn, asker, found?.registration.state === 'active' ? entry(asker, found) : SEARCH_TEXTS.linkNotFound);
}

function adminEntry(turn: Turn, { registration, group }: Registered): MessageContent {
  return withImage(group.profile, registrationText({ registration, group }, { id: group.groupId, owner: ownerName(turn, registration) }));
}
