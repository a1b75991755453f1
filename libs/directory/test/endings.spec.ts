/** How registrations end, and the link that they are found by (directory §3.4, §6 scenarios 10 to 14). */
import { describe, expect, test } from 'vitest';
import { linkOf } from './support/links.ts';
import type { InvitedGroup } from './support/people.ts';
import { scene, sceneIn } from './support/scene.ts';

describe('the end', () => {
  test.each([
    ['the owner leaves', (group: InvitedGroup) => group.leaves(group.host), 'not a member'],
    ['the owner is removed by another', (group: InvitedGroup) => group.removes(group.host, group.adds('dan', 'owner')), 'not a member'],
    ['the bot is removed', (group: InvitedGroup) => group.removesBot(), 'bot was removed'],
    ['the group is deleted', (group: InvitedGroup) => group.isDeleted(), 'deleted'],
  ] as const)('%s: removed, both are told once', (_name, end, told) => {
    const { alice, bob, group } = sceneIn('active');
    end(group);
    expect(group.state).toBe('removed');
    expect(bob.heard()).toEqual([expect.stringContaining(told)]);
    expect(alice.heard()).toEqual([expect.stringContaining(told)]);
    expect(bob.says('psa')).toEqual(['No groups found']);
    expect(bob.says('/list')[1]).toContain('Status: removed');
    group.isDeleted();
    expect(bob.heard()).toEqual([]);
  });

  test('the link goes with the bot', () => {
    const { bot, group } = sceneIn('active');
    group.removesBot();
    expect(bot.done.at(-1)).toBe('delete link 1');
    expect(bot.records.size('group-settings')).toBe(0);
  });

  test('another member leaves or is removed: nothing', () => {
    const { alice, bob, group } = sceneIn('active');
    group.leaves(group.adds('dan', 'owner'));
    group.removes(group.adds('eve'));
    expect(group.state).toBe('active');
    expect([...bob.heard(), ...alice.heard()]).toEqual([]);
  });

  test('scenario 12: a second membership of the owner leaves: stays listed', () => {
    const { bob, group } = sceneIn('active');
    const second = group.adds('bob', 'member', { contactId: bob.contactId, category: 'invitee' });
    group.leaves(second);
    expect(group.state).toBe('active');
    group.setRole(group.adds('bob', 'owner', { contactId: bob.contactId }), 'member');
    expect(group.state).toBe('active');
  });

  test('a group can be registered again', () => {
    const { alice, bob, group } = sceneIn('active');
    group.removesBot();
    const again = bob.registers('PSA');
    expect(again.groupId).toBe(2);
    again.approvedBy(alice);
  });

  test('the owner deletes the contact: the group stays, notices are lost', () => {
    const { bot, bob, group } = sceneIn('active');
    bot.run((step) => step.deleteContact(bob.contactId));
    bot.tell({ type: 'contact-deleted', contact: bob.contact });
    group.changes({ description: 'x' });
    expect(group.state).toBe('pending_approval:1');
    expect(bot.directory.stats.refused.get('PROHIBITED')).toBe(1);
  });
});

describe('the link', () => {
  test('cannot be made: the group waits, the admin is told and tries again', () => {
    const { alice, group } = scene();
    alice.says('/approve 1:PSA 1');
    group.makeLink(true);
    expect(alice.heard()[0]).toContain('link could not be made');
    expect(group.state).toBe('pending_approval:1');
    group.approvedBy(alice);
  });

  test('is being made: who approves meanwhile is told', () => {
    const { bot, alice, group } = scene();
    alice.says('/approve 1:PSA 1');
    const asked = bot.done.length;
    expect(alice.says('/approve 1:PSA 1')[0]).toContain('being made');
    expect(bot.done).toHaveLength(asked);
    group.makeLink();
    expect(group.state).toBe('active');
  });

  test('is made with the role that the owner had set before', () => {
    const { bot, alice, bob, group } = scene();
    expect(bob.says('/role 1:PSA observer')[0]).toContain('made when the group is approved');
    group.approvedBy(alice);
    expect(bot.done.at(-1)).toBe('create link 1 observer');
  });

  test('of two groups of one name are made at once: the second is refused when it is there', () => {
    const { bot, alice, group } = scene();
    const cath = bot.person('cath');
    const second = cath.invites('PSA');
    cath.says('/confirm 1:PSA');
    second.join();
    alice.says('/approve 1:PSA 1');
    alice.says('/approve 2:PSA 1');
    group.makeLink();
    alice.heard();
    second.makeLink();
    expect(alice.heard()).toEqual([expect.stringContaining('another group of this name is listed')]);
    expect([group.state, second.state]).toEqual(['active', 'pending_approval:1']);
  });

  test('is there when roles are wrong by then: not approved', () => {
    const { alice, group } = scene();
    alice.says('/approve 1:PSA 1');
    group.setRole(group.host, 'member');
    group.makeLink();
    expect(alice.heard()).toEqual([expect.stringContaining('not its owner')]);
    expect(group.state).toBe('pending_approval:1');
  });

  test('that was there is refreshed when the group is approved again', () => {
    const { bot, alice, group } = sceneIn('active');
    group.changes({ description: 'New' });
    expect(bot.done.filter((done) => done.startsWith('refresh'))).toEqual([]);
    group.approvedBy(alice);
    expect(bot.done.at(-1)).toBe('refresh link 1');
  });

  test('in the welcome message is not recommended again, nor repeated in results', () => {
    const { bob, alice, group } = sceneIn('active');
    group.changes({ description: `New ${linkOf(1).fullLink}&x=y` });
    alice.says('/approve 1:PSA 1');
    expect(bob.heard().join('\n')).not.toContain('adding this link');
    expect(bob.says('psa')[1]).not.toContain('Link to join');
  });
});
