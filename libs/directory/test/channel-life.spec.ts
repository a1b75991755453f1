/** What is different of channels once they are registered (directory §3.4, §3.5, §3.8, §3.9). */
import { describe, expect, test } from 'vitest';
import { makeListing } from '../src/listing/listing.ts';
import { begin, type ChannelState, sceneIn, setRole } from './support/channel-scene.ts';
import { channelLink, FakeChannel } from './support/channels.ts';

const containing = (part: string): unknown => expect.stringContaining(part);

describe('commands', () => {
  test('/role and /filter are refused, /link shows its own, /list hints at neither', () => {
    const { alice, bob, news } = sceneIn('active');
    for (const command of ['/role 1', '/role 1 observer', '/filter 1', '/filter 1 off']) expect(bob.says(command)).toEqual([containing('This command is for groups')]);
    expect(bob.says('/link 1')).toEqual([`The link to join the channel News:\n${news.now.link}`]);
    expect(bob.says('/list')[1]).toMatch(/Status: active$/);
    expect(alice.says('/role 1:News')).toEqual([containing('This command is for groups')]);
    expect(alice.says('/suspend 1:News')).toEqual(['Channel suspended!']);
    expect(bob.heard()).toEqual([containing('The channel News is suspended')]);
    expect(alice.says('/resume 1:News')).toEqual(['Channel listing resumed!']);
  });

  test.each(['bob', 'alice'] as const)('/delete by %s leaves the channel', (who) => {
    const { bot, news, ...people } = sceneIn('active');
    expect(people[who].says('/delete 1:News')).toEqual([containing('The channel News is removed')]);
    expect(bot.done.at(-1)).toBe('leave 1');
    expect(news.state).toBe('none');
    expect(people.cath.says('news')).toEqual(['No groups found']);
  });

  test('its link as text: found when it is listed, else a hint; admins read its state', () => {
    const { alice, bob, cath, news } = sceneIn('active');
    expect(cath.says(`look: ${news.now.link}?same_link=true`)[0]).toContain('News');
    expect(cath.says(channelLink(77))[0]).toContain('share via chat');
    news.tells({ description: 'Weekly' });
    expect(bob.says(news.now.link)[0]).toContain('not found');
    alice.heard();
    expect(alice.says(news.now.link)[0]).toContain('pending admin approval');
  });

  test('approval needs a present owner, and no role of the bot', () => {
    const { alice, news } = sceneIn('pending_approval');
    setRole(news, 'observer');
    expect(alice.says('/approve 1:News 1')[0]).toContain('not approved');
    setRole(news, 'owner');
    expect(alice.heard()).toHaveLength(2);
    news.approvedBy(alice);
  });
});

describe('changes', () => {
  test.each([
    ['active', 'pending_approval:1', 2], ['pending_approval', 'pending_approval:2', 2], ['suspended', 'pending_approval:1', 2], ['proposed', 'proposed', 0],
  ] satisfies [ChannelState, string, number][])('%s, its profile: %s', (state, after, toAdmin) => {
    const { alice, bob, news } = sceneIn(state);
    news.tells({ description: 'Weekly' });
    expect(news.state).toBe(after);
    expect(bob.heard()).toEqual(toAdmin === 0 ? [] : [containing('The channel News was changed')]);
    expect(alice.heard().slice(1)).toHaveLength(toAdmin);
  });

  test('its link in the welcome message is a change like others', () => {
    const { news } = sceneIn('active');
    news.tells({ description: `Daily ${news.now.link}` });
    expect(news.state).toBe('pending_approval:1');
  });

  test('the owner is none any more, and is again', () => {
    const { alice, bob, news } = sceneIn('active');
    setRole(news, 'observer');
    expect(news.state).toBe('suspended_bad_roles');
    expect(bob.heard()).toEqual([containing('you must be an *owner* of the channel')]);
    expect(alice.heard()).toEqual([containing('The channel ID 1 (News) is not listed any more')]);
    setRole(news, 'owner');
    expect(news.state).toBe('active');
  });

  test('posts of members of a public group are not moderated', () => {
    const { bot, bob } = begin({ prohibitedToObserver: true });
    const talk = new FakeChannel(bob, 'Talk', { type: 'group', groupPreferences: { voice: { enable: 'off' } } }).registered();
    const member = bot.state.addMember(talk.groupId, { profile: { displayName: 'eve', fullName: '' }, role: 'member', status: 'connected', category: 'post' });
    const message = { msgId: 'x', container: { content: { type: 'voice', text: '', duration: 1 } }, at: '' } as const;
    bot.tell({ type: 'group-message', group: talk.group, member, message, support: null });
    expect(bot.directory.stats.prohibitedPosts.value).toBe(0);
    expect(bot.directory.stats.refused.get('PROHIBITED')).toBe(0);
  });

  test('the role of the bot is nothing to it', () => {
    const { bot, alice, news } = sceneIn('pending_approval');
    bot.tell({ type: 'own-role', group: bot.state.setOwn(news.groupId, { role: 'member' }), from: 'observer', by: news.member });
    expect(alice.heard()).toEqual([]);
    expect(news.state).toBe('pending_approval:1');
  });

  test('the owner leaves or is removed: removed, and the bot leaves', () => {
    for (const type of ['member-left', 'member-removed'] as const) {
      const { bot, bob, news } = sceneIn('active');
      const member = bot.state.setMember(news.member, { status: 'left' });
      bot.tell(type === 'member-left' ? { type, group: news.group, member } : { type, group: news.group, member, by: member });
      expect(bot.registered(1)?.state).toBe('removed');
      expect(bot.done.at(-1)).toBe('leave 1');
      expect(bob.heard()).toEqual([containing('not a member of the channel News')]);
    }
  });

  test('the bot is removed, the channel deleted: removed, not left', () => {
    for (const status of ['removed', 'deleted'] as const) {
      const { bot, bob, news } = sceneIn('active');
      const group = bot.state.setOwn(news.groupId, { status });
      bot.tell({ type: status === 'removed' ? 'own-removed' : 'group-deleted', group, by: bot.state.knownMember(1, 1) });
      expect(bot.registered(1)?.state).toBe('removed');
      expect(bot.done).toEqual(['join 1']);
      expect(bob.heard()).toHaveLength(1);
    }
  });
});

describe('listing and search', () => {
  test('an entry has its type, its short link and its subscribers', () => {
    const { bot, news } = sceneIn('active', { description: 'Daily', subscribers: 7 });
    const [entry] = bot.run((step) => makeListing(step, bot.directory.listed())).listing.entries;
    expect(entry).toMatchObject({ entryType: { type: 'group', groupType: 'channel', summary: { publicMemberCount: 7 } }, groupLink: { connShortLink: news.now.link } });
    expect(entry!.groupLink).not.toHaveProperty('connFullLink');
    expect(entry!.welcomeMessage!.map(({ text }) => text).join('')).toBe(`Daily\nLink to join the channel News: ${news.now.link}`);
    expect(entry!.welcomeMessage!.at(-1)).toMatchObject({ format: { type: 'simplexLink', linkType: 'channel' } });
  });

  test('a count that is not told is that of the members that the bot knows', () => {
    const { bot } = sceneIn('active', { subscribers: null });
    const [entry] = bot.run((step) => makeListing(step, bot.directory.listed())).listing.entries;
    expect(entry!.entryType.summary).not.toHaveProperty('publicMemberCount');
    expect(entry!.entryType.summary.currentMembers).toBeGreaterThan(0);
  });

  test('channels are found by their subscribers, before smaller groups, also after a restart', () => {
    const { bot, alice, bob, cath, news } = sceneIn('active');
    const small = cath.registers('Small');
    small.approvedBy(alice);
    for (const name of ['x', 'y', 'z']) small.adds(name);
    const names = () => bob.says('/all').slice(1).map((text) => text.split('\n')[0]);
    expect(names()).toEqual(['News', 'Small']);
    bot.tell({ type: 'channel-post', group: news.group, message: { msgId: null, container: { content: { type: 'text', text: 'x' } }, at: '' } });
    expect(names()).toEqual(['News', 'Small']);
    bot.restart();
    expect(names()).toEqual(['News', 'Small']);
  });
});

test('records of the version before channels are read as they are, and then have the present one', () => {
  const { bot, alice } = begin();
  bot.run((step) => step.records.put('directory-meta', 'format', 1));
  bot.restart();
  expect(bot.run((step) => step.records.get('directory-meta', 'format'))).toBe(2);
  expect(alice.says('/last')[0]).toContain('0 registered');
});
