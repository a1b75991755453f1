/** Cards of channels and public groups, and their registration (directory §3.8, §6 "Other"). */
import { describe, expect, test } from 'vitest';
import { begin, due, sceneIn, setRole } from './support/channel-scene.ts';
import { channelLink, FakeChannel } from './support/channels.ts';

const containing = (part: string): unknown => expect.stringContaining(part);

describe('registration', () => {
  test('by a signed card: joined, its owner announced, submitted, approved, found', () => {
    const { bot, alice, bob, cath } = begin();
    const news = new FakeChannel(bob, 'News', { shortDescr: 'Daily', description: 'Welcome' });
    expect(news.send()).toEqual([]);
    expect(bot.lookUps).toEqual([{ link: news.now.link, about: 'card 2', isSigned: true }]);
    news.isRead();
    expect(bob.heard()).toEqual(['Joining the channel News…']);
    expect(news.state).toBe('proposed');
    expect(news.member.contactId).toBe(bob.contactId);
    news.joined();
    expect([...bob.heard(), ...alice.heard()]).toEqual([]);
    news.announced();
    expect(bob.heard()).toEqual([containing('has joined the channel News')]);
    const link = `Link to join the channel News: ${news.now.link}`;
    const [submission, command] = alice.heard();
    expect(submission).toBe(`bob submitted the channel ID 1:\nNews (Daily)\nWelcome\n${link}\n_7 subscribers_\nTo approve send:`);
    expect(command).toBe('/approve 1:News 1');
    expect(alice.says(command!)).toEqual(['Channel approved!']);
    expect(bot.done).toEqual(['join 1']);
    expect(bob.heard()).toEqual([containing('The channel News is approved and listed')]);
    expect(cath.says('daily')).toEqual(['Found 1 group(s).', `News (Daily)\nWelcome\n${link}\n_7 subscribers_`]);
    expect(bot.directory.stats.cards.get('registered')).toBe(1);
  });

  test('a public group is called a group', () => {
    const { alice, bob } = begin();
    const talk = new FakeChannel(bob, 'Talk', { type: 'group', subscribers: 1 });
    talk.registered();
    expect(alice.heard()[0]).toContain('bob submitted the group ID 1:\nTalk\nLink to join the group Talk: ');
    talk.approvedBy(alice);
    expect(bob.says('talk')[1]).toContain('_1 member_');
  });

  test.each([
    ['another card of this contact is being read', 'is being read'],
    ['too many are', 'Many links'],
  ])('is put off while %s', (why, answer) => {
    const { bot, bob } = begin();
    const news = new FakeChannel(bob, 'News');
    if (why.startsWith('another')) news.send();
    else bot.run((step) => Array.from({ length: 32 }, (_, i) => step.records.put('card', `x${i}`, { link: '', ownerId: '', since: bot.state.now })));
    const before = bot.lookUps.length;
    expect(news.send()).toEqual([containing(answer)]);
    expect(bot.lookUps).toHaveLength(before);
    bot.pass(16 * 60_000);
    bot.run((step) => bot.directory.sweep(step));
    expect(news.send()).toEqual([]);
  });

  test('five cards at once, then one a minute; said once; not of admins', () => {
    const { bot, alice, bob } = begin();
    const news = new FakeChannel(bob, 'News');
    const send = () => {
      const answers = news.send();
      if (bot.lookUps.length > 0) news.isNotRead('NETWORK');
      return [...answers, ...bob.heard()];
    };
    for (let i = 0; i < 5; i++) expect(send()).toEqual([containing('could not be found')]);
    expect(send()).toEqual([containing('at once')]);
    expect(send()).toEqual([]);
    bot.pass(61_000);
    expect(send()).toEqual([containing('could not be found')]);
    for (let i = 0; i < 10; i++) {
      expect(new FakeChannel(alice, 'Other').send()).toEqual([]);
      bot.tell({ type: 'channel-link', ...bot.lookUps.shift()!, result: { found: false, reason: 'NETWORK' } });
    }
  });

  test('a card that nobody waits for, or of who is gone, is passed over', () => {
    const { bot, bob } = begin();
    const news = new FakeChannel(bob, 'News');
    news.send();
    bot.tell({ type: 'channel-link', link: channelLink(99), about: 'card 2', result: { found: false, reason: 'AUTH' } });
    for (const about of ['', 'card', 'card x', 'card 77', 'check 77', 'other 2']) bot.tell({ type: 'channel-link', link: news.now.link, about, result: { found: false, reason: 'AUTH' } });
    expect(bob.heard()).toEqual([]);
    bot.run((step) => step.deleteContact(bob.contactId));
    news.isRead();
    expect(bot.done).toEqual([]);
  });
});

describe('a card is refused', () => {
  test.each([
    ['without signature', (news: FakeChannel) => { const { ownerSig: _, ...card } = news.card(); return card; }, 'you must be its owner'],
    ['signed by no member', (news: FakeChannel) => news.card({ ownerSig: { chatBinding: 'RA', ownerSig: 'AA' } }), 'you must be its owner'],
    ['signed by a name that is none', (news: FakeChannel) => news.card({ ownerSig: { ownerId: 'A'.repeat(341), chatBinding: 'RA', ownerSig: 'AA' } }), 'you must be its owner'],
    ['of an ordinary group', (news: FakeChannel) => news.card({ chatLink: { type: 'group', connLink: news.now.link, groupProfile: { displayName: 'x', fullName: '' } } }), 'invite this bot'],
    ['of a contact', (news: FakeChannel) => news.card({ chatLink: { type: 'contact', connLink: 'x', profile: { displayName: 'x', fullName: '' } } }), 'Only groups and channels'],
    ['of a newer kind', (news: FakeChannel) => news.card({ chatLink: { type: 'unknown', json: {} } }), 'Only groups and channels'],
    ['of another type', (news: FakeChannel) => news.card({ chatLink: { type: 'group', connLink: news.now.link, groupProfile: { ...news.now.profile, publicGroup: { groupType: 'club', groupLink: 'x', publicGroupId: 'AA' } } } }), 'of this kind'],
    ['without link', (news: FakeChannel) => news.card({ chatLink: { type: 'group', connLink: 'https://x.example/', groupProfile: news.now.profile } }), 'cannot be read'],
    ['with the link of a contact', (news: FakeChannel) => news.card({ chatLink: { type: 'group', connLink: channelLink(1).replace('/c#', '/a#'), groupProfile: news.now.profile } }), 'cannot be read'],
  ] as const)('%s', (_name, cardOf, answer) => {
    const { bot, bob } = begin();
    const news = new FakeChannel(bob, 'News');
    expect(news.send(bob, cardOf(news))).toEqual([containing(answer)]);
    expect(bot.lookUps).toEqual([]);
    expect(bot.records.size('card')).toBe(0);
    expect(bot.directory.stats.cards.get('refused')).toBe(1);
  });

  test.each([
    ['an unknown owner', (news: FakeChannel) => news.isRead({ verdict: 'unknown-owner' }), 'failed: unknown owner ID.\nYou must be the channel owner'],
    ['a wrong signature', (news: FakeChannel) => news.isRead({ verdict: 'wrong-signature' }), 'failed: signature verification failed.\nYou must be'],
    ['no verdict', (news: FakeChannel) => news.isRead({ verdict: 'none' }), 'verification failed'],
    ['the root key', (news: FakeChannel) => news.isRead({ verdict: 'owner', ownerId: null }), 'verification failed'],
    ['another owner', (news: FakeChannel) => news.isRead({ verdict: 'owner', ownerId: 'b3RoZXI' }), 'verification failed'],
    ['an owner that the link does not tell of', (news: FakeChannel) => { news.changes({ owners: [] }); news.isRead(); }, 'verification failed'],
    ['no relays', (news: FakeChannel) => { news.changes({ relays: [] }); news.isRead(); }, 'Channel has no active relays'],
    ['a link to a group of another kind', (news: FakeChannel) => { news.changes({ publicGroup: { groupType: 'club', groupLink: 'x', publicGroupId: 'AA' } }); news.isRead(); }, 'of this kind'],
    ['a link that leads nowhere', (news: FakeChannel) => news.isNotRead('AUTH'), 'does not lead'],
    ['a link that is blocked', (news: FakeChannel) => news.isNotRead('BLOCKED'), 'does not lead'],
    ['a link to something else', (news: FakeChannel) => news.isNotRead('NOT_CHANNEL'), 'does not lead'],
    ['no network', (news: FakeChannel) => news.isNotRead('NETWORK'), 'again later'],
  ] as const)('when its link is read: %s', (_name, read, answer) => {
    const { bot, bob } = begin();
    const news = new FakeChannel(bob, 'News');
    const card = news.card();
    news.send();
    read(news);
    expect(bob.heard()).toEqual([containing(answer)]);
    expect(news.state).toBe('none');
    expect(bot.done).toEqual([]);
    expect(news.send(bob, card)).toEqual([]);
  });

  test('when a group or channel of that name is listed; when there are too many of one owner', () => {
    const { alice, bob, cath } = begin({ maxRegistrations: 1 });
    cath.registers('News').approvedBy(alice);
    expect(new FakeChannel(bob, 'News').shared()).toEqual([containing('named News is already listed')]);
    new FakeChannel(bob, 'Other').registered();
    expect(new FakeChannel(bob, 'Third one').shared()).toEqual([containing('as many as one contact may')]);
  });
});

describe('joining', () => {
  test('fails: the owner is told, and the next card begins anew', () => {
    const { bot, bob } = begin();
    const news = new FakeChannel(bob, 'News');
    news.shared();
    bot.tell({ type: 'group-join-failed', group: bot.state.setOwn(news.groupId, { status: 'removed' }), reason: 'x' });
    expect(bob.heard()).toEqual([containing('send its link again')]);
    expect(news.state).toBe('none');
    news.registered();
    expect(bob.says('/list')[1]).toMatch(/^1\. News/);
  });

  test('another owner is announced: nothing; the owner as less: cancelled, and left', () => {
    const { bot, bob, news } = sceneIn('proposed');
    const other = bot.state.addMember(news.groupId, { profile: bob.contact.profile, role: 'owner', status: 'introduced', category: 'pre' });
    bot.tell({ type: 'owner-announced', group: news.group, member: other, said: 'owner' });
    expect(news.state).toBe('proposed');
    news.announced('admin');
    expect(bob.heard()).toEqual([containing('registration is cancelled')]);
    expect(bot.registered(1)?.state).toBe('removed');
    expect(bot.done).toEqual(['join 1', 'leave 1']);
  });

  test('the owner is no owner when announced', () => {
    const { bot, news } = sceneIn('proposed');
    bot.state.setMember(news.member, { role: 'admin' });
    news.announced();
    expect(bot.registered(1)?.state).toBe('removed');
  });
});

describe('a card again, of a channel that is', () => {
  test.each([
    ['proposed', 'same', 'proposed', 'in progress', 0],
    ['pending_approval', 'same', 'pending_approval:1', 'Channel is already pending approval', 0],
    ['pending_approval', 'changed', 'pending_approval:2', 'submitted for approval', 2],
    ['active', 'same', 'active', 'Channel is already listed', 0],
    ['active', 'changed', 'pending_approval:1', 'submitted for approval', 2],
    ['suspended', 'same', 'suspended', 'suspended by an admin', 0],
    ['suspended', 'changed', 'suspended', 'suspended by an admin', 0],
    ['suspended_bad_roles', 'same', 'pending_approval:1', 'submitted for approval', 2],
    ['suspended_bad_roles', 'changed', 'pending_approval:1', 'submitted for approval', 2],
  ] as const)('%s, %s: %s', (state, change, after, answer, toAdmin) => {
    const { alice, news } = sceneIn(state);
    if (change === 'changed') news.changes({ description: 'Weekly' });
    expect(news.shared()).toEqual([containing(answer)]);
    expect(news.state).toBe(after);
    expect(alice.heard()).toHaveLength(toAdmin);
    if (state !== 'suspended') expect(news.group.profile.description).toBe(change === 'changed' ? 'Weekly' : 'Daily');
  });

  test('proposed, and announced meanwhile: submitted', () => {
    const { bot, alice, news } = sceneIn('proposed');
    bot.state.setMember(news.member, { status: 'introduced' });
    expect(news.shared()).toEqual([containing('submitted')]);
    expect(news.state).toBe('pending_approval:1');
    expect(alice.heard()).toHaveLength(2);
    due(bot);
  });

  test('and its owner is announced again: nothing', () => {
    for (const state of ['pending_approval', 'active', 'suspended'] as const) {
      const { alice, bob, news } = sceneIn(state);
      const before = news.state;
      news.announced();
      news.announced('observer');
      expect(news.state).toBe(before);
      expect([...alice.heard(), ...bob.heard()]).toEqual([]);
    }
  });

  test('removed: joined anew, as another registration', () => {
    const { bob, news } = sceneIn('removed');
    news.registered();
    expect(bob.says('/list').slice(1).map((text) => text.split('\n')[0])).toEqual(['1. News', '2. News']);
  });

  test('of another key of its owner: approved again', () => {
    const { news } = sceneIn('active');
    news.changes({ owners: [{ memberId: news.ownerId, key: 'other key' }] });
    expect(news.shared()).toEqual([containing('submitted')]);
    expect(news.state).toBe('pending_approval:1');
  });

  test('of another member id of its owner: approved again', () => {
    const { bot, news } = sceneIn('active');
    const ownerId = 'b3RoZXI';
    news.changes({ owners: [{ memberId: ownerId, key: news.now.owners[0]!.key }] });
    news.send(undefined, news.card({ ownerSig: { ownerId, chatBinding: 'RA', ownerSig: 'AA' } }));
    news.isRead({ verdict: 'owner', ownerId });
    expect(bot.registered(1)).toMatchObject({ state: 'proposed', ownerMemberId: ownerId });
  });

  test('by another owner who has as many as one may: told so', () => {
    const { cath, news } = sceneIn('active', { description: 'Daily' }, { maxRegistrations: 1 });
    cath.registers('Own');
    setRole(news, 'observer');
    const second = new FakeChannel(cath, 'News', { description: 'Daily' });
    expect(second.shared()).toEqual([containing('as many as one contact may')]);
    expect(news.state).toBe('suspended_bad_roles');
  });

  test('by another owner: refused while its registrant is one, then passed on', () => {
    const { bot, alice, bob, cath, news } = sceneIn('active');
    cath.registers('Own');
    alice.heard();
    const second = new FakeChannel(cath, 'News', { description: 'Daily' });
    const owners = [...news.now.owners, ...second.now.owners];
    second.changes({ owners });
    expect(second.shared()).toEqual(['This channel is registered by another owner.']);
    setRole(news, 'observer');
    bob.heard();
    second.changes({ owners: owners.slice(1) });
    expect(second.shared()).toEqual([containing('in progress')]);
    expect(bob.heard()).toEqual([containing('by another of its owners')]);
    const owner = bot.state.setMember(second.member, { status: 'introduced' });
    alice.heard();
    bot.tell({ type: 'owner-announced', group: second.group, member: owner, said: 'owner' });
    expect(alice.heard()[0]).toContain('cath submitted the channel');
    expect(bob.says('/list')).toEqual([containing('no groups here')]);
    expect(cath.says('/list').slice(1).map((text) => text.split('\n')[0])).toEqual(['1. Own', '2. News']);
  });

  test('not registered any more, and the bot could not leave: as a new one', () => {
    const { bot, bob, news } = sceneIn('active');
    bob.says('/delete 1:News');
    bot.state.setOwn(1, { status: 'connected' });
    expect(news.shared()).toEqual([containing('submitted')]);
    expect(news.state).toBe('pending_approval:1');
    expect(bob.says('/list')).toHaveLength(2);
  });

  test('by a link of its own that claims to be the channel: refused; by the link that its owners say: followed', () => {
    const { bot, bob, cath, news } = sceneIn('active');
    const link = channelLink(200);
    const moved = { ...news.now, link, profile: { ...news.now.profile, publicGroup: { groupType: 'channel', groupLink: link, publicGroupId: news.now.publicGroupId } } };
    const share = (by: typeof bob): readonly string[] => {
      by.sends({ content: news.card({ chatLink: { type: 'group', connLink: link, groupProfile: moved.profile } }) });
      news.isRead(undefined, moved);
      return by.heard();
    };
    expect(share(cath)).toEqual(['This channel is registered by another owner.']);
    expect(share(bob)).toEqual(['This channel is registered by another owner.']);
    expect(news.state).toBe('active');
    news.tells({ publicGroup: moved.profile.publicGroup });
    bob.heard();
    bot.pass(60_000);
    news.changes({ description: 'Weekly' });
    const { profile } = news.now;
    bob.sends({ content: news.card({ chatLink: { type: 'group', connLink: link, groupProfile: profile } }) });
    news.isRead(undefined, { ...news.now, link });
    expect(bob.heard()).toEqual([containing('submitted')]);
    expect(bob.says('/link 1')[0]).toContain(link);
  });
});
