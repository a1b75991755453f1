/** What members of a group see of a profile (directory §1.7), by what the group allows. */
import { describe, expect, it } from 'vitest';
import { groupAllows, type GroupPreferences, type Profile, redactProfile } from '../src/index.ts';

const LINK = 'https://smp.example/a#bCd_-123';
const PROFILE: Profile = {
  displayName: 'a', fullName: 'b', image: 'data:image/png;base64,AA', peerType: 'bot', contactLink: LINK, shortDescr: `write to ${LINK}`, description: 'hello',
  preferences: { voice: { allow: 'no' } },
};

describe('a profile in a group', () => {
  it('has no preferences, and no link to contact where members do not write to one another', () => {
    expect(redactProfile(PROFILE, undefined, 'member')).toEqual({
      displayName: 'a', fullName: 'b', image: PROFILE.image, peerType: 'bot', shortDescr: PROFILE.shortDescr, description: 'hello',
    });
  });

  it('has its link where they do', () => {
    expect(redactProfile(PROFILE, { directMessages: { enable: 'on' } }, 'member')).toMatchObject({ contactLink: LINK });
  });

  it.each<[string, GroupPreferences]>([
    ['are off', { simplexLinks: { enable: 'off' }, directMessages: { enable: 'on' } }],
    ['are for others', { simplexLinks: { enable: 'on', role: 'admin' }, directMessages: { enable: 'on' } }],
  ])('has no links where they %s', (_name, preferences) => {
    const redacted = redactProfile(PROFILE, preferences, 'member');
    expect(redacted).toMatchObject({ shortDescr: 'write to' });
    expect(redacted.contactLink).toBeUndefined();
  });

  it.each([
    'simplex:/contact#/?v=2-7&smp=smp%3A%2F%2Fa', 'https://simplex.chat/invitation#/?v=1', 'HTTPS://smp.example/g#key?p=7', 'simplex:/i#a/b',
  ])('%s is such a link', (link) => {
    expect(redactProfile({ ...PROFILE, shortDescr: `a ${link} b` }, { simplexLinks: { enable: 'off' } }, 'owner').shortDescr).toBe('a  b');
  });

  it('other links stay', () => {
    const shortDescr = 'see https://example.com/a/b?c and http://example.com';
    expect(redactProfile({ ...PROFILE, shortDescr }, { simplexLinks: { enable: 'off' } }, 'owner').shortDescr).toBe(shortDescr);
  });
});

describe('what a group allows', () => {
  it('by itself: reactions, voice, files, links, reports', () => {
    const features = ['timedMessages', 'directMessages', 'fullDelete', 'history', 'reactions', 'voice', 'files', 'simplexLinks', 'reports'] as const;
    expect(features.filter((feature) => groupAllows(undefined, feature, 'observer'))).toEqual(['reactions', 'voice', 'files', 'simplexLinks', 'reports']);
  });

  it('from a role on', () => {
    const preferences: GroupPreferences = { voice: { enable: 'on', role: 'moderator' }, history: { enable: 'on' } };
    expect((['unknown', 'member', 'moderator', 'owner'] as const).map((role) => groupAllows(preferences, 'voice', role))).toEqual([false, false, true, true]);
    expect(groupAllows(preferences, 'history', 'observer')).toBe(true);
  });
});
