/** What relays and strangers might do to a channel (directory §3.8): nothing that its owners have not signed changes it, and no relay alone can keep it from us. */
import { describe, expect, test } from 'vitest';
import { bytesOfId, channelBinding, formatMemberKey, newMessageId, type SentEvent } from '@polyplex/protocol-chat';
import { generateKeyPair } from '@polyplex/crypto';
import { authorizeOwner } from '@polyplex/protocol-agent';
import { type ChannelOwner, type ChatClient, type ChatRelay, withChannels, withClients } from '../support/index.ts';
import { elementOf } from '../support/channels/raw-peer.ts';
import { found, joined } from '../support/channels/subscribe.ts';

const world = withClients();
const channels = withChannels(world);

/** When something that is right arrives, all that came before by that relay was looked at. */
async function settled(client: ChatClient, owner: ChannelOwner): Promise<void> {
  const text = newMessageId();
  await owner.post(text);
  await client.expect('group-message', ({ message }) => message.container.content.text === text);
}

/** What changed, by event, and why what came was passed over. */
function outcome(client: ChatClient): { readonly changes: readonly string[]; readonly ignored: readonly string[] } {
  const ignored = client.ignored().filter((reason) => reason !== 'a copy');
  const changes = client.events.splice(0).map(({ type }) => type);
  return { changes, ignored };
}

const info = (owner: ChannelOwner, displayName: string): SentEvent => ({ event: 'x.grp.info', params: { groupProfile: { ...owner.profile, displayName } } });

describe('signatures', () => {
  test('that are missing, of another key, or for another channel or member', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create([channels.relay('r1')]);
    const other = channels.owner('other');
    const groupId = await joined(bob, owner, 1);
    await owner.say(info(owner, 'unsigned'), { signs: false });
    await owner.say(info(owner, 'forged'), { keys: other.keys });
    await owner.say(info(owner, 'replayed'), { publicGroupId: other.publicGroupId });
    await owner.say(info(owner, 'of another'), { memberId: other.memberId });
    await owner.post('wrongly signed content', { signs: true, keys: other.keys });
    await settled(bob, owner);
    const wrong = 'a wrong signature';
    expect(outcome(bob)).toEqual({ changes: [], ignored: ['not signed, and has to be', wrong, wrong, wrong, wrong] });
    expect(bob.group(groupId).profile.displayName).toBe('news');
    const counts = bob.chat.counts.ignored.values;
    expect(Object.fromEntries(counts)).toMatchObject({ [wrong]: 4, 'not signed, and has to be': 1 });
  });

  test('are made anew for each event that must have one', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create([channels.relay('r1')]);
    const groupId = await joined(bob, owner, 1);
    const own = bob.group(groupId).own.memberId;
    const events: readonly SentEvent[] = [
      { event: 'x.grp.del', params: {} }, { event: 'x.grp.prefs', params: { groupPreferences: {} } }, { event: 'x.grp.mem.del', params: { memberId: own } },
      { event: 'x.grp.mem.role', params: { memberId: own, role: 'admin' } }, { event: 'x.grp.mem.restrict', params: { memberId: own, memberRestrictions: { restriction: 'blocked' } } },
      { event: 'x.grp.leave', params: {} }, { event: 'x.info', params: { profile: { displayName: 'x', fullName: '' } } }, { event: 'x.grp.relay.new', params: { relayLink: 'x' } },
    ];
    for (const event of events) await owner.say(event, { signs: false });
    await settled(bob, owner);
    expect(outcome(bob)).toEqual({ changes: [], ignored: events.map(() => 'not signed, and has to be') });
  });

  test('of who is no owner', async () => {
    const bob = world.client('bob');
    const relay = channels.relay('r1');
    const owner = await channels.owner('news').create([relay]);
    const groupId = await joined(bob, owner, 1);
    const [eve, keys] = [newMessageId(), generateKeyPair('ed25519')];
    const signed = { key: keys.privateKey, binding: channelBinding(owner.publicGroupId, eve) };
    // The relay makes her an owner, with a key.
    const memberInfo = { memberId: eve, memberRole: 'owner' as const, profile: { displayName: 'eve', fullName: '' }, memberKey: formatMemberKey(keys.publicKey) };
    await relay.passOnDirectly(elementOf({ event: 'x.grp.mem.new', params: { memberInfo } }));
    await relay.forge(eve, elementOf(info(owner, 'hers'), { signed }));
    await relay.forge(eve, elementOf({ event: 'x.msg.new', params: { content: { type: 'text', text: 'x' }, asGroup: true } }, { signed }));
    await relay.forge(eve, elementOf({ event: 'x.msg.new', params: { content: { type: 'text', text: 'x' } } }, { signed }));
    // And itself.
    const asRelay = { key: relay.keys.privateKey, binding: channelBinding(owner.publicGroupId, relay.memberId) };
    await relay.passOnDirectly(elementOf(info(owner, 'its own'), { signed: asRelay }));
    await relay.forge(relay.memberId, elementOf(info(owner, 'its own'), { signed: asRelay }));
    await settled(bob, owner);
    expect(outcome(bob)).toEqual({
      changes: [], ignored: ['without the right to it', 'as the channel, by who is no owner', 'of who only observes', 'in a channel: x.grp.info', 'without the right to it'],
    });
    // An owner makes her an admin: the key is still the relay's to say.
    await owner.say({ event: 'x.grp.mem.role', params: { memberId: eve, role: 'admin' } });
    await bob.expect('member-role', ({ member }) => member.role === 'admin');
    await relay.forge(eve, elementOf({ event: 'x.grp.mem.del', params: { memberId: bob.group(groupId).own.memberId } }, { signed }));
    await settled(bob, owner);
    expect(outcome(bob)).toEqual({ changes: [], ignored: ['without the right to it'] });
  });

  test('a relay cannot bring in another key for an owner', async () => {
    const bob = world.client('bob');
    const relay = channels.relay('r1', { announces: null });
    const owner = await channels.owner('news').create([relay]);
    const channel = await found(bob, owner.link);
    const { groupId } = await bob.change((step) => step.joinChannel(channel));
    await bob.expect('group-joined');
    const keys = generateKeyPair('ed25519');
    const memberInfo = { memberId: owner.memberId, memberRole: 'owner' as const, profile: { displayName: 'eve', fullName: '' }, memberKey: formatMemberKey(keys.publicKey) };
    await relay.passOnDirectly(elementOf({ event: 'x.grp.mem.new', params: { memberInfo } }));
    expect(await bob.expect('owner-announced')).toMatchObject({ member: { key: channel.owners[0]!.key } });
    await owner.say(info(owner, 'forged'), { keys });
    await settled(bob, owner);
    expect(outcome(bob).ignored).toEqual(['a wrong signature']);
    expect(bob.group(groupId).profile.displayName).toBe('news');
  });
});

test('an owner who has left is given nothing again by a relay', async () => {
  const bob = world.client('bob');
  const relay = channels.relay('r1');
  const owner = await channels.owner('news').create([relay]);
  const groupId = await joined(bob, owner, 1);
  await owner.say({ event: 'x.grp.leave', params: {} });
  expect(await bob.expect('member-left')).toMatchObject({ member: { memberId: owner.memberId, status: 'left' } });
  const memberInfo = { memberId: owner.memberId, memberRole: 'member' as const, profile: { displayName: 'eve', fullName: '' }, memberKey: formatMemberKey(generateKeyPair('ed25519').publicKey) };
  await relay.passOnDirectly(elementOf({ event: 'x.grp.mem.new', params: { memberInfo } }));
  await owner.say(info(owner, 'of who has left'));
  await expect.poll(() => bob.history.flatMap((event) => (event.type === 'ignored' ? [event.reason] : []))).toEqual(['a former owner or relay', 'a message of a former member']);
  expect(bob.group(groupId).profile.displayName).toBe('news');
});

describe('links', () => {
  test('with owners whom nobody has authorised', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create();
    const eve = generateKeyPair('ed25519');
    owner.owners = [...owner.owners, authorizeOwner(eve.privateKey, bytesOfId(newMessageId())!, eve.publicKey)];
    // The link can be read by nobody now, so the owner cannot see it either.
    await owner.publishBlindly();
    await expect.poll(async () => {
      await bob.change((step) => step.lookUpChannel(owner.link, { about: '' }));
      return (await bob.expect('channel-link')).result;
    }).toEqual({ found: false, reason: 'LINK' });
  });

  test('name further owners, who count, and are forgotten', async () => {
    const bob = world.client('bob');
    const owner = await channels.owner('news').create([channels.relay('r1')]);
    const groupId = await joined(bob, owner, 1);
    const [second, keys] = [newMessageId(), generateKeyPair('ed25519')];
    const [first] = owner.owners;
    owner.owners = [first!, authorizeOwner(owner.keys.privateKey, bytesOfId(second)!, keys.publicKey)];
    await owner.publish();
    const channel = await found(bob, owner.link);
    expect(channel.owners.map(({ memberId }) => memberId)).toEqual([owner.memberId, second]);
    await bob.change((step) => step.syncChannel(groupId, channel));
    expect(bob.chat.read((reading) => reading.memberById(groupId, second))).toMatchObject({ role: 'owner', status: 'unknown' });
    // The first is an owner no more, and what it says has no effect.
    await bob.change((step) => step.syncChannel(groupId, { ...channel, owners: channel.owners.slice(1) }));
    expect(await bob.expect('member-role')).toMatchObject({ from: 'owner', member: { memberId: owner.memberId, role: 'observer' } });
    await owner.say(info(owner, 'no more'));
    await expect.poll(() => bob.ignored()).toContain('without the right to it');
    // Nor can it be made one by a message.
    await bob.change((step) => step.syncChannel(groupId, { ...channel, owners: channel.owners.slice(0, 1) }));
    await owner.say({ event: 'x.grp.mem.role', params: { memberId: second, role: 'owner' } });
    await expect.poll(() => bob.ignored()).toContain('an owner who is not in the link');
  });
});

describe('relays', () => {
  async function twoRelays(): Promise<{ bob: ChatClient; owner: ChannelOwner; relays: readonly [ChatRelay, ChatRelay]; groupId: number }> {
    const bob = world.client('bob');
    const relays = [channels.relay('r1'), channels.relay('r2')] as const;
    const owner = await channels.owner('news').create(relays);
    return { bob, owner, relays, groupId: await joined(bob, owner, 2) };
  }

  test('one that withholds, or has died, keeps nothing from us', async () => {
    const { bob, owner, relays: [dead, alive] } = await twoRelays();
    dead.close();
    await owner.say(info(owner, 'news2'), { via: [alive] });
    expect(await bob.expect('group-updated')).toMatchObject({ group: { profile: { displayName: 'news2' } } });
  });

  test('one that leaves, one that is removed; then nobody is left', async () => {
    const { bob, owner, relays: [r1, r2], groupId } = await twoRelays();
    await r1.leave();
    expect(await bob.expect('member-left')).toMatchObject({ member: { memberId: r1.memberId, role: 'relay', status: 'left' } });
    await owner.post('still here', { via: [r2] });
    await bob.expect('group-message');
    await owner.say({ event: 'x.grp.mem.del', params: { memberId: r2.memberId } }, { via: [r2] });
    expect(await bob.expect('member-removed')).toMatchObject({ member: { memberId: r2.memberId } });
    expect(await bob.expect('channel-unreachable')).toMatchObject({ group: { groupId, own: { status: 'connected' } } });
    // A link that tells of another one helps.
    const r3 = channels.relay('r3');
    await owner.addRelay(r3);
    const channel = await found(bob, owner.link);
    await bob.change((step) => step.syncChannel(groupId, { ...channel, relays: channel.relays.slice(-1) }));
    await bob.expect('member-connected', ({ member }) => member.memberId === r3.memberId);
    await owner.post('again', { via: [r3] });
    expect(await bob.read()).toBe('again');
  });

  test('new ones are joined when an owner says so', async () => {
    const { bob, owner, relays, groupId } = await twoRelays();
    const r3 = channels.relay('r3');
    await owner.addRelay(r3, { announces: true });
    await bob.expect('member-connected', ({ member }) => member.memberId === r3.memberId);
    expect(bob.members(groupId).filter(({ role, isReady }) => role === 'relay' && isReady)).toHaveLength(relays.length + 1);
  });
});
