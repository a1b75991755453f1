/** A group as people read of it (directory §3.3, §3.6). The line with the link is literal: apps and the bot itself know it by its beginning. */
import type { GroupProfile, MessageContent } from '@polyplex/protocol-chat';
import { shownName } from '../commands/names.ts';
import { leadsTo } from '../links/links-in-text.ts';
import { type JoinLink, joinLinkOf, placesOf, shownLink } from '../links/same-link.ts';
import type { Registered } from '../registration/change.ts';
import { type Noun, nounOf } from './nouns.ts';

export function linkPhrase(name: string, noun: Noun = 'group'): string {
  return `Link to join the ${noun} ${shownName(name)}:`;
}

export function linkLine({ group: { profile }, registration }: Registered, link: JoinLink): string {
  return `${linkPhrase(profile.displayName, nounOf(registration))} ${shownLink(link)}`;
}

/** `name (full name or short description)`. */
function titleOf({ displayName, fullName, shortDescr = '' }: GroupProfile): string {
  const more = shownName(fullName) === '' ? shownName(shortDescr) : shownName(fullName);
  return more === '' ? shownName(displayName) : `${shownName(displayName)} (${more})`;
}

/** Whether the welcome message has the link that people join by. */
export function hasOwnLink({ registration, group }: Registered): boolean {
  const link = joinLinkOf(registration, group);
  return link !== null && leadsTo(group.profile.description ?? '', placesOf(link));
}

/** A subscriber sees few of a channel: how many they are is as its link says. */
export function membersOf({ registration: { channel }, group }: Registered): number {
  return channel?.subscribers ?? group.currentMembers;
}

function membersLine(registered: Registered): string {
  const count = membersOf(registered);
  const one = registered.registration.channel?.type === 'channel' ? 'subscriber' : 'member';
  return `_${count} ${one}${count === 1 ? '' : 's'}_`;
}

function isReviewed({ memberAdmission }: GroupProfile): boolean {
  return memberAdmission?.review === 'all';
}

/** Its lines: title, welcome message, link, members. `before` and `after` are lines of whoever shows it. */
export function groupText(registered: Registered, { prefix = '', after = [] }: { readonly prefix?: string; readonly after?: readonly string[] } = {}): string {
  const { registration, group: { profile } } = registered;
  const link = joinLinkOf(registration, registered.group);
  const welcome = profile.description?.trim() ?? '';
  return [
    `${prefix}${titleOf(profile)}`,
    ...(welcome === '' ? [] : [welcome]),
    ...(link === null || hasOwnLink(registered) ? [] : [linkLine(registered, link)]),
    membersLine(registered),
    ...(isReviewed(profile) ? ['New members are reviewed by the group\'s admins.'] : []),
    ...after,
  ].join('\n');
}

/** With the group's picture, where it has one. */
export function withImage({ image }: GroupProfile, text: string): MessageContent {
  return image === undefined || image === '' ? { type: 'text', text } : { type: 'image', text, image };
}
