/** Joining groups by their links, over a real relay, from the joiner's side (directory §2.4). */
import type { Admission } from '@polyplex/chat';
import { expect, test } from 'vitest';
import type { ChatClient } from './support/chat-client.ts';
import { groupOf, PROFILE } from './support/group-of.ts';
import { withClients } from './support/with-clients.ts';

const { client } = withClients();

async function hosted(admission?: Admission): Promise<{ readonly owner: ChatClient; readonly links: { readonly fullLink: string; readonly shortLink: string | null } }> {
  const owner = client('owner', admission === undefined ? {} : { admit: () => admission });
  const { groupId } = await owner.change((step) => step.createGroup(PROFILE));
  await owner.change((step) => step.createLink(groupId, 'member'));
  return { owner, links: (await owner.expect('link-created')).link };
}

test.each([['full'], ['short']] as const)('by the %s link, seen before where it tells', async (kind) => {
  const { owner, links } = await hosted();
  const ann = client('ann');
  const joining = await ann.chat.connect(kind === 'full' ? links.fullLink : links.shortLink!);
  expect(joining).toEqual({ type: 'group', groupId: 1 });
  expect(ann.group(1)).toMatchObject({ profile: kind === 'full' ? { displayName: '' } : PROFILE, own: { status: 'unknown' }, currentMembers: 0 });
  expect(await ann.expect('group-joined')).toMatchObject({
    group: { profile: PROFILE, localName: 'Gardening', own: { role: 'member', status: 'connected' }, currentMembers: 2 },
    host: { category: 'host', role: 'owner', status: 'connected', profile: { displayName: 'owner' }, contactId: null },
  });
  expect(await owner.expect('link-joined')).toMatchObject({ member: { role: 'member', status: 'connected', profile: { displayName: 'ann' } }, group: { currentMembers: 2 } });
  await ann.post(1, 'hello');
  expect(await owner.read()).toBe('hello');
  await owner.post(1, 'welcome');
  expect(await ann.read()).toBe('welcome');
});

test('who joins is connected to those who are there, and they know it', async () => {
  const owner = client('owner');
  const [ann, ben, zoe] = [client('ann'), client('ben'), client('zoe')];
  const { at } = await groupOf(owner, [{ client: ann }, { client: ben }]);
  await owner.change((step) => step.createLink(1, 'member'));
  await zoe.chat.connect((await owner.expect('link-created')).link.fullLink);
  await zoe.expect('group-joined');
  for (const one of [ann, ben]) {
    await Promise.all([one.expect('member-connected', ({ member }) => member.profile.displayName === 'zoe'), zoe.expect('member-connected', ({ member }) => member.profile.displayName === one.name)]);
  }
  await zoe.post(1, 'all here?');
  for (const one of [owner, ann, ben]) expect(await one.read(at.get(one))).toBe('all here?');
  expect(zoe.group(1).currentMembers).toBe(4);
});

test('a joiner who waits for approval talks to the host in its support chat, and is let in', async () => {
  const { owner, links } = await hosted({ decision: 'pending', role: 'member' });
  const ann = client('ann');
  await ann.chat.connect(links.shortLink!);
  expect(await ann.expect('group-joined')).toMatchObject({ group: { own: { status: 'pending_approval' }, currentMembers: 1 } });
  const { member } = await owner.expect('link-joined');
  expect(member.status).toBe('pending_approval');
  await owner.change((step) => step.sendToMember(1, member.memberNumber, { type: 'text', text: 'what is 2+2?' }));
  expect(await ann.expect('group-message')).toMatchObject({ support: 'own', message: { container: { content: { text: 'what is 2+2?' } } } });
  await expect(ann.post(1, 'to all')).rejects.toMatchObject({ code: 'PROHIBITED' });
  await ann.change((step) => step.sendToOwnSupport(1, { type: 'text', text: '4' }));
  expect(await owner.expect('group-message')).toMatchObject({ support: { memberNumber: member.memberNumber }, message: { container: { content: { text: '4' } } } });
  // An older client says it without a scope.
  await ann.rawToMember(1, ann.member(1, 'owner').memberNumber, { event: 'x.msg.new', params: { content: { type: 'text', text: 'four' } } });
  expect(await owner.expect('group-message')).toMatchObject({ support: { memberNumber: member.memberNumber }, message: { container: { content: { text: 'four' } } } });
  await owner.change((step) => step.approveMember(1, member.memberNumber, 'observer'));
  expect(await ann.expect('group-accepted')).toMatchObject({ group: { own: { status: 'connected', role: 'observer' }, currentMembers: 2 } });
  await expect(ann.post(1, 'x')).rejects.toMatchObject({ code: 'PROHIBITED' });
});

test('a joiner who is refused is told why, and nothing is left', async () => {
  const { owner, links } = await hosted({ decision: 'rejected', reason: 'long_name' });
  const ann = client('ann');
  await ann.chat.connect(links.fullLink);
  expect(await ann.expect('group-join-rejected')).toMatchObject({ reason: 'long_name', group: { own: { status: 'rejected' }, profile: PROFILE } });
  await expect.poll(() => [ann.connections().length, owner.connections().length]).toEqual([0, 1]);
  expect(owner.history.filter(({ type }) => type !== 'link-created')).toEqual([]);
});

test('a pending joiner is removed, and told', async () => {
  const { owner, links } = await hosted({ decision: 'pending', role: 'member' });
  const ann = client('ann');
  await ann.chat.connect(links.fullLink);
  await ann.expect('group-joined');
  const { member } = await owner.expect('link-joined');
  await owner.change((step) => step.removeMember(1, member.memberNumber));
  expect(await ann.expect('own-removed')).toMatchObject({ group: { own: { status: 'removed' } } });
  await expect.poll(() => [ann.connections().length, owner.connections().length]).toEqual([0, 1]);
});
