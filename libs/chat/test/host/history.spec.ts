/** What who comes hears of what was said before (directory §2.4, history), over real relays. */
import { systemClock } from '@polyplex/base';
import type { MessageContent, SentEvent } from '@polyplex/protocol-chat';
import { describe, expect, test } from 'vitest';
import type { ChatClient } from '../support/chat-client.ts';
import { withClients } from '../support/with-clients.ts';
import { type Hosted, hosted, quiet, unread } from './support/hosting.ts';

const clients = withClients();
const { client } = clients;

const text = (said: string): MessageContent => ({ type: 'text', text: said });

/** Any message from a member to the host. */
async function tells({ groupAt, bot }: Hosted, who: ChatClient, event: SentEvent, msgId?: string): Promise<void> {
  await who.rawToMember(groupAt(who), who.member(groupAt(who), bot.name).memberNumber, event, msgId);
}

async function heardBy(host: Hosted, name = 'eve'): Promise<string[]> {
  const eve = client(name);
  await host.join(eve);
  await quiet(host.bot, eve, host.owner);
  return unread(eve).map((one) => one.slice(name.length + 2));
}

test('everybody\'s last messages, ours too, oldest first, with what they quote, as they were edited, and without what was deleted', async () => {
  const host = await hosted(clients, { names: ['ann'] });
  const { owner, bot, others: [ann], groupAt } = host;
  const first = await owner.post(groupAt(owner), 'first');
  await bot.read();
  const second = await bot.post(groupAt(bot), 'second');
  await ann!.expect('group-message', ({ message }) => message.msgId === second);
  const { memberId } = ann!.member(groupAt(ann!), 'owner');
  await tells(host, ann!, {
    event: 'x.msg.new', params: { content: text('third'), quote: { msgRef: { msgId: first, sentAt: '2026-11-29T10:00:00Z', sent: false, memberId }, content: text('first') } },
  }, 'dGhpcmQ');
  await tells(host, ann!, { event: 'x.msg.new', params: { content: text('wrong') } }, 'Zm91cnRo');
  await tells(host, ann!, { event: 'x.msg.new', params: { content: text('regretted') } }, 'ZmlmdGg');
  await tells(host, ann!, { event: 'x.msg.update', params: { msgId: 'Zm91cnRo', content: text('fourth') } }, 'dXBkYXRl');
  await tells(host, ann!, { event: 'x.msg.del', params: { msgId: 'ZmlmdGg' } }, 'ZGVsZXRl');
  // Not hers to delete.
  await tells(host, ann!, { event: 'x.msg.del', params: { msgId: first, memberId } }, 'ZGVsZXRlMg');
  await tells(host, ann!, { event: 'x.msg.new', params: { content: text('gone in a minute'), ttl: 60 } }, 'c2l4dGg');
  await tells(host, ann!, { event: 'x.msg.new', params: { content: { type: 'report', text: 'for moderators', reason: 'spam' } } }, 'c2V2ZW50aA');
  for (let heard = 0; heard < 5; heard++) await bot.read();
  await quiet(bot, owner, ann!);

  const eve = client('eve');
  await host.join(eve);
  const messages = [];
  for (let heard = 0; heard < 5; heard++) messages.push(await eve.expect('group-message'));
  expect(messages.map(({ member, message }) => [member.profile.displayName, message.container.content.text])).toEqual([
    ['owner', 'first'], ['bot', 'second'], ['ann', 'third'], ['ann', 'fourth'], ['bot', 'Welcome!'],
  ]);
  expect(messages[2]!.message.container.quote).toMatchObject({ msgRef: { msgId: first, memberId }, content: { text: 'first' } });
  expect(messages.slice(0, 3).map(({ message }) => message.msgId)).toEqual([first, second, 'dGhpcmQ']);
  await quiet(bot, eve, owner);
  expect(unread(eve)).toEqual([]);
});

test('a hundred of them, and none of who is blocked', async () => {
  const host = await hosted(clients, { names: ['ann'] });
  const { bot, others: [ann], groupAt } = host;
  await ann!.post(groupAt(ann!), 'of ann');
  await bot.read();
  for (let said = 0; said < 105; said++) await bot.post(groupAt(bot), `message ${String(said)} ${'x'.repeat(500)}`);
  await bot.change((step) => step.blockMember(groupAt(bot), bot.member(groupAt(bot), 'ann').memberNumber, true));
  const heard = await heardBy(host);
  expect(heard.slice(0, -1).map((said) => said.slice(0, 12).trim())).toEqual(Array.from({ length: 100 }, (_, at) => `message ${String(at + 5)} ${'x'.repeat(10)}`.slice(0, 12).trim()));
  expect(heard.at(-1)).toBe('Welcome!');
  const [kept, named] = await bot.chat.inner(({ records }) => [records.list('history'), records.list('history-of')]);
  expect([kept.length, named.length]).toEqual([100, 100]);
});

describe('a file', () => {
  const file = { fileName: 'a.jpg', fileSize: 10, fileDescr: { fileDescrText: '', fileDescrPartNo: 0, fileDescrComplete: false } };
  const part = (number: number, isLast: boolean) => ({ fileDescrText: `part ${String(number)}`, fileDescrPartNo: number, fileDescrComplete: isLast });

  test.each([['there', 1_000, 4], ['gone', 49 * 3_600_000, 1]])('that is %s comes so, with its description, or is left out', async (_is, later, expected) => {
    let skew = 0;
    const clock = { ...systemClock, now: () => Date.now() + skew };
    const host = await hosted(clients, { bot: { clock } });
    const { owner, bot } = host;
    await tells(host, owner, { event: 'x.msg.new', params: { content: { type: 'image', text: '', image: 'data:image/png;base64,AA' }, file } }, 'ZmlsZQ');
    await tells(host, owner, { event: 'x.msg.file.descr', params: { msgId: 'ZmlsZQ', fileDescr: part(2, true) } }, 'cDI');
    await tells(host, owner, { event: 'x.msg.file.descr', params: { msgId: 'ZmlsZQ', fileDescr: part(1, false) } }, 'cDE');
    await tells(host, owner, { event: 'x.msg.new', params: { content: { type: 'file', text: 'with words' }, file } }, 'd29yZHM');
    await bot.read();
    await bot.read();
    await quiet(bot, owner);
    skew = later;
    const eve = client('eve');
    await host.join(eve);
    await quiet(bot, eve, owner);
    const seen = eve.history.flatMap((event) => (event.type === 'group-message' ? [event.message.container] : []));
    expect(seen.map(({ content, file: sent }) => [content.text, sent?.fileName])).toEqual([...(expected === 1 ? [] : [['', 'a.jpg']]), ['with words', undefined], ['Welcome!', undefined]]);
    expect(eve.chat.counts.events.get('x.grp.msg.forward')).toBe(expected);
  });
});

test('none, nor a welcome message, where the group keeps none', async () => {
  const host = await hosted(clients, { profile: { displayName: 'Gardening', fullName: '' } });
  await host.bot.change((step) => step.refreshLink(host.groupAt(host.bot)));
  await host.owner.post(host.groupAt(host.owner), 'before');
  await host.bot.read();
  expect(await heardBy(host)).toEqual([]);
  expect(await host.bot.chat.inner(({ records }) => records.list('history'))).toEqual([]);
});
