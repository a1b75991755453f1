/** The group's profile changed (directory §3.4). Listed is what admins have seen: anything but links of the bot's own hides the group until they see it again. */
import { isDeepStrictEqual } from 'node:util';
import type { ChatEvent, Group } from '@polyplex/chat';
import type { GroupProfile } from '@polyplex/protocol-chat';
import { withoutLinksTo } from '../links/links-in-text.ts';
import { type LinkPlace, placesOf } from '../links/same-link.ts';
import type { Registration } from '../records/records.ts';
import { ADMIN_TEXTS } from '../texts/admin-texts.ts';
import { linkPhrase } from '../texts/group-texts.ts';
import { OWNER_TEXTS } from '../texts/owner-texts.ts';
import { attempt, tellAdmins, tellOwner, type Turn } from '../turn.ts';
import { indexLater, liveRegistration, putRegistration } from './change.ts';
import { submit } from './joined.ts';
import { mayNotify } from './notices.ts';
import { bySuffix } from './people.ts';

export type ProfileChange = 'same' | 'link-only' | 'other';

function words(text: string): string {
  return text.split(/\s+/u).filter((word) => word !== '').join(' ');
}

/** Preferences are not compared. An absent field is an empty one. */
function comparedFields({ displayName, fullName, shortDescr = '', image = '', memberAdmission = {}, publicGroup = {} }: GroupProfile): readonly unknown[] {
  return [displayName, fullName, shortDescr, image, memberAdmission, publicGroup];
}

function withoutLink({ displayName, description = '' }: GroupProfile, places: readonly LinkPlace[]): string {
  return words(words(withoutLinksTo(description, places)).replaceAll(words(linkPhrase(displayName)), ' '));
}

export function changeBetween(before: GroupProfile, after: GroupProfile, places: readonly LinkPlace[]): ProfileChange {
  if (!isDeepStrictEqual(comparedFields(before), comparedFields(after))) return 'other';
  if (words(before.description ?? '') === words(after.description ?? '')) return 'same';
  return places.length > 0 && withoutLink(before, places) === withoutLink(after, places) ? 'link-only' : 'other';
}

type Updated = Extract<ChatEvent, { type: 'group-updated' }>;

export function onProfileChange(turn: Turn, { group, from, by }: Updated): void {
  const registration = liveRegistration(turn, group.groupId);
  if (registration === undefined) return;
  const isBefore = registration.state === 'pending_confirmation' || registration.state === 'proposed';
  const change = changeBetween(from, group.profile, group.link === null ? [] : placesOf(group.link));
  if (isBefore || change === 'same') rename(turn, registration, group);
  else if (change === 'link-only') keepListed(turn, rename(turn, registration, group), bySuffix(registration, by));
  else hide(turn, rename(turn, registration, group), { group, by: bySuffix(registration, by) });
}

function rename(turn: Turn, registration: Registration, { profile: { displayName } }: Group): Registration {
  if (registration.name !== displayName) return putRegistration(turn, { ...registration, name: displayName });
  indexLater(turn, registration);
  return registration;
}

function keepListed(turn: Turn, registration: Registration, by: string): void {
  if (registration.state !== 'active') return;
  attempt(turn, () => turn.step.refreshLink(registration.groupId));
  turn.step.afterwards(turn.onListingChanged);
  if (!mayNotify(turn, registration.groupId)) return;
  tellOwner(turn, registration, OWNER_TEXTS.remainsListed(registration, by));
  tellAdmins(turn, [ADMIN_TEXTS.remainsListed(registration, by)]);
}

/** The code counts on while the group waits, so that no admin approves what they have not seen. */
export function hide(turn: Turn, registration: Registration, { group, by }: { readonly group: Group; readonly by: string }): void {
  const hidden = putRegistration(turn, { ...registration, state: 'pending_approval', code: registration.code + 1, approving: null });
  if (!mayNotify(turn, hidden.groupId)) return;
  tellOwner(turn, hidden, OWNER_TEXTS.hidden(hidden, by));
  tellAdmins(turn, [ADMIN_TEXTS.hidden(hidden, by)]);
  submit(turn, hidden, group);
}
