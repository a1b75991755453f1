/** What of a profile members of a group see (directory §1.7), and what a group allows whom. */
import type { GroupFeature, GroupPreferences, Profile } from './profile.ts';
import { isAtLeast, type Role } from './roles.ts';

/** What holds where a group says nothing. */
const DEFAULTS = {
  timedMessages: 'off',
  directMessages: 'off',
  fullDelete: 'off',
  history: 'off',
  reactions: 'on',
  voice: 'on',
  files: 'on',
  simplexLinks: 'on',
  reports: 'on',
} as const;

export type GroupFeatureName = keyof typeof DEFAULTS;

/** Whether a group lets members of `role` use a feature. */
export function groupAllows(preferences: GroupPreferences | undefined, feature: GroupFeatureName, role: Role): boolean {
  const said: GroupFeature = preferences?.[feature] ?? { enable: DEFAULTS[feature] };
  return said.enable === 'on' && (said.role === undefined || isAtLeast(role, said.role));
}

/** Short and full links of contacts, groups, invitations, channels and relays. */
const SIMPLEX_LINK = /(?:simplex:\/|https:\/\/[^\s/?#]{1,255}\/)(?:(?:invitation|contact)\/?#\/?\?\S*|[aicgr]\/?#\S*)/gi;

function withoutLinks(text: string): string {
  return text.replaceAll(SIMPLEX_LINK, '').trim();
}

/** A profile as a member of that role shows it to a group: no preferences, and no links where links are not allowed. */
export function redactProfile(profile: Profile, preferences: GroupPreferences | undefined, role: Role): Profile {
  const { preferences: _kept, contactLink, shortDescr, description, ...rest } = profile;
  const linksAllowed = groupAllows(preferences, 'simplexLinks', role);
  const shown = (text: string): string => (linksAllowed ? text : withoutLinks(text));
  return {
    ...rest,
    ...(shortDescr === undefined ? {} : { shortDescr: shown(shortDescr) }),
    ...(description === undefined ? {} : { description: shown(description) }),
    ...(contactLink !== undefined && linksAllowed && groupAllows(preferences, 'directMessages', role) ? { contactLink } : {}),
  };
}
