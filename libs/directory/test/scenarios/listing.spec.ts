/** Lists, pages, the web listing and restarts over real relays (directory §6, scenarios 6, 8, 9, "Listing" and "Other"). */
import { expect, test } from 'vitest';
import { makeListing } from '../../src/index.ts';
import { realScene } from '../support/real-bot.ts';

const scene = realScene();

test('scenario 8: pages of different people, and they go on after a restart', async () => {
  const bot = scene.bot();
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  const cath = await scene.person(bot, 'cath');
  for (let number = 1; number <= 5; number++) await bob.lists(alice, { displayName: `g${number}` });
  const titles = (answers: readonly string[]) => answers.map((text) => text.split('\n')[0]);
  expect(titles(await bob.asks('g', 5))).toEqual(['Found 5 group(s), sending top 3.', 'g1', 'g2', 'g3', 'Send /next for 2 more result(s).']);
  expect(titles(await cath.asks('/new', 5))).toEqual(['5 group(s) listed, sending top 3.', 'g5', 'g4', 'g3', 'Send /next for 2 more result(s).']);
  await bot.restart();
  expect(titles(await bob.asks('.', 3))).toEqual(['Sending 2 more group(s).', 'g4', 'g5']);
  expect(titles(await cath.asks('/next', 3))).toEqual(['Sending 2 more group(s).', 'g2', 'g1']);
  expect((await bob.asks('/list', 6))[0]).toContain('5 groups');
  expect(await bob.asks('/last')).toEqual(['You are not allowed to use this command.']);
  expect(titles(await alice.asks('/last 1', 2))).toEqual(['5 registered group(s), showing the last 1', '5. g5']);
});

test('the web listing follows approval, promotion and changes', async () => {
  const bot = scene.bot();
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  const group = await bob.lists(alice, { displayName: 'PSA', description: 'Hello *all*' });
  const names = async () => {
    const { listing, promoted } = await bot.client.change((step) => makeListing(step, bot.directory.listed()));
    return [listing, promoted].map(({ entries }) => entries.map(({ displayName }) => displayName));
  };
  const { listing } = await bot.client.change((step) => makeListing(step, bot.directory.listed()));
  expect(listing.entries[0]!.groupLink.connShortLink).toBe(group.link);
  expect(listing.entries[0]!.welcomeMessage!.at(-1)).toMatchObject({ format: { type: 'simplexLink', linkType: 'group' } });
  expect(await names()).toEqual([['PSA'], []]);
  await alice.asks('/promote 1:PSA on');
  expect(await names()).toEqual([['PSA'], ['PSA']]);
  await group.change({ description: 'Other' });
  await bob.hears();
  const [, , command] = await alice.hearsAll(3);
  expect(command).toBe('/approve 1:PSA 1 promote=on');
  expect(await names()).toEqual([[], []]);
  expect(await alice.asks(command!)).toEqual(['Group approved! (promoted)']);
  expect(await names()).toEqual([['PSA'], ['PSA']]);
});

test('scenario 6: a link finds its group; when that is hidden only admins see it', async () => {
  const bot = scene.bot();
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  const group = await bob.lists(alice, { displayName: 'PSA' });
  expect((await bob.asks(`is it ${group.link}?`))[0]).toMatch(/^PSA\n/);
  await group.change({ description: 'Other' });
  await bob.hears();
  await alice.hearsAll(3);
  expect((await bob.asks(group.link))[0]).toContain('not found');
  expect((await alice.asks(group.link))[0]).toContain('pending admin approval');
});

test("scenario 9: owners are invited to the owners' group", async () => {
  const bot = scene.bot({ ownersGroup: { groupId: 1, name: 'Owners' } });
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  expect((await alice.asks('/exec create-owners-group Owners'))[0]).toContain('1:Owners');
  expect((await alice.client.expect('group-invitation')).group.own.role).toBe('admin');
  await bob.invites({ displayName: 'PSA' });
  await bob.hearsAll(3);
  const [, command] = await alice.hearsAll(2);
  expect((await alice.asks(command!, 3)).at(-1)).toContain('is invited');
  const { group: owners } = await bob.client.expect('group-joined', ({ group }) => group.profile.displayName === 'Owners');
  await bot.client.expect('member-connected', ({ member }) => member.contactId === 2);
  expect((await alice.asks('/invite 2:PSA'))[0]).toContain('already a member');
  await bob.client.change((step) => step.leaveGroup(owners.groupId));
  await bot.client.expect('member-left');
  expect((await alice.asks('/invite 2:PSA'))[0]).toContain('You invited @bob');
});
