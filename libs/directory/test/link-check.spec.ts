/** What links of channels tell when they are read again (directory §3.8). */
import { describe, expect, test } from 'vitest';
import { check, due, HOUR_MS, sceneIn, setRole } from './support/channel-scene.ts';
import { channelLink, type FakeChannel } from './support/channels.ts';

const containing = (part: string): unknown => expect.stringContaining(part);

describe('what a link tells of a channel that is', () => {
  const gone = { reason: 'AUTH' } as const;
  test.each([
    ['active', 'same', 'active', [], []],
    ['active', 'profile', 'pending_approval:1', ['was changed'], ['was changed', 'submitted', '/approve 1:News 1']],
    ['active', 'owner', 'suspended_bad_roles', ['not an owner of the channel News any more'], ['not listed any more']],
    ['active', 'key', 'suspended_bad_roles', ['not an owner of the channel News any more'], ['not listed any more']],
    ['active', 'id', 'suspended_bad_roles', ['not an owner of the channel News any more'], ['not listed any more']],
    ['active', gone, 'removed', ['does not lead'], ['does not lead']],
    ['active', { reason: 'BLOCKED' }, 'removed', ['does not lead'], ['does not lead']],
    ['active', { reason: 'NETWORK' }, 'active', [], []],
    ['active', { reason: 'LINK' }, 'active', [], []],
    ['active', { reason: 'NOT_CHANNEL' }, 'active', [], []],
    ['active', 'other channel', 'active', [], []],
    ['pending_approval', 'same', 'pending_approval:1', [], []],
    ['pending_approval', 'profile', 'pending_approval:2', ['was changed'], ['was changed', 'submitted', '/approve 1:News 2']],
    ['pending_approval', 'owner', 'suspended_bad_roles:1', ['any more'], ['not listed any more']],
    ['pending_approval', gone, 'removed', ['does not lead'], ['does not lead']],
    ['suspended', 'same', 'suspended', [], []],
    ['suspended', 'profile', 'pending_approval:1', ['was changed'], ['was changed', 'submitted', '/approve 1:News 1']],
    ['suspended', 'owner', 'suspended', [], []],
    ['suspended', gone, 'removed', ['does not lead'], ['does not lead']],
    ['suspended_bad_roles', 'same', 'active', ['listed again'], ['listed again']],
    ['suspended_bad_roles', 'owner', 'suspended_bad_roles', [], []],
    ['suspended_bad_roles', 'profile', 'pending_approval:1', ['was changed'], ['was changed', 'submitted', '/approve 1:News 1']],
    ['suspended_bad_roles', gone, 'removed', ['does not lead'], ['does not lead']],
  ] as const)('%s, %o: %s', (state, what, after, toOwner, toAdmin) => {
    const { bot, alice, bob, news } = sceneIn(state);
    due(bot);
    if (typeof what === 'object') news.isNotRead(what.reason);
    else if (what === 'other channel') news.isRead({ verdict: 'none' }, { ...news.now, publicGroupId: 'b3RoZXI' });
    else {
      if (what === 'profile') news.changes({ description: 'Weekly' });
      if (what === 'owner') news.changes({ owners: [{ memberId: 'b3RoZXI', key: 'x' }] });
      if (what === 'id') news.changes({ owners: [{ memberId: 'b3RoZXI', key: news.now.owners[0]!.key }] });
      if (what === 'key') news.changes({ owners: [{ memberId: news.ownerId, key: 'x' }] });
      news.isRead({ verdict: 'none' });
    }
    const registration = bot.registered(1)!;
    expect(registration.code === 0 ? registration.state : `${registration.state}:${registration.code}`).toBe(after);
    expect(bob.heard()).toEqual(toOwner.map(containing));
    expect(alice.heard()).toEqual(toAdmin.map(containing));
    expect(bot.done.includes('leave 1')).toBe(after === 'removed');
    expect(bot.lookUps).toEqual([]);
  });

  test('subscribers: shown and listed as told; as before where it is not told', () => {
    const { bot, bob, news } = sceneIn('active');
    const changes = bot.listingChanges;
    for (const [memberCount, shown] of [[8, 8], [null, 8], [1, 1]] as const) {
      due(bot);
      news.changes({ memberCount });
      news.isRead({ verdict: 'none' });
      expect(bob.says('news')[1]).toContain(`_${shown} subscriber${shown === 1 ? '' : 's'}_`);
    }
    expect(bot.listingChanges).toBe(changes + 2);
    expect(bob.heard()).toEqual([]);
  });

  test('a name: others of it clash from then on', () => {
    const { bot, alice, news } = sceneIn('active');
    due(bot);
    news.changes({ displayName: 'Newer' });
    news.isRead({ verdict: 'none' });
    expect(alice.heard().at(-1)).toBe('/approve 1:Newer 1');
  });

  test('preferences alone are no change, and become ours', () => {
    const { bot, news } = sceneIn('active');
    due(bot);
    news.changes({ groupPreferences: { voice: { enable: 'off' } } });
    news.isRead({ verdict: 'none' });
    expect(news.state).toBe('active');
    expect(news.group.profile.groupPreferences).toEqual({ voice: { enable: 'off' } });
  });

  test('another profile while the owner is missing: seen by nobody, so not listed when they are back', () => {
    const { bot, alice, news } = sceneIn('active');
    const { owners } = news.now;
    due(bot);
    news.changes({ description: 'Bad', owners: [] });
    news.isRead({ verdict: 'none' });
    alice.heard();
    due(bot);
    news.changes({ owners });
    news.isRead({ verdict: 'none' });
    expect(news.state).toBe('pending_approval:1');
    expect(alice.heard()[1]).toContain('Bad');
  });

  test.each([['link'], ['role']])('what waited for approval waits again when its owner is one again, by %s', (by) => {
    const { bot, alice, bob, news } = sceneIn('pending_approval');
    const { owners } = news.now;
    due(bot);
    news.changes({ owners: [] });
    news.isRead({ verdict: 'none' });
    expect(alice.says('/approve 1:News 1')[0]).toContain('suspended because roles changed');
    setRole(news, 'observer');
    news.changes({ owners });
    if (by === 'role') setRole(news, 'owner');
    else {
      due(bot);
      news.isRead({ verdict: 'none' });
    }
    expect(news.state).toBe('pending_approval:1');
    expect(alice.heard().at(-1)).toBe('/approve 1:News 1');
    expect(bob.says('news')).toEqual(['No groups found']);
  });

  test('a code that was submitted is not given to other content', () => {
    const { bot, alice, news } = sceneIn('pending_approval');
    const { owners } = news.now;
    due(bot);
    news.changes({ owners: [] });
    news.isRead({ verdict: 'none' });
    due(bot);
    news.changes({ owners, description: 'Bad' });
    news.isRead({ verdict: 'none' });
    expect(news.state).toBe('pending_approval:2');
    expect(alice.says('/approve 1:News 1')[0]).toContain('Incorrect');
  });

  test('each check is counted by what came of it', () => {
    const { bot, news } = sceneIn('active');
    const { linkChecks } = bot.directory.stats;
    const check = (read: () => void) => {
      due(bot);
      read();
    };
    check(() => news.isRead({ verdict: 'none' }));
    check(() => news.isNotRead('NETWORK'));
    news.changes({ description: 'x' });
    check(() => news.isRead({ verdict: 'none' }));
    news.changes({ owners: [] });
    check(() => news.isRead({ verdict: 'none' }));
    check(() => news.isNotRead('AUTH'));
    expect((['same', 'failed', 'changed', 'owner-missing', 'gone'] as const).map((result) => linkChecks.get(result))).toEqual([1, 1, 1, 1, 1]);
  });

  test('an owner who is one by the link and whom no relay has told of stays none', () => {
    const { bot, news } = sceneIn('active');
    setRole(news, 'observer');
    bot.state.setMember(news.member, { status: 'unknown' });
    due(bot);
    news.isRead({ verdict: 'none' });
    expect(news.state).toBe('suspended_bad_roles');
  });
});

describe('a link that owners say is the new one', () => {
  const link = channelLink(201);
  const moved = (news: FakeChannel) => ({ groupType: 'channel', groupLink: link, publicGroupId: news.now.publicGroupId });

  test('is read instead, and shown when it leads to the channel', () => {
    const { bot, alice, bob, news } = sceneIn('active');
    news.tells({ publicGroup: moved(news) });
    bob.heard();
    expect(bob.says('/link 1')[0]).toContain(news.now.link);
    bot.pass(HOUR_MS);
    check(bot);
    expect(bot.lookUps).toEqual([{ link, about: 'check 1', isSigned: false }]);
    news.isRead({ verdict: 'none' });
    expect(bob.says('/link 1')[0]).toContain(link);
    news.approvedBy(alice);
    expect(bob.says(link)[0]).toContain('News');
  });

  test.each([
    ['leads to another channel', (news: FakeChannel) => news.isRead({ verdict: 'none' }, { ...news.now, publicGroupId: 'b3RoZXI' })],
    ['leads nowhere', (news: FakeChannel) => news.isNotRead('AUTH')],
  ] as const)('and %s: the known one is read, and counts', (_name, read) => {
    const { bot, bob, news } = sceneIn('active');
    news.tells({ publicGroup: moved(news) });
    bob.heard();
    bot.pass(HOUR_MS);
    check(bot);
    read(news);
    expect(bot.lookUps).toEqual([{ link: news.now.link, about: 'check 1', isSigned: false }]);
    news.isNotRead('AUTH');
    expect(bot.registered(1)?.state).toBe('removed');
    expect(bob.heard()).toEqual([containing('does not lead')]);
  });
});

test('notices about a channel that changes at each check are few', () => {
  const { bot, bob, news } = sceneIn('active');
  for (let i = 0; i < 15; i++) {
    bot.run((step) => step.records.put('link-check', '000000000001', { dueAt: step.now, since: null }));
    bot.run((step) => step.lookUpChannel(news.now.link, { about: 'check 1' }));
    news.changes({ description: `Issue ${i}` });
    news.isRead({ verdict: 'none' });
  }
  expect(bob.heard()).toHaveLength(10);
  expect(news.state).toBe('pending_approval:15');
});

test('notices about an owner who comes and goes are few', () => {
  const { bot, alice, bob, news } = sceneIn('active');
  const { owners } = news.now;
  for (let i = 0; i < 16; i++) {
    bot.run((step) => step.lookUpChannel(news.now.link, { about: 'check 1' }));
    news.changes({ owners: i % 2 === 0 ? [] : owners });
    news.isRead({ verdict: 'none' });
  }
  expect([bob.heard().length, alice.heard().length]).toEqual([10, 10]);
  expect(news.state).toBe('active');
});
