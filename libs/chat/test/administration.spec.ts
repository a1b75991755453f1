/** What may be done to groups and members, by whom, over a real relay (directory §2.5). */
import type { Role, SentEvent } from '@polyplex/protocol-chat';
import { describe, expect, test } from 'vitest';
import type { ChatClient } from './support/chat-client.ts';
import { groupOf, PROFILE, type TestGroup } from './support/group-of.ts';
import { withClients } from './support/with-clients.ts';

const { client } = withClients();

interface Trio extends TestGroup {
  readonly ann: ChatClient;
  readonly bot: ChatClient;
  readonly g: number;
}

/** The group has the same number at all three. */
async function trio(annRole: Role = 'member', botRole: Role = 'admin'): Promise<Trio> {
  const [owner, ann, bot] = [client('owner'), client('ann'), client('bot')];
  const group = await groupOf(owner, [{ client: ann, role: annRole }, { client: bot, role: botRole }]);
  for (const one of [owner, ann, bot]) one.events.splice(0);
  return { ...group, ann, bot, g: 1 };
}

const numberOf = (at: ChatClient, name: string): number => at.member(1, name).memberNumber;
const idOf = (at: ChatClient, name: string): string => at.member(1, name).memberId;

describe('by those who may', () => {
  test('roles change: of another, and ours', async () => {
    const { owner, ann, bot, g } = await trio();
    await owner.change((step) => step.setMemberRole(g, numberOf(owner, 'ann'), 'moderator'));
    expect(await bot.expect('member-role')).toMatchObject({ member: { profile: { displayName: 'ann' }, role: 'moderator' }, from: 'member', by: { profile: { displayName: 'owner' } } });
    expect(await ann.expect('own-role')).toMatchObject({ group: { own: { role: 'moderator' } }, from: 'member', by: { role: 'owner' } });
    await owner.change((step) => step.setMemberRole(g, numberOf(owner, 'bot'), 'member'));
    expect(await bot.expect('own-role')).toMatchObject({ group: { own: { role: 'member' } }, from: 'admin' });
    await expect(bot.change((step) => step.setMemberRole(g, numberOf(bot, 'ann'), 'member'))).rejects.toMatchObject({ code: 'PROHIBITED' });
  });

  test('profiles change: of the group, and of a member', async () => {
    const { owner, ann, bot, g } = await trio();
    await owner.change((step) => step.setGroupProfile(g, { ...PROFILE, description: 'New', groupPreferences: { history: { enable: 'on' } } }));
    const { group, from, by } = await bot.expect('group-updated');
    expect([group.profile.description, from, by.profile.displayName]).toEqual(['New', PROFILE, 'owner']);
    await ann.rawToMember(g, numberOf(ann, 'bot'), { event: 'x.info', params: { profile: { displayName: 'anna', fullName: '', preferences: { voice: { allow: 'no' } } } } });
    expect(await bot.expect('member-updated')).toMatchObject({ member: { profile: { displayName: 'anna' } }, from: { displayName: 'ann' } });
    expect(bot.member(g, 'anna').profile).toEqual({ displayName: 'anna', fullName: '' });
    await owner.rawToMember(g, numberOf(owner, 'bot'), { event: 'x.grp.prefs', params: { groupPreferences: { voice: { enable: 'off' } } } });
    expect((await bot.expect('group-updated')).group.profile).toMatchObject({ description: 'New', groupPreferences: { voice: { enable: 'off' } } });
  });

  test('a member is blocked, and is not heard until it is no more', async () => {
    const { owner, ann, bot, g } = await trio();
    await owner.change((step) => step.blockMember(g, numberOf(owner, 'ann'), true));
    await expect.poll(() => bot.member(g, 'ann').isBlocked).toBe(true);
    await ann.post(g, 'not heard');
    await bot.expect('ignored', ({ reason }) => reason === 'of a blocked member');
    await owner.change((step) => step.blockMember(g, numberOf(owner, 'ann'), false));
    await expect.poll(() => bot.member(g, 'ann').isBlocked).toBe(false);
    await ann.post(g, 'heard');
    expect(await bot.read()).toBe('heard');
  });

  test('a member is removed; its connections go everywhere', async () => {
    const { owner, ann, bot, g } = await trio();
    await owner.change((step) => step.removeMember(g, numberOf(owner, 'ann')));
    expect(await bot.expect('member-removed')).toMatchObject({ member: { profile: { displayName: 'ann' }, status: 'removed', connectionId: null }, by: { role: 'owner' }, group: { currentMembers: 2 } });
    expect(await ann.expect('own-removed')).toMatchObject({ group: { own: { status: 'removed' } }, by: { role: 'owner' } });
    await expect.poll(() => [owner, ann, bot].map((one) => one.connections().length)).toEqual([4, 1, 2]); // the address, contacts, and members
    await expect(ann.post(g, 'x')).rejects.toMatchObject({ code: 'PROHIBITED' });
    expect([owner, ann, bot].map((one) => one.chat.gauges().members)).toEqual([2, 2, 2]);
  });

  test('a member leaves', async () => {
    const { owner, ann, bot, g } = await trio();
    await ann.change((step) => step.leaveGroup(g));
    for (const one of [owner, bot]) expect(await one.expect('member-left')).toMatchObject({ member: { profile: { displayName: 'ann' }, status: 'left' }, group: { currentMembers: 2 } });
    await expect.poll(() => ann.connections().length).toBe(1);
    expect(ann.group(g).own.status).toBe('left');
  });

  test('the owner deletes the group', async () => {
    const { owner, ann, bot, g } = await trio();
    await owner.change((step) => step.deleteGroup(g));
    for (const one of [ann, bot]) expect(await one.expect('group-deleted')).toMatchObject({ group: { own: { status: 'deleted' } }, by: { role: 'owner' } });
    await expect.poll(() => [owner, ann, bot].map((one) => one.connections().length)).toEqual([3, 1, 1]);
    await expect(owner.post(g, 'x')).rejects.toMatchObject({ code: 'PROHIBITED' });
  });
});

interface Ids {
  readonly ann: string;
  readonly bot: string;
  readonly owner: string;
}

/** What is said, ann's role and ours, and why it is passed over. */
const PROHIBITED: readonly (readonly [what: string, annRole: Role, botRole: Role, event: (ids: Ids) => SentEvent, reason: string])[] = [
  ['a member gives a role', 'member', 'observer', ({ bot }) => ({ event: 'x.grp.mem.role', params: { memberId: bot, role: 'owner' } }), 'without the right to it'],
  ['a moderator gives a role', 'moderator', 'member', ({ bot }) => ({ event: 'x.grp.mem.role', params: { memberId: bot, role: 'observer' } }), 'without the right to it'],
  ['an admin gives one above its own', 'admin', 'member', ({ bot }) => ({ event: 'x.grp.mem.role', params: { memberId: bot, role: 'owner' } }), 'without the right to it'],
  ['an admin raises itself', 'admin', 'member', ({ ann }) => ({ event: 'x.grp.mem.role', params: { memberId: ann, role: 'owner' } }), 'without the right to it'],
  ['an admin lowers an owner', 'admin', 'member', ({ owner }) => ({ event: 'x.grp.mem.role', params: { memberId: owner, role: 'member' } }), 'without the right to it'],
  ['the role of somebody unknown', 'admin', 'member', () => ({ event: 'x.grp.mem.role', params: { memberId: 'AAAA', role: 'member' } }), 'the role of somebody unknown'],
  ['a moderator removes', 'moderator', 'member', ({ bot }) => ({ event: 'x.grp.mem.del', params: { memberId: bot } }), 'without the right to it'],
  ['an admin removes an owner', 'admin', 'member', ({ owner }) => ({ event: 'x.grp.mem.del', params: { memberId: owner } }), 'without the right to it'],
  ['an admin removes us as owner', 'admin', 'owner', ({ bot }) => ({ event: 'x.grp.mem.del', params: { memberId: bot } }), 'without the right to it'],
  ['a member blocks', 'member', 'admin', ({ owner }) => ({ event: 'x.grp.mem.restrict', params: { memberId: owner, memberRestrictions: { restriction: 'blocked' } } }), 'without the right to it'],
  ['we are blocked', 'admin', 'member', ({ bot }) => ({ event: 'x.grp.mem.restrict', params: { memberId: bot, memberRestrictions: { restriction: 'blocked' } } }), 'a restriction of ourselves'],
  ['an admin deletes the group', 'admin', 'member', () => ({ event: 'x.grp.del', params: {} }), 'without the right to it'],
  ['an admin changes the profile', 'admin', 'member', () => ({ event: 'x.grp.info', params: { groupProfile: { displayName: 'mine', fullName: '' } } }), 'without the right to it'],
  ['an admin changes preferences', 'admin', 'member', () => ({ event: 'x.grp.prefs', params: { groupPreferences: { history: { enable: 'off' } } } }), 'without the right to it'],
  ['a member brings another', 'member', 'admin', () => ({ event: 'x.grp.mem.new', params: { memberInfo: { memberId: 'AAAA', memberRole: 'member', profile: { displayName: 'x', fullName: '' } } } }), 'a new member by who may not bring it'],
  ['an admin brings an owner', 'admin', 'admin', () => ({ event: 'x.grp.mem.new', params: { memberInfo: { memberId: 'AAAA', memberRole: 'owner', profile: { displayName: 'x', fullName: '' } } } }), 'a new member by who may not bring it'],
  ['who is not the host introduces', 'admin', 'admin', () => ({ event: 'x.grp.mem.intro', params: { memberInfo: { memberId: 'AAAA', memberRole: 'member', v: { min: 1, max: 17 }, profile: { displayName: 'x', fullName: '' } } } }), 'an introduction by who is no host'],
  ['a member passes on', 'member', 'admin', ({ owner }) => ({ event: 'x.grp.msg.forward', params: { memberId: owner, msgTs: '2026-01-01T00:00:00Z', msg: { event: 'x.grp.del', msgId: 'AAAA', params: {} } } }), 'passed on by who is no admin'],
  ['an admin passes on of us', 'admin', 'member', ({ bot }) => ({ event: 'x.grp.msg.forward', params: { memberId: bot, msgTs: '2026-01-01T00:00:00Z', msg: { event: 'x.grp.leave', params: {} } } }), 'our own, passed on'],
  ['an admin passes on what may not be', 'admin', 'member', ({ owner }) => ({ event: 'x.grp.msg.forward', params: { memberId: owner, msgTs: '2026-01-01T00:00:00Z', msg: { event: 'x.grp.mem.con', params: { memberId: owner } } } }), 'passed on, and may not be'],
  ['a member lets one in', 'member', 'admin', ({ bot }) => ({ event: 'x.grp.link.acpt', params: { acceptance: 'accepted', role: 'owner', memberId: bot } }), 'an acceptance without the right to it'],
  ['an observer writes', 'observer', 'member', () => ({ event: 'x.msg.new', params: { content: { type: 'text', text: 'x' } } }), 'of who only observes'],
  ['a member writes in the support chat of another', 'member', 'admin', ({ owner }) => ({ event: 'x.msg.new', params: { content: { type: 'text', text: 'x' }, scope: { type: 'member', memberId: owner } } }), 'in a support chat of another member'],
];

test('what those say who may not changes nothing', async () => {
  const { ann, bot, g } = await trio();
  const ids = { ann: idOf(bot, 'ann'), bot: bot.group(g).own.memberId, owner: idOf(bot, 'owner') };
  for (const [what, annRole, botRole, event, reason] of PROHIBITED) {
    await bot.chat.inner((step) => {
      step.updateMember(bot.member(g, 'ann'), { role: annRole });
      step.updateGroup(g, { own: { ...bot.group(g).own, role: botRole } });
    });
    const before = [bot.group(g), bot.members(g)];
    await ann.rawToMember(g, numberOf(ann, 'bot'), event(ids), 'BBBB');
    const ignored = await bot.expect('ignored');
    expect([what, ignored.reason, bot.events, bot.group(g), bot.members(g)]).toEqual([what, reason, [], ...before]);
  }
});

test('support chats: of a member, of ours, and what moderators say there', async () => {
  const { owner, ann, bot, g } = await trio('observer', 'moderator');
  await ann.change((step) => step.sendToOwnSupport(g, { type: 'text', text: 'help me' }));
  for (const one of [owner, bot]) expect(await one.expect('group-message')).toMatchObject({ member: { profile: { displayName: 'ann' } }, support: { profile: { displayName: 'ann' } }, message: { container: { content: { text: 'help me' } } } });
  await bot.change((step) => step.sendToMember(g, numberOf(bot, 'ann'), { type: 'text', text: 'how?' }));
  expect(await ann.expect('group-message')).toMatchObject({ support: 'own', member: { profile: { displayName: 'bot' } } });
  expect(await owner.expect('group-message')).toMatchObject({ support: { profile: { displayName: 'ann' } }, member: { profile: { displayName: 'bot' } } });
});

test('a message is taken once, whoever brings it', async () => {
  const { owner, ann, bot, g } = await trio();
  const msgId = await ann.post(g, 'hello');
  expect(await bot.read()).toBe('hello');
  const copy = { event: 'x.msg.new', msgId, params: { content: { type: 'text', text: 'hello' } } };
  const pass = (memberId: string, msg: Readonly<Record<string, unknown>>): Promise<void> =>
    owner.rawToMember(g, numberOf(owner, 'bot'), { event: 'x.grp.msg.forward', params: { memberId, memberName: 'zoe', msgTs: '2026-01-01T00:00:00Z', msg } });
  await pass(idOf(owner, 'ann'), copy);
  await bot.expect('ignored', ({ reason }) => reason === 'a copy');
  // Of another it is another message; who is unknown may write, and nothing else.
  await pass('AAAA', copy);
  expect(await bot.expect('group-message')).toMatchObject({ member: { memberId: 'AAAA', status: 'unknown', profile: { displayName: 'zoe' } } });
  await pass('AAAA', { ...copy, event: 'x.grp.del', msgId: 'CCCC', params: {} });
  await bot.expect('ignored', ({ reason }) => reason === 'without the right to it');
  await pass('DDDD', { event: 'x.grp.leave', msgId: 'CCCC', params: {} });
  await bot.expect('ignored', ({ reason }) => reason === 'of somebody unknown');
  expect(bot.group(g)).toMatchObject({ own: { status: 'connected' }, currentMembers: 3 });
  // An owner's word counts whoever brings it.
  await owner.rawToMember(g, numberOf(owner, 'ann'), { event: 'x.grp.mem.role', params: { memberId: idOf(owner, 'ann'), role: 'admin' } }, 'EEEE');
  await ann.expect('own-role');
});
