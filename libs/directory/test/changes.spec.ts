/** What happens to registered groups (directory §3.4, §6 scenarios 10 to 18 and "Profile changes"): every row of both tables. */
import { describe, expect, test } from 'vitest';
import { type ProfileChange, changeBetween } from '../src/registration/profile-change.ts';
import { placesOf } from '../src/links/same-link.ts';
import { linkOf } from './support/links.ts';
import { PROFILE, scene, sceneIn } from './support/scene.ts';

const containing = (part: string): unknown => expect.stringContaining(part);

describe('a profile change of a group that is', () => {
  const LINK_LINE = `${PROFILE.description}\nLink to join the group PSA: ${linkOf(1).shortLink!}`;
  test.each([
    ['active', 'link-only', 'active', ['remains listed'], ['remains listed']],
    ['pending_approval', 'link-only', 'pending_approval:1', [], []],
    ['suspended', 'link-only', 'suspended', [], []],
    ['suspended_bad_roles', 'link-only', 'suspended_bad_roles', [], []],
    ['pending_approval', 'other', 'pending_approval:2', ['hidden'], ['hidden', 'submitted', '/approve 1:PSA 2']],
    ['active', 'other', 'pending_approval:1', ['hidden'], ['hidden', 'submitted', '/approve 1:PSA 1']],
    ['suspended', 'other', 'pending_approval:1', ['hidden'], ['hidden', 'submitted', '/approve 1:PSA 1']],
    ['suspended_bad_roles', 'other', 'pending_approval:1', ['hidden', '*admin*'], ['hidden']],
    ['pending_confirmation', 'other', 'pending_confirmation', [], []],
    ['proposed', 'other', 'proposed', [], []],
    ['removed', 'other', 'removed', [], []],
  ] as const)('%s, %s: %s', (state, change, after, toOwner, toAdmin) => {
    const { alice, bob, group } = sceneIn(state);
    group.changes({ description: change === 'link-only' ? LINK_LINE : 'Something else' });
    expect(group.state).toBe(after);
    expect(bob.heard()).toEqual(toOwner.map(containing));
    expect(alice.heard()).toEqual(toAdmin.map(containing));
  });

  test('active: every other field hides it, preferences and spaces do not', () => {
    for (const change of [{ displayName: 'PSA2' }, { fullName: 'x' }, { shortDescr: 'x' }, { image: 'x' }, { memberAdmission: { review: 'all' } }, { publicGroup: { a: 1 } }]) {
      const { group } = sceneIn('active');
      group.changes(change);
      expect(group.state, JSON.stringify(change)).toBe('pending_approval:1');
    }
    for (const change of [{ groupPreferences: { voice: { enable: 'off' } } }, { description: ' Hello \n\n there ' }] as const) {
      const { bob, group } = sceneIn('active');
      group.changes(change);
      expect(group.state, JSON.stringify(change)).toBe('active');
      expect(bob.heard()).toEqual([]);
    }
  });

  test('active, says by whom when it was another', () => {
    const { alice, bob, group } = sceneIn('active');
    const dan = group.adds('dan', 'owner');
    group.changes({ description: 'Other' }, dan);
    expect(bob.heard()[0]).toContain('was changed by dan.');
    expect(alice.heard()[0]).toContain('was changed by dan.');
    group.changes({ description: 'Another' });
    expect(bob.heard()[0]).toContain('was changed.');
  });

  test('active: an approval while its link is being made is void when it changes', () => {
    const { alice, bob, group } = scene();
    alice.says('/approve 1:PSA 1');
    group.changes({ description: 'Bad content' });
    group.makeLink();
    expect(group.state).toBe('pending_approval:2');
    alice.heard();
    expect(bob.heard().join('\n')).not.toContain('approved and listed');
    alice.says('/approve 1:PSA 2');
    expect(group.state).toBe('active');
  });
});

test.each<[string, ProfileChange]>([
  ['Hello there', 'same'],
  ['Hello  there\n', 'same'],
  [`Hello there ${linkOf(1).shortLink!}`, 'link-only'],
  [`Link to join the group PSA: ${linkOf(1).shortLink!}?same_link=true\nHello there`, 'link-only'],
  [`Hello ${linkOf(1).fullLink}&same_link=true there.`, 'other'],
  [`Hello ${linkOf(1).fullLink}&same_link=true there`, 'link-only'],
  [`Hello there Link to join the group PSA:`, 'link-only'],
  [`Hello there Link to join the group OTHER: ${linkOf(1).shortLink!}`, 'other'],
  [`Hello there ${linkOf(2).shortLink!}`, 'other'],
  [`Hello there ${linkOf(1).shortLink!.replace('smp1', 'smp9')}`, 'other'],
  ['Hello', 'other'],
  ['', 'other'],
])('the welcome message changed to %j: %s', (description, change) => {
  const profile = { displayName: 'PSA', fullName: '', description: 'Hello there' };
  expect(changeBetween(profile, { ...profile, description }, placesOf(linkOf(1)))).toBe(change);
  expect(changeBetween({ ...profile, description }, profile, placesOf(linkOf(1)))).toBe(change);
});

test('without a link of the bot nothing is link-only', () => {
  const profile = { displayName: 'PSA', fullName: '', description: 'Hello' };
  expect(changeBetween(profile, { ...profile, description: 'Hello Link to join the group PSA:' }, [])).toBe('other');
});

describe('roles', () => {
  test.each(['member', 'moderator', 'owner', 'observer'] as const)('the bot becomes %s: not listed until it is admin again', (role) => {
    const { alice, bob, group } = sceneIn('active');
    group.setBotRole(role);
    expect(group.state).toBe('suspended_bad_roles');
    expect(bob.heard()).toEqual([expect.stringContaining('not listed any more')]);
    expect(alice.heard()).toEqual([expect.stringContaining('not listed any more')]);
    expect(bob.says('psa')).toEqual(['No groups found']);
    const other = group.adds('dan', 'owner');
    group.setBotRole('admin', other);
    expect(group.state).toBe('active');
    expect(bob.heard()).toEqual([expect.stringContaining('listed again')]);
    expect(alice.heard()).toEqual([expect.stringContaining('listed again')]);
    expect(bob.says('psa')[0]).toBe('Found 1 group(s).');
  });

  test('the owner is demoted and promoted', () => {
    const { bob, group } = sceneIn('active');
    group.setRole(group.host, 'admin');
    expect(group.state).toBe('suspended_bad_roles');
    expect(bob.heard()[0]).toContain('*owner*');
    group.setBotRole('member');
    group.setBotRole('admin');
    expect(group.state).toBe('suspended_bad_roles');
    group.setRole(group.host, 'owner');
    expect(group.state).toBe('active');
  });

  test('of another member mean nothing', () => {
    const { alice, bob, group } = sceneIn('active');
    const dan = group.adds('dan', 'owner');
    group.setRole(dan, 'member');
    expect(group.state).toBe('active');
    expect([...bob.heard(), ...alice.heard()]).toEqual([]);
  });

  test('of a suspended group change nothing, but it cannot be resumed with wrong ones', () => {
    const { alice, group } = sceneIn('suspended');
    group.setBotRole('member');
    expect(group.state).toBe('suspended');
    expect(alice.says('/resume 1:PSA')[0]).toContain('not resumed');
    group.setBotRole('admin');
    expect(group.state).toBe('suspended');
    alice.says('/resume 1:PSA');
    expect(group.state).toBe('active');
  });

  test('scenario 17: while the group waits, the bot is demoted, the profile changes, the role comes back', () => {
    const { alice, bob, group } = scene();
    group.setBotRole('member');
    expect([...bob.heard(), ...alice.heard()]).toEqual([]);
    expect(alice.says('/approve 1:PSA 1')[0]).toMatch(/not approved: .*admin/);
    group.changes({ description: 'New' });
    expect(bob.heard()).toEqual([expect.stringContaining('hidden'), expect.stringContaining('*admin*')]);
    expect(alice.heard()).toEqual([expect.stringContaining('hidden')]);
    group.setBotRole('admin');
    expect(alice.heard().at(-1)).toBe('/approve 1:PSA 2');
    group.approvedBy(alice);
  });

  test('of the owner come back while the group waits: sent again with the same code', () => {
    const { alice, group } = scene();
    group.setRole(group.host, 'member');
    group.setRole(group.host, 'owner');
    expect(alice.heard().at(-1)).toBe('/approve 1:PSA 1');
  });
});
