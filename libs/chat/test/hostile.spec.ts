/**
 * What no client sends, over a real relay: it is acknowledged, counted and passed over, and what comes after it is heard as ever. What one contact can
 * cost has an end.
 */
import * as zlib from 'node:zlib';
import { DAY, utf8 } from '@polyplex/base';
import { formatLink, parseLink } from '@polyplex/protocol-agent';
import { type GroupProfile, newMessageId, type Profile, type SentEvent } from '@polyplex/protocol-chat';
import { afterEach, describe, expect, test } from 'vitest';
import { beginHalfOpen } from '../src/limits/half-open.ts';
import { keyOf } from '../src/records/keys.ts';
import { forgetHalfOpen } from '../src/tasks/half-open.ts';
import { RawJoiner } from './host/support/raw-joiner.ts';
import { befriend, type ChatClient } from './support/chat-client.ts';
import { groupOf } from './support/group-of.ts';
import { withClients } from './support/with-clients.ts';

const clients = withClients();
const { client } = clients;
const raws: RawJoiner[] = [];

function raw(options: { readonly allows?: boolean } = {}): RawJoiner {
  const made = new RawJoiner({ relays: clients.relays.map(({ address }) => address), ...options });
  raws.push(made);
  return made;
}

afterEach(() => {
  for (const one of raws.splice(0)) one.close();
});

const frame = (content: Uint8Array): Uint8Array => {
  const zstd = zlib.zstdCompressSync(content);
  return Buffer.concat([utf8('X\x011'), Uint8Array.of(zstd.length >>> 8, zstd.length & 0xff), zstd]);
};
const OK = '{"event":"x.ok","params":{}}';

/** None of these is a message. */
const BODIES: readonly (string | Uint8Array)[] = [
  ' ', '{', '[', '[[', 'X', 'X\x01', '=', '=\x01', '/', '>', '?', '{}', '[]', '[1,2,3]', 'null', '"text"', '{"event":"x.msg.new"}', '{"event":7,"params":{}}',
  '{"event":"x.msg.new","params":{"content":{"type":"text"}}}', '{"v":"9-1","event":"x.ok","params":{}}', `{"event":"x.new","params":{"a":${'['.repeat(9_000)}`,
  '{"event":"x.msg.new","params":{"content":{"type":"voice","text":"","duration":1e999}}}', '{"msgId":"","event":"x.ok","params":{}}',
  Uint8Array.of(0), Uint8Array.of(0xff, 0xfe), frame(utf8('no message')), frame(frame(utf8(OK))), frame(new Uint8Array(70_000)), frame(new Uint8Array(10_000_000)),
  'X\x020\x01{0\x01}',
];

function sendRaw(from: ChatClient, connectionId: string, body: string | Uint8Array): Promise<void> {
  return from.chat.inner((step) => void step.agent.send(connectionId, typeof body === 'string' ? utf8(body) : body, { notify: false }));
}

const text = (said: string): SentEvent => ({ event: 'x.msg.new', params: { content: { type: 'text', text: said } } });

describe('bodies that are none', () => {
  test('of a contact are passed over, and what comes after them is heard', async () => {
    const [bot, ann] = [client('bot'), client('ann')];
    const { atVisitor } = await befriend(bot, ann);
    const { connectionId } = ann.chat.read((reading) => reading.contact(atVisitor))!;
    for (const body of BODIES) await sendRaw(ann, connectionId!, body);
    await ann.say(atVisitor, 'hello');
    expect(await bot.hear()).toBe('hello');
    expect(bot.chat.counts.events.get('unreadable')).toBeGreaterThanOrEqual(BODIES.length);
    expect(new Set(bot.ignored())).toEqual(new Set(['an element that cannot be read']));
    expect(bot.chat.counts.failures.value).toBe(0);
  });

  test('of a member are passed over, and what comes after them is heard', async () => {
    const [owner, bot] = [client('owner'), client('bot')];
    const { at } = await groupOf(owner, [{ client: bot, role: 'admin' }]);
    const { connectionId } = owner.member(at.get(owner)!, 'bot');
    for (const body of BODIES) await sendRaw(owner, connectionId!, body);
    await owner.post(at.get(owner)!, 'hello');
    expect(await bot.read()).toBe('hello');
    expect(bot.chat.counts.failures.value).toBe(0);
  });

  test('one of them stops no other of a batch, and a request of such is none', async () => {
    const [bot, ann] = [client('bot'), client('ann')];
    const { atVisitor } = await befriend(bot, ann);
    const { connectionId } = ann.chat.read((reading) => reading.contact(atVisitor))!;
    const said = (word: string): string => `{"v":"1-17","event":"x.msg.new","params":{"content":{"type":"text","text":"${word}"}}}`;
    await sendRaw(ann, connectionId!, `[${said('one')},{"event":"x.grp.acpt","params":{}},7,{"event":"x.newer","params":{}},${said('two')}]`);
    expect([await bot.hear(), await bot.hear()]).toEqual(['one', 'two']);
    expect(bot.ignored()).toEqual(['an element that cannot be read', 'an element that cannot be read', 'an event that is not known']);
    const eve = raw();
    const { fullLink } = await bot.chat.createAddress();
    for (const info of ['{', OK, 'X', '[]']) await eve.agent.join(parseLink(fullLink)!, { postQuantum: false, info: utf8(info) });
    await expect.poll(() => bot.ignored()).toEqual(expect.arrayContaining(['a request that cannot be read']));
    await expect.poll(() => bot.chat.counts.ignored.total).toBe(3 + 4);
    expect(bot.chat.gauges()).toMatchObject({ contacts: 1, tasks: 0 });
  });
});

test('what came already from its author is not taken again; of versions beyond ours what is known is', async () => {
  const [owner, bot] = [client('owner'), client('bot')];
  const { at } = await groupOf(owner, [{ client: bot, role: 'admin' }]);
  const [groupId, { memberNumber, connectionId }] = [at.get(owner)!, owner.member(at.get(owner)!, 'bot')];
  for (let i = 0; i < 3; i++) await owner.rawToMember(groupId, memberNumber, text('once'), 'AAEC');
  await sendRaw(owner, connectionId!, '{"v":"18-99","msgId":"AAED","event":"x.msg.new","params":{"content":{"type":"text","text":"newer"},"more":{}}}');
  expect([await bot.read(), await bot.read()]).toEqual(['once', 'newer']);
  expect(bot.ignored()).toEqual(['a copy', 'a copy']);
  expect(bot.member(at.get(bot)!, 'owner').versions).toEqual({ min: 18, max: 99 });
});

describe('profiles', () => {
  const HOSTILE: Profile = {
    displayName: `a\u0000b\n\u202egpj.exe\u2066${'x'.repeat(5_000)}`, fullName: '\u0007', image: 'https://evil.example/track.png', shortDescr: 'fine', contactLink: 'l'.repeat(5_000),
    preferences: { commands: [{ type: 'command', keyword: 'k', label: 'l' }] },
  };

  test('of who asks are bounded, and names show what they are', async () => {
    const bot = client('bot');
    const { fullLink } = await bot.chat.createAddress();
    const eve = client('eve', { profile: HOSTILE });
    await eve.chat.connect(fullLink);
    const { contact: { profile, localName } } = await bot.expect('contact-ready');
    expect(profile).toEqual({ displayName: expect.stringMatching(/^a b gpj\.exe x+$/) as string, fullName: '', shortDescr: 'fine', preferences: {} });
    expect(profile.displayName).toHaveLength(256);
    expect(localName).toBe(profile.displayName);
  });

  test('of groups are, too', async () => {
    const [bot, ann] = [client('bot', { acceptsInvitations: false }), client('ann')];
    const { atVisitor } = await befriend(bot, ann);
    const groupProfile: GroupProfile = { displayName: 'x\u202e'.repeat(900), fullName: '\r\n', description: 'd'.repeat(9_000), image: 'javascript:alert(1)' };
    await ann.rawToContact(atVisitor, invitation(groupProfile, await someLink()));
    const { group } = await bot.expect('group-invitation');
    expect(group.profile).toEqual({ displayName: expect.stringMatching(/^(?:x )+x?$/) as string, fullName: '', description: 'd'.repeat(9_000) });
    expect(group.profile.displayName.length).toBeLessThanOrEqual(256);
  });
});

/** A link that could be joined. */
async function someLink(): Promise<string> {
  const { request } = await raw().agent.createInvitation({ postQuantum: false });
  return formatLink(request);
}

function invitation(groupProfile: GroupProfile, connRequest: string): SentEvent {
  const fromMember = { memberId: newMessageId(), memberRole: 'owner' } as const;
  return { event: 'x.grp.inv', params: { groupInvitation: { fromMember, invitedMember: { memberId: newMessageId(), memberRole: 'admin' }, connRequest, groupProfile } } };
}

describe('what one may cost', () => {
  test('two bots that answer each other fall silent', async () => {
    const echo = { messageRate: { burst: 12, perSecond: 0 } };
    const bots = ['ann', 'bob'].map((name) => client(name, {
      ...echo,
      onEvent: (event, step) => {
        if (event.type === 'direct-message') step.sendToContact(event.contact.contactId, { type: 'text', text: event.message.container.content.text });
      },
    }));
    const { atVisitor } = await befriend(bots[0]!, bots[1]!);
    await bots[1]!.say(atVisitor, 'hello');
    await expect.poll(() => bots.some(({ chat }) => chat.counts.ignored.get('too much of a contact') > 0), { timeout: 20_000 }).toBe(true);
    const heard = bots.map(({ history }) => history.filter(({ type }) => type === 'direct-message').length);
    expect(Math.max(...heard)).toBe(12);
    expect(bots.map(({ chat }) => chat.gauges().tasks)).toEqual([0, 0]);
  });

  test('who says much is heard as far as its rate goes, and all others as ever', async () => {
    const bot = client('bot', { messageRate: { burst: 10, perSecond: 0 } });
    const [ann, bob] = [client('ann'), client('bob')];
    const flooding = await befriend(bot, ann);
    const other = await befriend(bot, bob);
    const { connectionId } = ann.chat.read((reading) => reading.contact(flooding.atVisitor))!;
    const said = `{"event":"x.msg.new","params":{"content":{"type":"text","text":"spam"}}}`;
    await sendRaw(ann, connectionId!, `[${Array.from({ length: 40 }, () => said).join()}]`);
    await bob.say(other.atVisitor, 'hello');
    expect(await bot.hear(other.atOwner)).toBe('hello');
    await expect.poll(() => bot.chat.counts.ignored.get('too much of a contact')).toBe(30);
    expect(bot.history.filter((event) => event.type === 'direct-message' && event.contact.contactId === flooding.atOwner)).toHaveLength(10);
  });

  test('a member who says much is passed on as far as its rate goes, but may still leave', async () => {
    const [owner, bot] = [client('owner'), client('bot', { messageRate: { burst: 10, perSecond: 0 } })];
    const { at } = await groupOf(owner, [{ client: bot, role: 'admin' }]);
    const { memberNumber, connectionId } = owner.member(at.get(owner)!, 'bot');
    const said = `{"event":"x.msg.new","params":{"content":{"type":"text","text":"spam"}}}`;
    await sendRaw(owner, connectionId!, `[${Array.from({ length: 40 }, () => said).join()}]`);
    await expect.poll(() => bot.chat.counts.ignored.get('too much of a member')).toBeGreaterThanOrEqual(30);
    await owner.rawToMember(at.get(owner)!, memberNumber, { event: 'x.grp.leave', params: {} }, 'AAEC');
    await bot.expect('member-left');
  });

  test('invitations to groups end', async () => {
    const [bot, ann] = [client('bot', { acceptsInvitations: false }), client('ann')];
    const { atVisitor } = await befriend(bot, ann);
    const link = await someLink();
    for (let i = 0; i < 55; i++) await ann.rawToContact(atVisitor, invitation({ displayName: 'g', fullName: '' }, `${link}&n=${String(i)}`));
    await expect.poll(() => bot.chat.counts.ignored.get('too many invitations'), { timeout: 20_000 }).toBe(5);
    expect(bot.chat.gauges()).toMatchObject({ groups: 50, tasks: 0 });
  });

  test('members that are brought into a group end', async () => {
    const [owner, bot] = [client('owner'), client('bot')];
    const { at } = await groupOf(owner, [{ client: bot, role: 'admin' }]);
    const groupId = at.get(bot)!;
    await bot.chat.inner((step) => void step.records.add(`member/${keyOf(groupId)}`, 200_000));
    const { memberNumber } = owner.member(at.get(owner)!, 'bot');
    const memberInfo = { memberId: newMessageId(), memberRole: 'member', v: { min: 1, max: 17 }, profile: { displayName: 'more', fullName: '' } } as const;
    await owner.rawToMember(at.get(owner)!, memberNumber, { event: 'x.grp.mem.new', params: { memberInfo } }, 'AAEC');
    await expect.poll(() => bot.chat.counts.ignored.get('failed: PROHIBITED')).toBe(1);
    expect(bot.members(groupId)).toHaveLength(1);
  });

  test('who asks and is never heard of again has no place for ever, and takes nobody\'s', async () => {
    const bot = client('bot');
    const { fullLink } = await bot.chat.createAddress();
    await raw({ allows: false }).join(fullLink);
    await expect.poll(() => bot.connections().length).toBe(2);
    const halfOpen = (): Promise<number> => bot.chat.inner((step) => step.records.counter('half-open/0'));
    expect(await halfOpen()).toBe(1);
    expect(await bot.chat.inner((step) => forgetHalfOpen(step, 10))).toBe(false);
    expect(await halfOpen()).toBe(1);
    await bot.chat.inner((step) => {
      beginHalfOpen(step, { groupId: 0, number: 1, createdAt: step.now - 15 * DAY });
      forgetHalfOpen(step, 10);
    });
    expect(bot.chat.gauges()).toMatchObject({ contacts: 0 });
    expect(await halfOpen()).toBe(0);
    await expect.poll(() => bot.connections().length).toBe(1);

    await bot.chat.inner((step) => void step.records.add('half-open/0', 10_000));
    await client('ann').chat.connect(fullLink);
    await bot.expect('ignored', ({ reason }) => reason === 'a request, and there is no room');
    await bot.chat.inner((step) => void step.records.add('half-open/0', -10_000));
    await client('bob').chat.connect(fullLink);
    await bot.expect('contact-ready');
    expect(await halfOpen()).toBe(0);
  });
});
