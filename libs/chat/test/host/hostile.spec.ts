/** Joiners of other versions and without manners, over real relays (directory §2.4). */
import { afterEach, describe, expect, test } from 'vitest';
import { withClients } from '../support/with-clients.ts';
import { forwards, hosted, met, PROFILE, quiet, unread } from './support/hosting.ts';
import { RawJoiner, type RawJoinerOptions } from './support/raw-joiner.ts';

const clients = withClients();
const { client } = clients;
const raws: RawJoiner[] = [];

function raw(options: Partial<RawJoinerOptions> = {}): RawJoiner {
  const made = new RawJoiner({ relays: clients.relays.map(({ address }) => address), ...options });
  raws.push(made);
  return made;
}

afterEach(() => {
  for (const one of raws.splice(0)) one.close();
});

describe('who joins', () => {
  test('hears in order who brought it in, of the others in one message, and what was said before', async () => {
    const { bot, owner, groupAt, link } = await hosted(clients, { names: ['ann'] });
    await owner.post(groupAt(owner), 'before');
    await bot.read();
    const eve = raw();
    await eve.join(link);
    await eve.hear('x.msg.new');
    expect(eve.events()).toEqual(['x.grp.link.inv', 'x.grp.link.mem', 'x.grp.mem.intro', 'x.grp.mem.intro', 'x.grp.msg.forward', 'x.msg.new']);
    expect(eve.bodies).toBe(3);
    const { own, currentMembers } = bot.group(groupAt(bot));
    expect(eve.of('x.grp.link.inv')[0]!.params.groupLinkInvitation).toMatchObject({
      fromMember: { memberId: own.memberId, memberRole: 'admin' }, fromMemberName: 'bot', invitedMember: { memberRole: 'member' }, groupProfile: PROFILE, accepted: 'accepted', groupSize: currentMembers,
    });
    expect(eve.of('x.grp.mem.intro').map(({ params }) => [params.memberInfo.memberRole, params.memberInfo.v])).toEqual([['owner', { min: 1, max: 17 }], ['member', { min: 1, max: 17 }]]);
    const forwarded = eve.of('x.grp.msg.forward')[0]!.params;
    expect(forwarded).toMatchObject({ memberName: 'owner', msg: { event: 'x.msg.new', params: { content: { type: 'text', text: 'before' } } } });
    expect(forwarded.memberId).toBe(bot.member(groupAt(bot), 'owner').memberId);
  });

  test.each([[4, ['x.grp.link.inv', 'x.grp.link.mem', 'x.grp.mem.intro', 'x.grp.mem.intro'], 3], [5, ['x.grp.link.inv', 'x.grp.link.mem', 'x.grp.mem.intro', 'x.grp.mem.intro', 'x.grp.msg.forward'], 3]])(
    'with version %i hears what it knows', async (max, events, bodies) => {
      const { bot, owner, groupAt, link } = await hosted(clients, { names: ['ann'] });
      await owner.post(groupAt(owner), 'before');
      await bot.read();
      const eve = raw({ max });
      await eve.join(link);
      await bot.expect('link-joined');
      await quiet(bot, owner);
      expect(eve.events()).toEqual(events);
      expect(eve.bodies).toBe(bodies);
    });

  test('with the welcome message is not welcomed again', async () => {
    const { bot, owner, groupAt, link } = await hosted(clients);
    await owner.post(groupAt(owner), 'before');
    await bot.read();
    const eve = raw();
    await eve.join(link, { welcomeMsgId: 'd2VsY29tZQ' });
    await eve.hear('x.grp.msg.forward');
    await quiet(bot, owner);
    expect(eve.of('x.msg.new')).toEqual([]);
  });

  test('twice by the same request is one member; and may come again when it has left', async () => {
    const { bot, owner, groupAt, link } = await hosted(clients);
    const [eve, twin, again] = [raw(), raw(), raw()];
    await eve.join(link, { requestId: 'cmVxdWVzdA' });
    await bot.expect('link-joined');
    await twin.join(link, { requestId: 'cmVxdWVzdA' });
    await bot.expect('ignored', ({ reason }) => reason === 'a request that was made before');
    expect(bot.members(groupAt(bot)).filter(({ profile }) => profile.displayName === 'raw')).toHaveLength(1);
    await eve.say({ event: 'x.grp.leave', params: {} });
    await bot.expect('member-left');
    await again.join(link, { requestId: 'cmVxdWVzdA' });
    expect((await bot.expect('link-joined')).member.status).toBe('connected');
    await quiet(bot, owner);
  });

  test.each([[2, 'accepted'], [13, 'rejected']])('with version %i gets no answer where it would be %s', async (max, decision) => {
    const { bot, groupAt, link } = await hosted(clients, { bot: { admit: () => (decision === 'accepted' ? { decision, role: 'member' } : { decision: 'rejected', reason: 'long_name' }) } });
    const eve = raw({ max });
    await eve.join(link);
    await bot.expect('ignored', ({ reason }) => reason.includes('of a version that cannot'));
    await quiet(bot);
    expect(eve.heard).toEqual([]);
    expect(bot.members(groupAt(bot))).toHaveLength(1);
  });

  test('and waits, with a version that knows no review, is told in words', async () => {
    const { bot, link } = await hosted(clients, { bot: { admit: () => ({ decision: 'pending_review', role: 'member' }) } });
    const eve = raw({ max: 14 });
    await eve.join(link);
    expect((await eve.hear('x.msg.new')).params.content.text).toContain('review');
    expect(eve.of('x.grp.link.inv')[0]!.params.groupLinkInvitation.accepted).toBe('pending_review');
    await bot.expect('link-joined', ({ member }) => member.status === 'pending_review');
  });
});

test('what a member says of others it was not introduced to, or has no right to, does nothing', async () => {
  const { bot, owner, others: [ann], groupAt, link, join } = await hosted(clients, { names: ['ann'] });
  const eve = raw({ name: 'eve' });
  await eve.join(link);
  await eve.hear('x.msg.new');
  await bot.expect('link-joined');
  const late = client('late');
  await join(late);
  await met(late, [owner, ann!]);
  await quiet(bot, owner, ann!, late);
  const ids = Object.fromEntries(bot.members(groupAt(bot)).map(({ profile, memberId }) => [profile.displayName, memberId])) as Record<string, string>;
  const [joined, sent] = [bot.chat.counts.sent.get('x.grp.mem.fwd'), forwards(bot)];
  bot.ignored();
  await eve.say({ event: 'x.grp.mem.inv', params: { memberId: 'bm9ib2R5', memberIntro: { groupConnReq: 'simplex:/invitation' } } });
  await eve.say({ event: 'x.grp.mem.inv', params: { memberId: bot.group(groupAt(bot)).own.memberId, memberIntro: { groupConnReq: 'simplex:/invitation' } } });
  await eve.say({ event: 'x.grp.mem.inv', params: { memberId: ids['ann']!, memberIntro: { groupConnReq: `simplex:/${'x'.repeat(15_430)}` } } });
  await eve.say({ event: 'x.grp.mem.con', params: { memberId: 'bm9ib2R5' } });
  await eve.say({ event: 'x.grp.msg.forward', params: { memberId: ids['ann']!, memberName: 'ann', msg: { v: '1-17', msgId: 'Zm9yZ2Vk', event: 'x.msg.new', params: { content: { type: 'text', text: 'forged' } } }, msgTs: '2026-11-29T10:00:00Z' } });
  await eve.say({ event: 'x.grp.mem.del', params: { memberId: ids['ann']! } });
  await eve.say({ event: 'x.grp.mem.role', params: { memberId: ids['eve']!, role: 'owner' } });
  await eve.say({ event: 'x.grp.info', params: { groupProfile: { displayName: 'Mine', fullName: '' } } });
  await eve.say({ event: 'x.grp.link.acpt', params: { acceptance: 'accepted', role: 'owner', memberId: ids['eve']! } });
  await eve.say({ event: 'x.msg.new', params: { content: { type: 'text', text: 'psst' }, scope: { type: 'member', memberId: ids['ann']! } } });
  await eve.say({ event: 'x.msg.new', params: { content: { type: 'text', text: 'hello' } } });
  expect(await bot.read(groupAt(bot))).toBe('hello');
  expect(bot.ignored()).toEqual([
    'an invitation for who was not introduced', 'an invitation for who was not introduced', 'an invitation that is too large', 'a connection to who was not introduced',
    'passed on by who is no admin', 'without the right to it', 'without the right to it', 'without the right to it', 'an acceptance without the right to it', 'in a support chat of another member',
  ]);
  await quiet(bot, owner, ann!, late);
  expect(bot.chat.counts.sent.get('x.grp.mem.fwd')).toBe(joined);
  // It has answered none of the introductions: what it says goes to the three others by way of the host.
  expect(forwards(bot)).toBe(sent + 3);
  expect(unread(owner, ann!, late).filter((one) => !one.endsWith('Welcome!'))).toEqual(['owner: hello', 'ann: hello', 'late: hello']);
  expect(bot.group(groupAt(bot))).toMatchObject({ profile: { displayName: 'Gardening' }, currentMembers: 5 });
});

test('a profile that is too large to be told of is told without its picture', async () => {
  const { bot, owner, link, groupAt, join } = await hosted(clients);
  const eve = raw({ name: 'eve' });
  await eve.join(link);
  await bot.expect('link-joined');
  await eve.say({ event: 'x.info', params: { profile: { displayName: 'eve', fullName: 'E', image: `data:image/png;base64,${'A'.repeat(15_430)}` } } });
  await bot.expect('member-updated');
  const late = client('late');
  await join(late);
  await late.expect('member-connected', ({ member }) => member.profile.displayName === 'owner');
  await quiet(bot, owner, late);
  expect(late.member(groupAt(late), 'eve').profile).toEqual({ displayName: 'eve', fullName: 'E' });
  expect(owner.member(groupAt(owner), 'eve').profile.displayName).toBe('eve');
});
