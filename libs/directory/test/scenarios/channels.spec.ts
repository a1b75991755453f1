/** Channels over real relays, with a scripted owner and chat relay (directory §3.8, §6 "Other"). */
import { expect, test } from 'vitest';
import type { ChannelOwner } from '@polyplex/chat/test-support';
import { HOUR } from '@polyplex/base';
import { realScene } from '../support/real-bot.ts';

const scene = realScene();

async function begin() {
  const bot = scene.bot({ linkCheckMs: HOUR });
  const alice = await scene.person(bot, 'alice');
  const bob = await scene.person(bot, 'bob');
  const relay = scene.channels.relay('relay');
  const owner = await scene.channels.owner('News', { profile: { description: 'Daily' } }).create([relay]);
  return { bot, alice, bob, relay, owner };
}

type Begun = Awaited<ReturnType<typeof begin>>;

async function register({ alice, bob, owner }: Begun): Promise<void> {
  expect(await bob.shares(owner, 2)).toEqual(['Joining the channel News…', expect.stringContaining('has joined the channel News')]);
  const [submission, command] = await alice.hearsAll(2);
  expect(submission).toContain('bob submitted the channel ID 1:\nNews\nDaily');
  expect(command).toBe('/approve 1:News 1');
}

async function list(begun: Begun): Promise<void> {
  await register(begun);
  expect(await begun.alice.asks('/approve 1:News 1')).toEqual(['Channel approved!']);
  expect(await begun.bob.hears()).toContain('approved and listed');
}

test('registered by a signed card, approved, found by words and by link, shared again; subscribers by link check; deleted, and left', async () => {
  const begun = await begin();
  const { bot, alice, bob, owner, relay } = begun;
  const cath = await scene.person(bot, 'cath');
  expect((await cath.asks(owner.link))[0]).toContain('share via chat');
  await register(begun);
  expect(await bob.shares(owner)).toEqual(['Channel is already pending approval.']);
  expect(await alice.asks('/approve 1:News 1')).toEqual(['Channel approved!']);
  expect(await bob.hears()).toContain('approved and listed');
  const entry = `News\nDaily\nLink to join the channel News: ${owner.link}\n_1 subscriber_`;
  expect(await cath.asks('daily', 2)).toEqual(['Found 1 group(s).', entry]);
  expect(await cath.asks(owner.link)).toEqual([entry]);
  expect(await bob.shares(owner)).toEqual(['Channel is already listed in the directory.']);
  expect((await bob.asks('/role 1'))[0]).toContain('This command is for groups');

  owner.memberCount = 42;
  await owner.publish();
  await bot.restart();
  await bot.checksLink(1);
  expect((await cath.asks('daily', 2))[1]).toContain('_42 subscribers_');

  expect(await alice.asks('/suspend 1:News')).toEqual(['Channel suspended!']);
  expect(await bob.hears()).toContain('suspended');
  expect((await bob.shares(owner))[0]).toContain('suspended by an admin');
  expect((await bob.asks('/delete 1:News'))[0]).toContain('removed from the directory');
  expect(await relay.hear('x.grp.leave')).toMatchObject({ isSigned: true });
  expect(await cath.asks('daily')).toEqual(['No groups found']);
});

test('cards of who is not the owner are refused', async () => {
  const { bot, bob, owner } = await begin();
  const eve = await scene.person(bot, 'eve');
  const stranger = scene.channels.owner('stranger');
  const binding = await bob.client.bindingTo(bob.botId);
  const answerTo = async (person: typeof bob, card: ReturnType<ChannelOwner['card']>): Promise<string> => {
    await person.client.say(person.botId, card);
    return person.hears();
  };
  expect(await answerTo(bob, owner.card(null))).toContain('you must be its owner');
  expect(await answerTo(eve, owner.card(binding))).toContain('you must be its owner');
  expect(await answerTo(bob, owner.card(binding, { keys: stranger.keys }))).toContain('verification failed: signature verification failed');
  expect(await answerTo(bob, owner.card(binding, { ownerId: stranger.memberId }))).toContain('verification failed: unknown owner ID');
  expect(bot.client.history.filter(({ type }) => type === 'group-joined')).toEqual([]);
});

test('changed by its owner, or in its link alone: hidden until it is approved again; its owner none any more: suspended', async () => {
  const begun = await begin();
  const { bot, alice, bob, owner } = begun;
  await list(begun);
  await owner.update({ description: 'Weekly' });
  expect(await bob.hears()).toContain('hidden');
  expect((await alice.hearsAll(3)).at(-1)).toBe('/approve 1:News 1');
  await owner.setProfile({ description: 'Monthly' });
  await bot.checksLink(1);
  expect(await bob.hears()).toContain('hidden');
  expect((await alice.hearsAll(3)).at(-1)).toBe('/approve 1:News 2');
  expect(await alice.asks('/approve 1:News 2')).toEqual(['Channel approved!']);
  expect(await bob.hears()).toContain('approved');
  expect((await bob.asks('monthly', 2))[0]).toBe('Found 1 group(s).');

  owner.owners = [];
  await owner.publish();
  await bot.checksLink(1);
  expect(await bob.hears()).toMatch(/not (an owner|listed)/);
  expect(await alice.hears()).toContain('not listed any more');
  expect(await bob.asks('monthly')).toEqual(['No groups found']);
});

test('its link leads nowhere any more: removed, and left', async () => {
  const begun = await begin();
  const { bot, alice, bob, owner, relay } = begun;
  await list(begun);
  await owner.deleteLink();
  await bot.checksLink(1);
  expect(await bob.hears()).toContain('does not lead to it any more');
  expect(await alice.hears()).toContain('removed');
  expect(await relay.hear('x.grp.leave')).toMatchObject({ isSigned: true });
});
