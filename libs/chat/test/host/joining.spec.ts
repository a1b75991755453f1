/** Who joins by the link of a group (directory §2.4): everybody gets to everybody, over real relays. */
import { describe, expect, test } from 'vitest';
import { withClients } from '../support/with-clients.ts';
import { forwards, hosted, met, quiet, unread } from './support/hosting.ts';

const clients = withClients();
const { client } = clients;

test('who joins is introduced to all, connects to all, and everybody reads it', async () => {
  const { owner, bot, others, groupAt, join } = await hosted(clients, { names: ['ann', 'ben'] });
  const eve = client('eve', { profile: { displayName: 'eve', fullName: '', image: 'data:image/png;base64,AAAA', preferences: { files: { allow: 'no' } } } });
  const member = await join(eve);
  expect(member).toMatchObject({ status: 'connected', category: 'invitee', role: 'member', profile: { displayName: 'eve', image: 'data:image/png;base64,AAAA' } });
  expect(member.profile).not.toHaveProperty('preferences');
  const { group, host } = await eve.expect('group-joined');
  expect(group).toMatchObject({ profile: { displayName: 'Gardening' }, own: { role: 'member', memberId: member.memberId } });
  expect(host).toMatchObject({ role: 'admin', profile: { displayName: 'bot' } });
  await met(eve, [owner, ...others]);
  expect(await eve.read(groupAt(eve))).toBe('Welcome!');
  await eve.post(groupAt(eve), 'hello');
  for (const reader of [owner, bot, ...others]) expect(await reader.read(groupAt(reader))).toBe('hello');
  for (const writer of [owner, ...others]) {
    await writer.post(groupAt(writer), `from ${writer.name}`);
    expect(await eve.read(groupAt(eve))).toBe(`from ${writer.name}`);
  }
  await quiet(owner, bot, eve, ...others);
  expect(bot.group(groupAt(bot)).currentMembers).toBe(5);
  expect([owner, bot, eve, ...others].flatMap((one) => one.ignored())).toEqual([]);
  expect(bot.chat.counts.sent.get('x.grp.mem.new')).toBe(3);
  expect(bot.chat.counts.sent.get('x.grp.mem.fwd')).toBe(3);
});

test('what is said while two cannot reach each other is passed on once, and nothing when they can', async () => {
  const { owner, bot, others: [ann], groupAt, join } = await hosted(clients, { names: ['ann'] });
  const eve = client('eve');
  ann!.close();
  await join(eve);
  await met(eve, [owner]);
  await quiet(bot, eve, owner);
  const before = forwards(bot);
  await eve.post(groupAt(eve), 'one');
  await eve.post(groupAt(eve), 'two');
  await quiet(bot, eve, owner);
  expect(forwards(bot)).toBe(before + 2);
  ann!.restart();
  await met(eve, [ann!]);
  await quiet(bot, eve, owner, ann!);
  await eve.post(groupAt(eve), 'three');
  await ann!.post(groupAt(ann!), 'four');
  for (const reader of [owner, bot, ann!]) for (const text of ['one', 'two', 'three']) expect((await reader.expect('group-message', ({ member }) => member.profile.displayName === 'eve')).message.container.content.text).toBe(text);
  for (const reader of [owner, bot, eve]) expect((await reader.expect('group-message', ({ member }) => member.profile.displayName === 'ann')).message.container.content.text).toBe('four');
  await quiet(bot, eve, owner, ann!);
  expect(unread(bot, eve, owner, ann!)).toEqual(['eve: Welcome!']);
  expect(forwards(bot)).toBe(before + 2);
});

test('those who join at a time are introduced to each other once', async () => {
  const { owner, bot, groupAt, join } = await hosted(clients);
  const joiners = ['eve', 'fay', 'gus'].map((name) => client(name));
  await Promise.all(joiners.map(join));
  for (const one of joiners) for (const other of [owner, ...joiners]) if (other !== one) await one.expect('member-connected', ({ member }) => member.profile.displayName === other.name);
  await quiet(owner, bot, ...joiners);
  expect(bot.group(groupAt(bot)).currentMembers).toBe(5);
  // Each to the owner, and the three pairs among them.
  expect(bot.chat.counts.sent.get('x.grp.mem.new')).toBe(6);
  expect([owner, bot, ...joiners].flatMap((one) => one.ignored())).toEqual([]);
});

describe('who waits', () => {
  test('for approval talks to the host alone, and comes in when it is approved, with the history', async () => {
    const { owner, bot, others: [ann], groupAt, join } = await hosted(clients, {
      names: ['ann'], bot: { admit: () => ({ decision: 'pending', role: 'member' }) },
    });
    await ann!.post(groupAt(ann!), 'before');
    await bot.read();
    const eve = client('eve');
    const pending = await join(eve);
    expect(pending).toMatchObject({ status: 'pending_approval', role: 'member' });
    expect((await eve.expect('group-joined')).group.own.status).toBe('pending_approval');
    const place = [groupAt(bot), pending.memberNumber] as const;
    await bot.change((step) => step.sendToMember(...place, { type: 'text', text: 'type 7' }));
    expect((await eve.expect('group-message')).message.container).toMatchObject({ content: { text: 'type 7' }, scope: { memberId: pending.memberId } });
    await eve.change((step) => step.sendToOwnSupport(groupAt(eve), { type: 'text', text: '8' }));
    expect(await bot.expect('group-message')).toMatchObject({ support: { memberNumber: pending.memberNumber }, message: { container: { content: { text: '8' } } } });
    await quiet(owner, bot, eve, ann!);
    expect([owner, ann!].flatMap((one) => one.members(groupAt(one)).map(({ profile }) => profile.displayName))).not.toContain('eve');
    expect(bot.group(groupAt(bot)).currentMembers).toBe(3);

    await bot.change((step) => step.approveMember(...place, 'observer'));
    expect((await eve.expect('group-accepted')).group.own).toMatchObject({ role: 'observer' });
    await met(eve, [owner, ann!]);
    expect(await eve.read(groupAt(eve))).toBe('before');
    expect(await eve.read(groupAt(eve))).toBe('Welcome!');
    expect(bot.member(groupAt(bot), 'eve')).toMatchObject({ status: 'connected', role: 'observer' });
    await expect(bot.change((step) => step.approveMember(...place, 'member'))).rejects.toMatchObject({ code: 'PROHIBITED' });
  });

  test('and is removed instead is told, and nobody else hears of it', async () => {
    const { owner, bot, groupAt, join } = await hosted(clients, { bot: { admit: () => ({ decision: 'pending', role: 'member' }) } });
    const eve = client('eve');
    const { memberNumber } = await join(eve);
    await bot.change((step) => step.removeMember(groupAt(bot), memberNumber));
    await eve.expect('own-removed');
    await quiet(owner, bot, eve);
    expect(owner.members(groupAt(owner))).toHaveLength(1);
    expect(await bot.chat.inner(({ records }) => [records.list('arrival'), records.list('request'), records.list('relations').filter(({ key }) => key.includes(`/${String(memberNumber).padStart(12, '0')}/`))])).toEqual([[], [], []]);
  });

  test('for review is seen by moderators alone until one of them accepts it', async () => {
    const { owner, bot, others: [ann], groupAt, join } = await hosted(clients, {
      names: ['ann'], profile: { displayName: 'Gardening', fullName: '', memberAdmission: { review: 'all' } },
    });
    const eve = client('eve');
    expect(await join(eve)).toMatchObject({ status: 'pending_review' });
    await met(eve, [owner]);
    await quiet(owner, bot, eve, ann!);
    expect(ann!.members(groupAt(ann!)).map(({ profile }) => profile.displayName)).not.toContain('eve');
    const { memberNumber } = owner.member(groupAt(owner), 'eve');
    await owner.change((step) => step.approveMember(groupAt(owner), memberNumber, 'member'));
    await eve.expect('group-accepted');
    await met(eve, [ann!]);
    expect(bot.member(groupAt(bot), 'eve')).toMatchObject({ status: 'connected' });
    await eve.post(groupAt(eve), 'hello');
    for (const reader of [owner, bot, ann!]) expect(await reader.read(groupAt(reader))).toBe('hello');
  });
});

test('who is rejected is told why, and leaves nothing behind', async () => {
  const { bot, groupAt, link } = await hosted(clients, { bot: { admit: ({ profile }) => (profile.displayName === 'eve' ? { decision: 'rejected', reason: 'blocked_name' } : { decision: 'accepted', role: 'member' }) } });
  const eve = client('eve');
  await eve.chat.connect(link);
  expect((await eve.expect('group-join-rejected')).reason).toBe('blocked_name');
  await quiet(bot, eve);
  expect(bot.members(groupAt(bot)).map(({ profile }) => profile.displayName)).toEqual(['owner']);
  expect(await bot.chat.inner(({ records }) => ['arrival', 'request'].flatMap((kind) => records.list(kind as 'arrival')))).toEqual([]);
});

test('who leaves, and who is removed, is gone for all', async () => {
  const { owner, bot, others: [ann], groupAt, join } = await hosted(clients, { names: ['ann'] });
  const [eve, fay] = [client('eve'), client('fay')];
  await join(eve);
  await met(eve, [owner, ann!]);
  await join(fay);
  await met(fay, [owner, ann!, eve]);
  await eve.change((step) => step.leaveGroup(groupAt(eve)));
  for (const other of [owner, bot, ann!, fay]) await other.expect('member-left', ({ member }) => member.profile.displayName === 'eve');
  await bot.change((step) => step.removeMember(groupAt(bot), bot.member(groupAt(bot), 'fay').memberNumber));
  await fay.expect('own-removed');
  for (const other of [owner, ann!]) await other.expect('member-removed', ({ member }) => member.profile.displayName === 'fay');
  expect(bot.group(groupAt(bot)).currentMembers).toBe(3);
});
