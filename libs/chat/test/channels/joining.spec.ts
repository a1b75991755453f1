/** A channel over two chat relays and a real SMP relay: its link, its card, joining, what its owner says, and leaving (directory §3.8). */
import { describe, expect, test } from 'vitest';
import type { LinkOwnerSignature } from '@polyplex/protocol-chat';
import { befriend, type ChatClient, withChannels, withClients } from '../support/index.ts';
import type { ChannelOwner } from '../support/channels/channel-owner.ts';
import { found, type Found, joined, lookUp } from '../support/channels/subscribe.ts';

const world = withClients();
const channels = withChannels(world);

describe('links', () => {
  test('tell of a channel, its owners and its relays', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create([channels.relay('r1'), channels.relay('r2')]);
    const channel = await found(bob, owner.link);
    expect(channel).toMatchObject({ link: owner.link, publicGroupId: owner.publicGroupId, memberCount: 1, profile: { displayName: 'news', publicGroup: { groupType: 'channel' } } });
    expect(channel.owners).toEqual([{ memberId: owner.memberId, key: expect.any(String) }]);
    expect(channel.relays).toHaveLength(2);
    expect(JSON.parse(JSON.stringify(channel))).toEqual(channel);
  });

  test('that are none, or lead nowhere', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create();
    const elsewhere = owner.link.replace(/#.{8}/, '#AAAAAAAA');
    const { shortLink } = await bob.chat.createAddress();
    const results = [];
    for (const link of ['nonsense', elsewhere, shortLink!]) results.push(await lookUp(bob, link));
    expect(results).toEqual([{ found: false, reason: 'LINK' }, { found: false, reason: 'AUTH' }, { found: false, reason: 'NOT_CHANNEL' }]);
  });

  test('another channel in its profile', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create();
    await owner.setProfile({ publicGroup: { groupType: 'channel', groupLink: owner.link, publicGroupId: 'AAAA' } });
    expect(await lookUp(bob, owner.link)).toEqual({ found: false, reason: 'NOT_CHANNEL' });
  });

  test('without relays nobody joins', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create();
    const channel = await found(bob, owner.link);
    await expect(bob.change((step) => step.joinChannel(channel))).rejects.toMatchObject({ code: 'PROHIBITED' });
  });
});

describe('cards', () => {
  test('show whose the channel is, on the connection that they are signed for', async () => {
    const [bob, ann, eve] = [world.client('bob'), world.client('ann'), world.client('eve')];
    const owner = await channels.owner('news').create();
    const stranger = channels.owner('other');
    const atAnn = (await befriend(bob, ann)).atVisitor;
    const atEve = (await befriend(bob, eve)).atVisitor;
    const binding = await ann.bindingTo(atAnn);
    const signatureOf = async (from: ChatClient, at: number, card: ReturnType<ChannelOwner['card']>): Promise<LinkOwnerSignature | undefined> => {
      await from.say(at, card);
      const { content } = (await bob.expect('direct-message')).message.container;
      return content.type === 'chat' ? content.ownerSig : undefined;
    };
    const card = owner.card(binding);
    const verdictOf = async (signature: LinkOwnerSignature | undefined) => ((await lookUp(bob, owner.link, signature)) as Found).owner;
    expect(await verdictOf(await signatureOf(ann, atAnn, card))).toEqual({ verdict: 'owner', ownerId: owner.memberId });
    expect(await verdictOf(await signatureOf(ann, atAnn, owner.card(binding, { asRoot: true })))).toEqual({ verdict: 'owner', ownerId: null });
    expect(await verdictOf(await signatureOf(ann, atAnn, owner.card(binding, { keys: stranger.keys })))).toEqual({ verdict: 'wrong-signature' });
    expect(await verdictOf(await signatureOf(ann, atAnn, owner.card(binding, { ownerId: stranger.memberId })))).toEqual({ verdict: 'unknown-owner' });
    // Shown again by who got it, or not signed at all.
    expect(await signatureOf(eve, atEve, card)).toBeUndefined();
    expect(await verdictOf(await signatureOf(ann, atAnn, owner.card(null)))).toEqual({ verdict: 'none' });
    // For another channel.
    const other = await stranger.create();
    const { result } = await bob.change((step) => step.lookUpChannel(other.link, { about: '', signature: (card as { ownerSig: LinkOwnerSignature }).ownerSig })).then(() => bob.expect('channel-link'));
    expect((result as Found).owner).toEqual({ verdict: 'unknown-owner' });
  });
});

describe('members', () => {
  test('join by all relays, and get everything once', async () => {
    const bob = world.client('bob');
    const [r1, r2] = [channels.relay('r1'), channels.relay('r2')];
    const owner = await channels.owner('news', { groupType: 'group' }).create([r1, r2]);
    const channel = await found(bob, owner.link);
    const group = await bob.change((step) => step.joinChannel(channel));
    expect(group).toMatchObject({ profile: { displayName: 'news' }, own: { role: 'observer', status: 'unknown' }, channel: { publicGroupId: owner.publicGroupId } });
    expect(bob.chat.read((reading) => reading.channel(owner.publicGroupId)?.groupId)).toBe(group.groupId);
    expect(bob.chat.read((reading) => reading.memberById(group.groupId, owner.memberId))).toMatchObject({ role: 'owner', status: 'unknown' });

    expect((await bob.expect('group-joined')).group.own.status).toBe('connected');
    await bob.expect('member-connected', ({ member }) => member.role === 'relay');
    expect(await bob.expect('owner-announced')).toMatchObject({ said: 'owner', member: { memberId: owner.memberId, status: 'introduced', profile: { displayName: 'news owner' } } });
    expect(bob.group(group.groupId).profile.displayName).toBe('news');

    await owner.post('one');
    await owner.post('as the channel', { asGroup: true });
    await owner.update({ displayName: 'news2' });
    expect(await bob.read(group.groupId)).toBe('one');
    expect((await bob.expect('channel-post')).message.container.content.text).toBe('as the channel');
    expect(await bob.expect('group-updated')).toMatchObject({ from: { displayName: 'news' }, group: { profile: { displayName: 'news2' } }, by: { memberId: owner.memberId } });
    await owner.post('last');
    expect(await bob.read(group.groupId)).toBe('last');
    await expect.poll(() => bob.history.filter((event) => event.type === 'ignored' && event.reason === 'a copy').length).toBe(4);
    expect(bob.history.filter(({ type }) => ['group-message', 'channel-post', 'group-updated', 'owner-announced', 'group-joined'].includes(type))).toHaveLength(6);
  });

  test('go on after a restart in the midst', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create([channels.relay('r1'), channels.relay('r2')]);
    await bob.change((step) => step.lookUpChannel(owner.link, { about: 'x' }));
    bob.restart();
    const { result } = await bob.expect('channel-link');
    const { groupId } = await bob.change((step) => step.joinChannel((result as Found).channel));
    bob.restart();
    await bob.expect('group-joined');
    bob.restart();
    await bob.expect('owner-announced');
    await owner.say({ event: 'x.grp.info', params: { groupProfile: { ...owner.profile, fullName: 'x' } } });
    await bob.expect('group-updated');
    expect(bob.members(groupId).filter(({ role }) => role === 'relay')).toHaveLength(2);
    expect(bob.history.filter(({ type }) => type === 'group-joined')).toHaveLength(1);
  });

  test('leave, and may come back', async () => {
    const bob = world.client('bob');
    const [r1, r2] = [channels.relay('r1'), channels.relay('r2')];
    const owner = await channels.owner('news').create([r1, r2]);
    const groupId = await joined(bob, owner);
    await bob.change((step) => step.leaveGroup(groupId));
    for (const relay of [r1, r2]) expect(await relay.hear('x.grp.leave')).toMatchObject({ isSigned: true });
    expect(bob.group(groupId).own.status).toBe('left');
    expect(bob.chat.read((reading) => reading.channel(owner.publicGroupId))).toBeUndefined();
    expect(await joined(bob, owner)).not.toBe(groupId);
  });

  test('are removed, and hear of the end', async () => {
    const [bob, ann] = [world.client('bob'), world.client('ann')];
    const owner = await channels.owner('news').create([channels.relay('r1')]);
    const [atBob, atAnn] = [await joined(bob, owner, 1), await joined(ann, owner, 1)];
    await owner.removeMember(bob.group(atBob).own.memberId);
    expect(await bob.expect('own-removed')).toMatchObject({ group: { groupId: atBob, own: { status: 'removed' } }, by: { memberId: owner.memberId } });
    await owner.delete();
    expect(await ann.expect('group-deleted')).toMatchObject({ group: { groupId: atAnn } });
  });

  test('whom no relay takes', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create([channels.relay('r1', { refuses: true })]);
    const channel = await found(bob, owner.link);
    await bob.change((step) => step.joinChannel(channel));
    expect(await bob.expect('group-join-failed')).toMatchObject({ reason: 'refused', group: { own: { status: 'removed' } } });
  });

  test('by a link alone', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create([channels.relay('r1')]);
    expect(await bob.chat.connect(owner.link)).toMatchObject({ type: 'group' });
    await bob.expect('group-joined');
    await expect(bob.chat.connect(owner.link)).rejects.toMatchObject({ code: 'PROHIBITED' });
  });
});
