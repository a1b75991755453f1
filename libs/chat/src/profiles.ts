/** Profiles as they are kept: what others say of themselves is bounded, whatever came (directory §1.7). */
import type { GroupProfile, Profile } from '@polyplex/protocol-chat';
import { redactProfile } from '@polyplex/protocol-chat';
import type { Group } from './records/records.ts';
import type { Step } from './step.ts';

const MAX_NAME = 256;
const MAX_TEXT = 16_000;
/** Three times what apps make: a larger one would not fit what it is sent on with. */
const MAX_IMAGE = 40_000;
const MAX_LINK = 4_000;

function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).toWellFormed();
}

/** Control characters, and those that turn around how the text beside them is read: a name is shown among the words of others. */
const UNSEEN = /[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu;

export function cleanName(name: string): string {
  return cut(name.replace(UNSEEN, ' ').trim(), MAX_NAME);
}

/** What apps show: a picture's own bytes. */
const IMAGE = /^(?:data:image\/(?:png|jpe?g|gif|webp);base64,)?[A-Za-z0-9+/]+={0,2}$/;

function imageOf(image: string | undefined): string | undefined {
  return image !== undefined && image.length <= MAX_IMAGE && IMAGE.test(image) ? image : undefined;
}

function upTo(text: string | undefined, most: number): string | undefined {
  return text !== undefined && text.length > most ? undefined : text;
}

type Undefinable<T> = { readonly [K in keyof T]: undefined extends T[K] ? T[K] | undefined : object extends Pick<T, K> ? T[K] | undefined : T[K] };

/** Without fields that are undefined. */
function defined<T extends object>(fields: Undefinable<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

const cutText = (text: string | undefined): string | undefined => (text === undefined ? undefined : cut(text, MAX_TEXT));

/** A contact's or member's. Its menu is of no use here, and its preferences are small. */
export function boundedProfile({ displayName, fullName, shortDescr, image, contactLink, peerType, preferences, description }: Profile): Profile {
  const { commands: _menu, ...kept } = preferences ?? {};
  return defined<Profile>({
    displayName: cleanName(displayName), fullName: cleanName(fullName), shortDescr: cutText(shortDescr), image: imageOf(image),
    contactLink: upTo(contactLink, MAX_LINK), peerType, preferences: preferences && kept, description: cutText(description),
  });
}

/** Of a member of a group: nothing that is for contacts only. */
export function boundedMemberProfile(profile: Profile): Profile {
  const { preferences: _ofContacts, ...kept } = boundedProfile(profile);
  return kept;
}

export function boundedGroupProfile(profile: GroupProfile): GroupProfile {
  return defined<GroupProfile>({
    ...profile, displayName: cleanName(profile.displayName), fullName: cleanName(profile.fullName), shortDescr: cutText(profile.shortDescr),
    description: cutText(profile.description), image: imageOf(profile.image),
  });
}

/** Ours, as members of the group see it. */
export function ownMemberProfile(step: Step, { profile, own }: Group): Profile {
  return redactProfile(step.profile, profile.groupPreferences, own.role);
}

/** Whether two say the same, in whatever order. */
export function sameValue(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part);
}
