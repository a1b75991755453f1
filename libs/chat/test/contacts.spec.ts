/** Contacts over a real relay (directory §2.2). */
import { Agent, openSmpRelays } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { formatLink } from '@polyplex/protocol-agent';
import type { MessageContent } from '@polyplex/protocol-chat';
import { parseAddress } from '@polyplex/protocol-common';
import { MemoryRecordStore } from '@polyplex/testing';
import { describe, expect, test } from 'vitest';
import { befriend } from './support/chat-client.ts';
import { withClients } from './support/with-clients.ts';

const { client, relays } = withClients();

test.each([['full'], ['short']])('who connects to an address by its %s link becomes a contact, with the profiles of both', async (kind) => {
  const bot = client('bot', { profile: { displayName: 'bot', fullName: 'The Bot', peerType: 'bot', preferences: { commands: [{ type: 'command', keyword: 'help', label: 'Help' }] } } });
  const address = await bot.chat.createAddress();
  const ann = client('ann');
  const { contactId } = (await ann.chat.connect(kind === 'full' ? address.fullLink : address.shortLink!)) as { contactId: number };
  const known = ann.chat.read((reading) => reading.contact(contactId))!;
  expect(known).toMatchObject({ status: 'connecting', profile: { displayName: kind === 'full' ? '' : 'bot' } });
  const { contact } = await ann.expect('contact-ready');
  expect(contact).toMatchObject({ contactId, status: 'ready', localName: 'bot', versions: { min: 1, max: 17 }, profile: { displayName: 'bot', fullName: 'The Bot', peerType: 'bot' } });
  expect((await bot.expect('contact-ready')).contact).toMatchObject({ contactId: 1, status: 'ready', localName: 'ann', versions: { min: 1, max: 17 } });
  expect(bot.chat.gauges()).toMatchObject({ contacts: 1, groups: 0, members: 0, tasks: 0 });
  expect([...ann.ignored(), ...bot.ignored()]).toEqual([]);
});

test('the address is made once, also for who asks twice at a time', async () => {
  const bot = client('bot');
  const address = await bot.chat.createAddress();
  bot.restart();
  expect(await bot.chat.createAddress()).toEqual(address);
});

describe('messages', () => {
  test('go both ways with what they quote, in order', async () => {
    const [bot, ann] = [client('bot'), client('ann')];
    const { atOwner, atVisitor } = await befriend(bot, ann);
    const msgId = await ann.say(atVisitor, '/help');
    const { message } = await bot.expect('direct-message');
    expect(message).toMatchObject({ msgId, container: { content: { type: 'text', text: '/help' } } });
    const quote = { msgRef: { msgId, sentAt: message.at, sent: false }, content: message.container.content };
    await bot.say(atOwner, 'first', quote);
    const image: MessageContent = { type: 'image', text: 'second', image: `data:image/png;base64,${'A'.repeat(12_000)}` };
    await bot.say(atOwner, image);
    expect((await ann.expect('direct-message')).message.container).toEqual({ content: { type: 'text', text: 'first' }, quote });
    expect((await ann.expect('direct-message')).message.container).toEqual({ content: image });
    expect(bot.chat.counts.events.get('x.msg.new')).toBe(1);
    expect(bot.chat.counts.sent.get('x.msg.new')).toBe(2);
    expect(bot.chat.counts.stepSeconds.count).toBeGreaterThan(1);
  });

  test('of before the connection is there wait for it', async () => {
    const [bot, ann] = [client('bot'), client('ann')];
    const { fullLink } = await bot.chat.createAddress();
    const { contactId } = (await ann.chat.connect(fullLink)) as { contactId: number };
    await ann.change((step) => ['one', 'two'].map((text) => step.sendToContact(contactId, { type: 'text', text })));
    expect([await bot.hear(), await bot.hear()]).toEqual(['one', 'two']);
  });

  test('that fit no message are refused, and nothing has changed', async () => {
    const [bot, ann] = [client('bot'), client('ann')];
    const { atOwner } = await befriend(bot, ann);
    await expect(bot.say(atOwner, 'x'.repeat(16_000))).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(bot.say(99, 'x')).rejects.toMatchObject({ code: 'UNKNOWN' });
    await bot.say(atOwner, 'fits');
    expect(await ann.hear()).toBe('fits');
  });
});

test('who asks twice with the same id is one contact; who deleted it may ask again', async () => {
  const bot = client('bot');
  const { fullLink } = await bot.chat.createAddress();
  const ann = client('ann');
  await ann.chat.connect(fullLink);
  await bot.expect('contact-ready');
  // As an app repeats what it has no answer to.
  const { requestId } = bot.chat.read((reading) => reading.contact(1))!;
  const twin = client('twin');
  await twin.chat.connect(fullLink, { contactReqId: requestId! });
  await bot.expect('ignored', ({ reason }) => reason === 'a request that was made before');
  expect(bot.chat.gauges().contacts).toBe(1);
  await ann.expect('contact-ready');
  await ann.change((step) => step.deleteContact(1));
  expect((await bot.expect('contact-deleted')).contact).toMatchObject({ contactId: 1, status: 'deleted', connectionId: null });
  expect(bot.chat.gauges().contacts).toBe(0);
  await twin.chat.connect(fullLink, { contactReqId: requestId! });
  expect((await bot.expect('contact-ready')).contact.contactId).toBe(2);
  expect(() => bot.chat.read((reading) => reading.contact(1))).not.toThrow();
});

test('several of one name are told apart', async () => {
  const bot = client('bot');
  const { fullLink } = await bot.chat.createAddress();
  const names: string[] = [];
  for (const visitor of [client('ann'), client('ann'), client('ann_1')]) {
    await visitor.chat.connect(fullLink);
    names.push((await bot.expect('contact-ready')).contact.localName);
  }
  expect(names).toEqual(['ann', 'ann_1', 'ann_1_1']);
});

test('profiles change, and both sides hear of it', async () => {
  const [bot, ann] = [client('bot'), client('ann')];
  await befriend(bot, ann);
  await ann.change((step) => step.setProfile({ displayName: 'anna', fullName: 'Anna A.', shortDescr: 'me' }));
  const { contact, from } = await bot.expect('contact-updated');
  expect([from.displayName, contact.profile, contact.localName]).toEqual(['ann', { displayName: 'anna', fullName: 'Anna A.', shortDescr: 'me' }, 'anna']);
  const { shortLink } = await bot.chat.createAddress();
  await bot.change((step) => step.setProfile({ displayName: 'robot', fullName: '' }));
  expect((await ann.expect('contact-updated')).contact.profile.displayName).toBe('robot');
  // The same once more is no change.
  await ann.change((step) => step.setProfile({ displayName: 'anna', shortDescr: 'me', fullName: 'Anna A.' }));
  await ann.say(1, 'after');
  expect(await bot.hear()).toBe('after');
  expect(bot.events).toEqual([]);
  const eve = client('eve');
  await expect.poll(async () => {
    const { contactId } = (await eve.chat.connect(shortLink!)) as { contactId: number };
    return eve.chat.read((reading) => reading.contact(contactId))!.profile.displayName;
  }).toBe('robot');
});

test('what is of no use is passed over, and stops nothing', async () => {
  const [bot, ann] = [client('bot'), client('ann')];
  const { atVisitor } = await befriend(bot, ann);
  const said = (text: string): Promise<void> => ann.chat.rawToContact(atVisitor, text);
  await said('{"v":"1-17","event":"x.call.inv","params":{}}');
  await said('{"v":"1-17","event":"x.info.probe","params":{"probe":"AAAA"}}');
  await said('{"v":"1-17","event":"x.grp.leave","params":{}}');
  await said('not JSON');
  await said('[{"event":"x.msg.new","params":{}},7,{"v":"1-20","event":"x.msg.new","params":{"content":{"type":"text","text":"good"}}}]');
  expect(await bot.hear()).toBe('good');
  expect(bot.ignored()).toEqual([
    'an event that is not known', 'of a contact: x.info.probe', 'of a contact: x.grp.leave', 'an element that cannot be read', 'an element that cannot be read', 'an element that cannot be read',
  ]);
  expect(bot.chat.read((reading) => reading.contact(1))!.versions).toEqual({ min: 1, max: 20 });
  expect(bot.chat.counts.events.get('unreadable')).toBe(3);
  expect(bot.chat.counts.ignored.total).toBe(6);
  await said('{"v":"1-3","event":"x.msg.new","params":{"content":{"type":"text","text":"older"}}}');
  expect(await bot.hear()).toBe('older');
  expect(bot.chat.read((reading) => reading.contact(1))!.versions.max).toBe(20);
});

test('a client that dies goes on', async () => {
  const [bot, ann] = [client('bot'), client('ann')];
  const { fullLink } = await bot.chat.createAddress();
  const { contactId } = (await ann.chat.connect(fullLink)) as { contactId: number };
  ann.restart();
  bot.restart();
  await ann.expect('contact-ready');
  bot.restart();
  await ann.say(contactId, 'hello');
  ann.restart();
  expect(await bot.hear()).toBe('hello');
  expect(bot.history.filter(({ type }) => type === 'contact-ready')).toHaveLength(1);
});

test('who answers a request with something else is no contact, and nothing is left of it', async () => {
  const bot = client('bot');
  const asked = Promise.withResolvers<string>();
  const stranger = new Agent({
    store: new MemoryRecordStore(),
    servers: relays.map(({ address }) => parseAddress(address)!),
    openRelays: (onMessage) => openSmpRelays({}, onMessage),
    onEvent: (event) => (event.type === 'request' ? asked.resolve(event.offerId) : undefined),
  });
  stranger.start();
  try {
    await bot.chat.connect(formatLink((await stranger.createAddress()).request));
    await stranger.accept(await asked.promise, { info: utf8('{"v":"1-17","event":"x.ok","params":{}}') });
    await bot.expect('ignored', ({ reason }) => reason === 'a confirmation that is not expected');
    expect(bot.chat.read((reading) => reading.contact(1))).toMatchObject({ status: 'deleted', connectionId: null });
    await expect.poll(() => bot.connections()).toEqual([]);
  } finally {
    stranger.close();
  }
});
