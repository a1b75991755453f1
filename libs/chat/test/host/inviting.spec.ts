/** Contacts whom we invite into a group of ours (directory §2.3, §2.4), over real relays. */
import { expect, test } from 'vitest';
import { befriend, type ChatClient } from '../support/chat-client.ts';
import { withClients } from '../support/with-clients.ts';
import { met, PROFILE, quiet, unread } from './support/hosting.ts';

const { client } = withClients();

async function friends(guest: ChatClient, bot: ChatClient): Promise<{ readonly groupId: number; readonly contactId: number }> {
  const { groupId } = await bot.change((step) => step.createGroup(PROFILE));
  return { groupId, contactId: (await befriend(bot, guest)).atOwner };
}

test('an invitation is sent again with another role, as the same one, until it is taken; then the contact is a member, and not invited again', async () => {
  const bot = client('bot');
  const ann = client('ann', { acceptsInvitations: false });
  const { groupId, contactId } = await friends(ann, bot);
  await bot.post(groupId, 'before');
  const invite = (role: 'member' | 'admin'): Promise<void> => bot.change((step) => step.inviteContact(groupId, contactId, role));
  await invite('member');
  // Before there is an invitation to be sent, and after.
  await invite('member');
  const first = await ann.expect('group-invitation');
  expect(first).toMatchObject({ fromRole: 'owner', isRepeat: false, group: { own: { role: 'member', status: 'invited' }, profile: PROFILE } });
  expect(bot.members(groupId)).toMatchObject([{ status: 'invited', category: 'invitee', contactId, role: 'member' }]);
  expect(bot.group(groupId).currentMembers).toBe(1);
  await invite('admin');
  const second = await ann.expect('group-invitation', ({ group }) => group.own.role === 'admin');
  expect(second).toMatchObject({ isRepeat: true, group: { groupId: first.group.groupId } });
  await ann.change((step) => step.acceptInvitation(first.group.groupId));
  expect((await bot.expect('member-connected')).member).toMatchObject({ status: 'connected', role: 'admin', memberNumber: 1 });
  expect((await ann.expect('group-joined')).group.own).toMatchObject({ role: 'admin', status: 'connected' });
  await quiet(bot, ann);
  expect(unread(ann)).toEqual(['ann: before', 'ann: Welcome!']);
  await expect(invite('member')).rejects.toMatchObject({ code: 'PROHIBITED' });
  expect(bot.members(groupId)).toHaveLength(1);

  await ann.change((step) => step.leaveGroup(first.group.groupId));
  await bot.expect('member-left');
  await invite('member');
  expect((await ann.expect('group-invitation')).isRepeat).toBe(false);
});

test('who is invited is introduced to who is there, and both to each other', async () => {
  const [bot, ann, ben] = [client('bot'), client('ann'), client('ben')];
  const { groupId, contactId } = await friends(ann, bot);
  await bot.change((step) => step.inviteContact(groupId, contactId, 'member'));
  await bot.expect('member-connected');
  const { atOwner } = await befriend(bot, ben);
  await bot.change((step) => step.inviteContact(groupId, atOwner, 'member'));
  await bot.expect('member-connected');
  await met(ben, [ann]);
  expect(bot.group(groupId).currentMembers).toBe(3);
  await quiet(bot, ann, ben);
  expect(bot.chat.counts.sent.get('x.grp.mem.new')).toBe(1);
});

test('an invitation that somebody else takes, or that is not ours to make, comes to nothing', async () => {
  const bot = client('bot');
  const ann = client('ann', { acceptsInvitations: false });
  const { groupId, contactId } = await friends(ann, bot);
  await expect(bot.change((step) => step.inviteContact(groupId, 99, 'member'))).rejects.toMatchObject({ code: 'UNKNOWN' });
  await bot.change((step) => step.inviteContact(groupId, contactId, 'member'));
  const { group } = await ann.expect('group-invitation');
  await ann.chat.inner((step) => step.updateGroup(group.groupId, { own: { ...group.own, memberId: 'c29tZWJvZHk' } }));
  await ann.change((step) => step.acceptInvitation(group.groupId));
  await bot.expect('ignored', ({ reason }) => reason === 'an invitation accepted by another');
  // Its link is spent; there may be another invitation.
  expect(bot.members(groupId)).toMatchObject([{ status: 'removed', connectionId: null }]);
  expect(bot.group(groupId).currentMembers).toBe(1);
  await bot.change((step) => step.inviteContact(groupId, contactId, 'member'));
  expect(bot.members(groupId).filter(({ status }) => status === 'invited')).toHaveLength(1);
});
