/** Links are the same when they lead to the same place, however they are written (directory §3.2, §5). */
import { toBase64Url } from '@polyplex/base';
import type { Group, GroupLink } from '@polyplex/chat';
import { parseLink, parseShortLink } from '@polyplex/protocol-agent';
import type { Registration } from '../records/records.ts';

/** Where a link leads: names of the same place are equal. */
export interface LinkPlace {
  /** Of a short link its key, of a full link its queue. */
  readonly key: string;
  readonly hosts: readonly string[];
  /** A link to a group or a channel, as far as the link says. */
  readonly isGroup: boolean;
}

/** No link of ours comes near it. */
export const MAX_LINK_CHARACTERS = 4096;
const GROUP_DATA = /"type"\s*:\s*"group"/;

const keyOf = (kind: 'short' | 'full', bytes: Uint8Array): string => `${kind} ${toBase64Url(bytes)}`;
const lower = (hosts: readonly string[]): readonly string[] => hosts.map((host) => host.toLowerCase());

function shortPlace(text: string): LinkPlace | null {
  const link = parseShortLink(text);
  if (link === null || link.kind === 'i') return null;
  return { key: keyOf('short', link.linkKey), hosts: lower(link.server.hosts), isGroup: link.kind === 'g' || link.kind === 'c' };
}

function fullPlace(text: string): LinkPlace | null {
  const request = parseLink(text);
  const queue = request?.queues[0];
  if (request?.mode !== 'contact' || queue === undefined) return null;
  return { key: keyOf('full', queue.senderId), hosts: lower(queue.server.hosts), isGroup: GROUP_DATA.test(request.clientData ?? '') };
}

/** Null for what is no link to an address. */
export function placeOf(text: string): LinkPlace | null {
  if (text.length > MAX_LINK_CHARACTERS) return null;
  return shortPlace(text) ?? fullPlace(text);
}

export function isSamePlace(one: LinkPlace, other: LinkPlace): boolean {
  return one.key === other.key && one.hosts.some((host) => other.hosts.includes(host));
}

/** Of texts; what is no link is the same as none. */
export function isSameLink(one: string, other: string): boolean {
  const [place, otherPlace] = [placeOf(one), placeOf(other)];
  return place !== null && otherPlace !== null && isSamePlace(place, otherPlace);
}

/** What people join by: a link of the bot's own to a group, or a channel's, which is short. */
export type JoinLink = Pick<GroupLink, 'fullLink' | 'shortLink'> | { readonly fullLink: null; readonly shortLink: string };

/** Null: a group that has none yet. */
export function joinLinkOf({ channel }: Pick<Registration, 'channel'>, { link }: Pick<Group, 'link'>): JoinLink | null {
  return channel === undefined ? link : { fullLink: null, shortLink: channel.link };
}

/** The places that a link names: its short and its full form. */
export function placesOf({ fullLink, shortLink }: JoinLink): readonly LinkPlace[] {
  return [shortLink, fullLink].flatMap((form) => {
    const place = form === null ? null : placeOf(form);
    return place === null ? [] : [place];
  });
}

/** The form to show. */
export function shownLink(link: JoinLink): string {
  return link.fullLink === null ? link.shortLink : link.shortLink ?? link.fullLink;
}
