/** Joining over real relays (directory §6, scenarios 4, 5 and "Admission"). */
import { befriend } from '@polyplex/chat/test-support';
import { expect, test } from 'vitest';
import { RealJoiner, realScene, SERVICE } from '../support/real-bot.ts';

const scene = realScene();

async function begin(options = {}, filter?: string) {
  const bot = scene.bot(options);
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  const group = await bob.lists(alice, { displayName: 'PSA' });
  if (filter !== undefined) await bob.asks(`/filter 1 ${filter}`);
  return { bot, alice, bob, group };
}

test('scenario 4: the joiner is an observer, and cannot post', async () => {
  const { bob, group } = await begin();
  expect((await bob.asks('/role 1:PSA observer'))[0]).toContain('*observer*');
  const dan = scene.client('dan');
  const joiner = await RealJoiner.at(dan, group.link);
  await joiner.passes();
  expect(dan.group(joiner.groupId).own.role).toBe('observer');
  await bob.client.expect('member-connected', ({ member }) => member.profile.displayName === 'dan' && member.role === 'observer');
  await expect(dan.post(joiner.groupId, 'hello')).rejects.toMatchObject({ code: 'PROHIBITED' });
});

test('--always-captcha counts before /filter off; who leaves and comes again as an observer reads what somebody unknown said who was there', async () => {
  const { bot, bob, group } = await begin({ alwaysCaptcha: true }, 'off');
  await group.change({ groupPreferences: { history: { enable: 'on' } } });
  const dan = scene.client('dan');
  const before = await RealJoiner.at(dan, group.link);
  await before.passes();
  await bob.client.expect('member-connected', ({ member }) => member.profile.displayName === 'dan');
  await dan.post(before.groupId, 'hello');
  await bot.client.expect('group-message', ({ message }) => message.container.content.text === 'hello');
  await dan.change((step) => step.leaveGroup(before.groupId));
  await bot.client.expect('member-left');
  await bob.asks('/role 1:PSA observer');
  const again = await RealJoiner.at(dan, group.link);
  await again.passes();
  const { member, message } = await dan.expect('group-message', (event) => event.group.groupId === again.groupId);
  expect([dan.group(again.groupId).own.role, message.container.content.text, member.status, member.profile.displayName]).toEqual(['observer', 'hello', 'unknown', 'dan']);
});

test('five wrong answers: removed', async () => {
  const { bot, group } = await begin();
  const dan = scene.client('dan');
  const joiner = await RealJoiner.at(dan, group.link);
  await joiner.readsAll(2);
  expect(await joiner.answers('/help', 1)).toEqual(['Unknown command, please enter captcha text.']);
  for (let attempt = 1; attempt < 5; attempt++) expect((await joiner.answers('wrong', 2))[0]).toContain(attempt === 4 ? 'last attempt' : 'Incorrect');
  expect(await joiner.answers('wrong', 1)).toEqual([expect.stringContaining('too many attempts')]);
  await dan.expect('own-removed');
  expect(bot.directory.stats.joins.get('captcha-failed')).toBe(1);
});

test('a blocked name is rejected; without a filter one is in at once', async () => {
  const { bob, group } = await begin({ blocked: { words: ['spammer'] } }, 'name');
  const spammer = scene.client('spammer');
  await spammer.chat.connect(group.link);
  expect((await spammer.expect('group-join-rejected')).reason).toBe('blocked_name');
  const dan = scene.client('dan');
  await RealJoiner.at(dan, group.link);
  await bob.client.expect('member-connected', ({ member }) => member.profile.displayName === 'dan');
});

test('an image is sent where there is a generator', async () => {
  const image = `data:image/png;base64,${'A'.repeat(4000)}`;
  const texts: string[] = [];
  const { group } = await begin({ generators: { image: (text: string) => (texts.push(text), Promise.resolve(image)) } });
  const dan = scene.client('dan');
  const joiner = await RealJoiner.at(dan, group.link);
  expect(await joiner.reads()).toContain('*PSA*');
  const { message } = await dan.expect('group-message');
  expect(message.container.content).toEqual({ type: 'image', text: '', image });
  await joiner.answers(texts[0]!, 1);
  await dan.expect('group-accepted');
});

test('a captcha of before the restart of the bot is still good', async () => {
  const { bot, group } = await begin();
  const dan = scene.client('dan');
  const joiner = await RealJoiner.at(dan, group.link);
  const [, captcha] = await joiner.readsAll(2);
  await bot.restart();
  await joiner.answers(captcha!, 1);
  await dan.expect('group-accepted');
});

test('knocking: the joiner waits for the owner', async () => {
  const { bob, group } = await begin({ knocking: true });
  const dan = scene.client('dan');
  await dan.chat.connect(group.link);
  const { group: atDan } = await dan.expect('group-joined');
  expect(atDan.own.status).toBe('pending_review');
  const { member } = await bob.client.expect('member-connected', (event) => event.member.profile.displayName === 'dan');
  expect(member.status).toBe('pending_review');
  await bob.client.change((step) => step.approveMember(group.groupId, member.memberNumber, 'member'));
  await dan.expect('group-accepted');
  await dan.post(atDan.groupId, 'hello');
  expect(await bob.client.read(group.groupId)).toBe('hello');
});

test('scenario 5: who joins otherwise is met by the bot and by who joined by its link', async () => {
  const { bot, bob, group } = await begin({}, 'off');
  const cath = scene.client('cath');
  const { groupId: atCath } = await RealJoiner.at(cath, group.link);
  await cath.expect('member-connected', ({ member }) => member.profile.displayName === 'bob');
  const dan = scene.client('dan');
  const { atOwner } = await befriend(bob.client, dan);
  await bob.client.change((step) => step.inviteContact(group.groupId, atOwner, 'member'));
  await dan.expect('group-joined');
  for (const name of [SERVICE, 'cath']) await dan.expect('member-connected', ({ member }) => member.profile.displayName === name);
  await bot.client.expect('member-connected', ({ member }) => member.profile.displayName === 'dan');
  await cath.post(atCath, 'hello dan');
  expect(await dan.read()).toBe('hello dan');
  expect((await bob.asks('psa', 2))[1]).toContain('_4 members_');
});
