/** De-listing and profile changes over real relays (directory §6, scenarios 2, 10 to 17 and "Profile changes"). */
import { befriend } from '@polyplex/chat/test-support';
import { expect, test } from 'vitest';
import { type OwnGroup, RealJoiner, realScene, type RealPerson, SERVICE } from '../support/real-bot.ts';

const scene = realScene();

async function begin() {
  const bot = scene.bot();
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  return { bot, alice, bob };
}

/** Another owner of the group, met by the bot. */
async function secondOwner(group: OwnGroup, name: string) {
  const dan = scene.client(name);
  const { atOwner } = await befriend(group.owner.client, dan);
  await group.owner.client.change((step) => step.inviteContact(group.groupId, atOwner, 'owner'));
  const { groupId } = (await dan.expect('group-joined')).group;
  await dan.expect('member-connected', ({ member }) => member.profile.displayName === SERVICE);
  return { dan, groupId };
}

const isListed = async (person: RealPerson): Promise<boolean> => (await person.asks('psa', 1))[0] !== 'No groups found' && (await person.hears()).startsWith('PSA');

test('scenario 2: suspended and resumed, its link shown, a word to its owner', async () => {
  const { alice, bob } = await begin();
  const group = await bob.lists(alice, { displayName: 'PSA' });
  expect((await alice.asks('psa', 2))[1]).toMatch(/^1\. PSA/);
  expect(await alice.asks('/suspend 1:PSA')).toEqual(['Group suspended!']);
  expect(await bob.hears()).toContain('suspended');
  expect(await bob.asks('psa')).toEqual(['No groups found']);
  expect(await alice.asks('/resume 1:PSA')).toEqual(['Group listing resumed!']);
  expect(await bob.hears()).toContain('listed again');
  expect(await isListed(bob)).toBe(true);
  expect((await bob.asks('/link 1'))[0]).toContain(group.link);
  expect((await alice.asks('/link 1:PSA'))[0]).toContain(group.link);
  await group.change({ description: `${group.link}${group.link.includes('?') ? '&' : '?'}same_link=true` });
  expect(await bob.hears()).toContain('remains listed');
  expect(await alice.hears()).toContain('remains listed');
  expect((await alice.asks('/owner 1:PSA hello'))[0]).toContain('Forwarded to @bob');
  expect(await bob.hears()).toContain('\nhello');
  expect((await bob.asks(group.link))[0]).toMatch(/^PSA\n/);
});

test('scenarios 10 and 12: a second membership of the owner leaves: stays listed; the owner leaves: removed', async () => {
  const { bot, alice, bob } = await begin();
  const group = await bob.lists(alice, { displayName: 'PSA' });
  await secondOwner(group, 'dan');
  const second = await RealJoiner.at(bob.client, group.link);
  await second.passes();
  await bob.client.change((step) => step.leaveGroup(second.groupId));
  await bot.client.expect('member-left');
  expect(await isListed(bob)).toBe(true);
  await bob.client.change((step) => step.leaveGroup(group.groupId));
  expect(await bob.hears()).toContain('not a member');
  expect(await alice.hears()).toContain('owner is not a member');
  expect(await bob.asks('psa')).toEqual(['No groups found']);
});

test('scenarios 10 and 11: the owner is removed by another: removed; other members mean nothing', async () => {
  const { bot, alice, bob } = await begin();
  const group = await bob.lists(alice, { displayName: 'PSA' });
  const { dan, groupId } = await secondOwner(group, 'dan');
  const { dan: eve, groupId: atEve } = await secondOwner(group, 'eve');
  await eve.change((step) => step.leaveGroup(atEve));
  await bot.client.expect('member-left', ({ member }) => member.profile.displayName === 'eve');
  expect(await isListed(bob)).toBe(true);
  await dan.change((step) => step.removeMember(groupId, step.members(groupId).find(({ profile }) => profile.displayName === 'bob')!.memberNumber));
  expect(await bob.hears()).toContain('not a member');
  expect(await alice.hears()).toContain('owner is not a member');
});

test.each([
  ['13: the bot is removed', (group: OwnGroup) => group.remove(SERVICE), 'bot was removed'],
  ['14: the group is deleted', (group: OwnGroup) => group.owner.client.change((step) => step.deleteGroup(group.groupId)), 'deleted'],
] as const)('scenario %s', async (_name, end, told) => {
  const { alice, bob } = await begin();
  const group = await bob.lists(alice, { displayName: 'PSA' });
  await end(group);
  expect(await bob.hears()).toContain(told);
  expect(await alice.hears()).toContain(told);
  expect(await bob.asks('psa')).toEqual(['No groups found']);
  const again = await bob.lists(alice, { displayName: 'PSA' });
  expect(again.link).not.toBe(group.link);
});

test('scenarios 15 to 17: roles of the bot and of the owner', async () => {
  const { alice, bob } = await begin();
  const group = await bob.lists(alice, { displayName: 'PSA' });
  const { dan, groupId } = await secondOwner(group, 'dan');
  const atDan = (name: string) => dan.member(groupId, name).memberNumber;
  await group.setRole(SERVICE, 'member');
  for (const person of [bob, alice]) expect(await person.hears()).toContain('not listed any more');
  await dan.change((step) => step.setMemberRole(groupId, atDan(SERVICE), 'admin'));
  for (const person of [bob, alice]) expect(await person.hears()).toContain('listed again');
  await dan.change((step) => step.setMemberRole(groupId, atDan('bob'), 'admin'));
  for (const person of [bob, alice]) expect(await person.hears()).toContain('not listed any more');
  await dan.change((step) => step.setMemberRole(groupId, atDan('bob'), 'owner'));
  for (const person of [bob, alice]) expect(await person.hears()).toContain('listed again');
  await bob.client.expect('own-role', ({ group: { own } }) => own.role === 'owner');
  expect(await isListed(bob)).toBe(true);

  await group.change({ description: 'Other' });
  await bob.hears();
  await alice.hearsAll(3);
  await group.setRole(SERVICE, 'member');
  await group.change({ description: 'Third' });
  const [, needed] = await bob.hearsAll(2);
  expect(needed).toContain('*admin*');
  expect(await alice.hears()).toContain('hidden');
  expect((await alice.asks('/approve 1:PSA 2'))[0]).toContain('not approved');
  await group.setRole(SERVICE, 'admin');
  const [, command] = await alice.hearsAll(2);
  expect(command).toBe('/approve 1:PSA 2');
  expect(await alice.asks(command!)).toEqual(['Group approved!']);
});

test('a profile change by another owner: hidden, and it is said by whom', async () => {
  const { alice, bob } = await begin();
  const group = await bob.lists(alice, { displayName: 'PSA' });
  const { dan, groupId } = await secondOwner(group, 'dan');
  await dan.change((step) => step.setGroupProfile(groupId, { ...step.group(groupId)!.profile, description: `Hello\n${group.link}` }));
  expect(await bob.hears()).toContain('was changed by dan.');
  const [notice, , command] = await alice.hearsAll(3);
  expect(notice).toContain('was changed by dan.');
  expect(await alice.asks(command!)).toEqual(['Group approved!']);
  await bob.hearsAll(2);
  await dan.change((step) => step.setGroupProfile(groupId, { ...step.group(groupId)!.profile, description: 'Hello' }));
  expect(await bob.hears()).toMatch(/link in the welcome message.*by dan.*remains listed/);
  expect(await alice.hears()).toContain('remains listed');
});
