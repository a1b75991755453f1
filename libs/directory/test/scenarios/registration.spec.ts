/** Registration over real relays (directory §6, scenarios 1, 3, 5 and 7). */
import { expect, test } from 'vitest';
import { realScene, SERVICE } from '../support/real-bot.ts';

const scene = realScene();

test('scenarios 1 and 5: invited, approved, found, joined by its link after a captcha, and met', async () => {
  const bot = scene.bot();
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  const cath = await scene.person(bot, 'cath');
  expect(await bob.asks('privacy')).toEqual(['No groups found']);

  const group = await bob.invites({ displayName: 'PSA', fullName: 'Privacy, Security & Anonymity' }, 'member');
  expect(await bob.hears()).toContain('*admin*');
  await group.inviteBot('admin');
  const [joining, joined, recommendation] = await bob.hearsAll(3);
  expect(joining).toContain('Joining');
  expect(joined).toContain('48 hours');
  expect(recommendation).toContain("/'filter 1'");
  const [submission, command] = await alice.hearsAll(2);
  expect(submission).toContain('bob submitted the group ID 1:\nPSA (Privacy, Security & Anonymity)');
  expect(command).toBe('/approve 1:PSA 1');

  await group.change({ description: 'Welcome!' });
  expect(await bob.hears()).toContain('hidden');
  const [notice, , second] = await alice.hearsAll(3);
  expect(notice).toContain('was changed.');
  expect(second).toBe('/approve 1:PSA 2');
  expect(await bob.asks('/approve 1:PSA 2')).toEqual(['You are not allowed to use this command.']);
  expect((await alice.asks('/approve 1:PSA 1'))[0]).toContain('Incorrect');
  expect((await alice.asks('/pending', 2))[1]).toContain('PSA');
  expect((await alice.asks('/approve 1:PSA 2', 2)).at(-1)).toBe('Group approved!');
  const [approved, line] = await bob.hearsAll(2);
  expect(approved).toContain('approved and listed');
  expect(line).toMatch(/^Link to join the group PSA: \S+$/);

  const [found, entry] = await cath.asks('security &', 2);
  expect(found).toBe('Found 1 group(s).');
  const link = /Link to join the group PSA: (\S+)/.exec(entry!)![1]!;
  expect(line).toContain(link);

  await group.change({ description: `Welcome!\n${line!}` });
  expect(await bob.hears()).toContain('remains listed');
  expect(await alice.hears()).toContain('remains listed');

  await cath.client.chat.connect(link);
  const { message: asked } = await cath.client.expect('group-message');
  expect(asked.container.content.text).toContain('*PSA*');
  const { group: atCath, message: captcha } = await cath.client.expect('group-message');
  const answer = captcha.container.content.text;
  expect(answer).toHaveLength(7);
  await cath.client.change((step) => step.sendToOwnSupport(atCath.groupId, { type: 'text', text: answer }));
  const { message: correct } = await cath.client.expect('group-message');
  expect(correct.container.content.text).toContain('Correct, you joined the group');
  expect(correct.container.quote?.content.text).toBe(answer);
  await cath.client.expect('group-accepted');
  await bob.client.expect('member-connected', ({ member }) => member.profile.displayName === 'cath');
  await cath.client.expect('member-connected', ({ member }) => member.profile.displayName === 'bob');
  await cath.client.post(atCath.groupId, 'hello');
  expect(await bob.client.read(group.groupId)).toBe('hello');
});

test('scenario 3: deleted by its owner, listed by somebody else', async () => {
  const bot = scene.bot();
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  const cath = await scene.person(bot, 'cath');
  await bob.lists(alice, { displayName: 'Our Privacy' });
  await cath.invites({ displayName: 'Our Privacy' });
  expect(await cath.hears()).toContain('already listed');
  expect((await bob.asks("/delete 1:'Our Privacy'"))[0]).toContain('removed');
  expect(await alice.hears()).toContain('by its owner');
  expect(await cath.asks('privacy')).toEqual(['No groups found']);
  await cath.lists(alice, { displayName: 'Our Privacy' });
  expect((await bob.asks('privacy', 2))[0]).toBe('Found 1 group(s).');
  expect((await alice.asks("/delete 3:'Our Privacy'"))[0]).toContain('removed');
  expect(await cath.hears()).toContain('by an admin');
});

test('duplicates: the second confirms, and is approved when it has another name', async () => {
  const bot = scene.bot();
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  const cath = await scene.person(bot, 'cath');
  await bob.invites({ displayName: 'PSA' });
  await bob.hearsAll(3);
  const [, first] = await alice.hearsAll(2);
  const second = await cath.invites({ displayName: 'PSA' });
  const [, confirmation] = await cath.hearsAll(2);
  expect(confirmation).toBe('/confirm 1:PSA');
  expect((await cath.asks(confirmation!, 3))[1]).toContain('has joined');
  const [, other] = await alice.hearsAll(2);
  await alice.asks(first!, 2);
  await bob.hearsAll(2);
  expect((await alice.asks(other!))[0]).toContain('another group of this name is listed');
  await second.change({ displayName: 'PSA two' });
  expect(await cath.hears()).toContain('hidden');
  const renamed = (await alice.hearsAll(3)).at(-1);
  expect(renamed).toBe("/approve 2:'PSA two' 2");
  expect((await alice.asks(renamed!, 2)).at(-1)).toBe('Group approved!');
});

test('the bot is a bot to its contacts, and does not greet another bot', async () => {
  const bot = scene.bot();
  const other = scene.bot();
  const { fullLink } = await bot.client.chat.createAddress();
  await other.client.chat.connect(fullLink);
  const { contact } = await other.client.expect('contact-ready');
  expect(contact.profile).toMatchObject({ displayName: SERVICE, peerType: 'bot', preferences: { files: { allow: 'no' } } });
  const alice = await scene.person(bot, 'alice');
  await alice.asks('/help');
  expect(other.client.events.filter(({ type }) => type === 'direct-message')).toEqual([]);
});
