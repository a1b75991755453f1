/** Membership in the groups of others, over a real relay (directory §2.3). */
import { generateKeyPair } from '@polyplex/crypto';
import { formatMemberKey, formatMessage, type GroupInvitation, memberBinding, type SentEvent, signMessage } from '@polyplex/protocol-chat';
import { expect, test } from 'vitest';
import { befriend, type ChatClient } from './support/chat-client.ts';
import { groupOf, PROFILE } from './support/group-of.ts';
import { withClients } from './support/with-clients.ts';

const { client } = withClients();

const statuses = (at: ChatClient, groupId: number): Record<string, string> =>
  Object.fromEntries(at.members(groupId).map(({ profile, status }) => [profile.displayName, status]));

test('a guest among several is connected to all of them, and all hear all', async () => {
  const [owner, ann, ben, bot] = [client('owner'), client('ann'), client('ben'), client('bot')];
  const { at } = await groupOf(owner, [{ client: ann }, { client: ben }, { client: bot, role: 'admin' }]);
  for (const one of [ann, ben, bot]) {
    const group = one.group(at.get(one)!);
    expect(group).toMatchObject({ profile: PROFILE, localName: 'Gardening', currentMembers: 4, own: { status: 'connected', role: one === bot ? 'admin' : 'member' } });
    const others = [owner, ann, ben, bot].filter((other) => other !== one).map(({ name }) => [name, 'connected']);
    expect(statuses(one, group.groupId)).toEqual(Object.fromEntries(others));
  }
  expect(owner.group(at.get(owner)!)).toMatchObject({ currentMembers: 4, own: { role: 'owner', status: 'creator' } });
  expect(bot.chat.gauges()).toMatchObject({ groups: 1, members: 4, tasks: 0 });
  for (const one of at.keys()) {
    await one.post(at.get(one)!, `of ${one.name}`);
    for (const other of at.keys()) {
      if (other === one) continue;
      const { member, message, support } = await other.expect('group-message');
      expect([member.profile.displayName, message.container.content, support]).toEqual([one.name, { type: 'text', text: `of ${one.name}` }, null]);
    }
  }
  for (const one of at.keys()) expect([one.name, one.events.filter(({ type }) => type !== 'ignored' && type !== 'group-invitation')]).toEqual([one.name, []]);
});

test('an invitation is sent again with another role as long as it was not taken, and is the same one', async () => {
  const [owner, bot] = [client('owner'), client('bot', { acceptsInvitations: false })];
  const { atOwner } = await befriend(owner, bot);
  const { groupId } = await owner.change((step) => step.createGroup(PROFILE));
  await owner.change((step) => step.inviteContact(groupId, atOwner, 'member'));
  const first = await bot.expect('group-invitation');
  expect(first).toMatchObject({ isRepeat: false, fromRole: 'owner', contact: { profile: { displayName: 'owner' } }, group: { groupId: 1, profile: PROFILE, own: { role: 'member', status: 'invited' }, currentMembers: 0 } });
  await owner.change((step) => step.inviteContact(groupId, atOwner, 'admin'));
  expect(await bot.expect('group-invitation')).toMatchObject({ isRepeat: true, group: { groupId: 1, own: { role: 'admin', status: 'invited' } } });
  expect(bot.chat.gauges()).toMatchObject({ groups: 1, members: 0 });
  await bot.change((step) => step.acceptInvitation(1));
  await expect(bot.change((step) => step.acceptInvitation(1))).rejects.toMatchObject({ code: 'PROHIBITED' });
  expect(await bot.expect('group-joined')).toMatchObject({ group: { own: { role: 'admin', status: 'connected' }, currentMembers: 2 }, host: { role: 'owner', category: 'host', status: 'connected', contactId: 1 } });
  await owner.expect('member-connected');
  expect(owner.member(groupId, 'bot')).toMatchObject({ role: 'admin', status: 'connected' });
  await expect(owner.change((step) => step.inviteContact(groupId, atOwner, 'member'))).rejects.toMatchObject({ code: 'PROHIBITED' });
});

test('invitations that nobody may send are passed over', async () => {
  const [owner, bot] = [client('owner'), client('bot')];
  const { atVisitor } = await befriend(bot, owner);
  const connRequest = (await owner.chat.createAddress()).fullLink;
  const groupInvitation = { fromMember: { memberId: 'AAAA', memberRole: 'owner' }, invitedMember: { memberId: 'BBBB', memberRole: 'member' }, connRequest, groupProfile: PROFILE } as const;
  const invite = (fields: Partial<GroupInvitation>): Promise<void> =>
    owner.rawToContact(atVisitor, { event: 'x.grp.inv', params: { groupInvitation: { ...groupInvitation, ...fields } } });
  await invite({});
  await invite({ connRequest: 'x' });
  await invite({ fromMember: { memberId: 'AAAA', memberRole: 'moderator' } });
  await invite({ fromMember: { memberId: 'AAAA', memberRole: 'admin' }, invitedMember: { memberId: 'BBBB', memberRole: 'owner' } });
  await invite({ invitedMember: { memberId: 'AAAA', memberRole: 'member' } });
  await invite({ business: { chatType: 'business', businessId: 'AAAA', customerId: 'BBBB' } });
  await owner.say(atVisitor, 'done');
  await bot.hear();
  expect(bot.ignored()).toEqual([
    'an invitation without a link', 'an invitation without a link', 'an invitation without the right to it', 'an invitation without the right to it', 'an invitation by ourselves',
    'an invitation to a business chat',
  ]);
  expect(bot.chat.gauges().groups).toBe(0);
});

test('what is said before members have met is passed on by who introduced them, once', async () => {
  const [owner, ann, bot] = [client('owner'), client('ann'), client('bot')];
  const { at } = await groupOf(owner, [{ client: ann }]);
  const groupId = at.get(owner)!;
  ann.chat.close();
  const { atOwner } = await befriend(owner, bot);
  await owner.change((step) => step.inviteContact(groupId, atOwner, 'member'));
  const { group } = await bot.expect('group-joined');
  await expect.poll(() => bot.members(group.groupId).map(({ status }) => status)).toEqual(['connected', 'intro-inv']);
  await bot.post(group.groupId, 'is anybody here?');
  expect(await owner.read()).toBe('is anybody here?');
  ann.restart();
  const heard = await ann.expect('group-message');
  expect([heard.message.container.content.text, heard.member.profile.displayName]).toEqual(['is anybody here?', 'bot']);
  await Promise.all([ann.expect('member-connected'), bot.expect('member-connected')]);
  await ann.post(at.get(ann)!, 'I am');
  expect([await bot.read(), await owner.read()]).toEqual(['I am', 'I am']);
  await bot.post(group.groupId, 'good');
  expect([await ann.read(), await owner.read()]).toEqual(['good', 'good']);
  expect([ann, bot, owner].flatMap(({ events }) => events.filter(({ type }) => type === 'group-message'))).toEqual([]);
});

test('a key that a member has proven is its own from then on, and what is signed with another is passed over', async () => {
  const [owner, ann] = [client('owner'), client('ann')];
  const { at } = await groupOf(owner, [{ client: ann }]);
  const groupId = at.get(owner)!;
  const { memberId } = ann.group(at.get(ann)!).own;
  const host = ann.member(at.get(ann)!, 'owner');
  const [keys, others] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
  const say = (event: SentEvent, { privateKey, publicKey }: typeof keys): Promise<void> => ann.chat.inner((step) => {
    step.agent.send(host.connectionId!, signMessage(formatMessage({ ...event, versions: { min: 1, max: 20 } }), memberBinding(memberId, publicKey), privateKey));
  });
  const info = (displayName: string, { publicKey }: typeof keys): SentEvent => ({ event: 'x.info', params: { profile: { displayName, fullName: '' }, memberKey: formatMemberKey(publicKey) } });
  const said = (text: string): SentEvent => ({ event: 'x.msg.new', params: { content: { type: 'text', text } } });
  // Not known yet: taken as it comes.
  await say(said('signed by whomever'), others);
  expect(await owner.read()).toBe('signed by whomever');
  // Signed by another than it says.
  await say(info('Ann', keys), others);
  await owner.expect('member-updated');
  expect(owner.member(groupId, 'Ann').key).toBeUndefined();
  await say(info('Anne', keys), keys);
  expect((await owner.expect('member-updated')).member.key).toBe(formatMemberKey(keys.publicKey));

  await say(said('forged'), others);
  await say(info('forged', others), others);
  await say(said('signed'), keys);
  await ann.post(at.get(ann)!, 'not signed');
  expect([await owner.read(), await owner.read()]).toEqual(['signed', 'not signed']);
  expect(owner.ignored()).toEqual(['a wrong signature', 'a wrong signature']);
  expect(owner.member(groupId, 'Anne').key).toBe(formatMemberKey(keys.publicKey));
});
