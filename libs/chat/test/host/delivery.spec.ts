/** Members who do not read, and members whose queues are gone (directory §2.4), on a relay in memory. */
import { HOUR } from '@polyplex/base';
import type { Member } from '@polyplex/chat';
import { createFakeClock } from '@polyplex/testing';
import { expect, test } from 'vitest';
import type { ChatClient } from '../support/chat-client.ts';
import { withClients } from '../support/with-clients.ts';
import { ChatRelay } from '../simulation/chat-relay.ts';
import { type Hosted, hosted, quiet, unread } from './support/hosting.ts';
import { openSimRelays } from './support/sim-relays.ts';

const { client } = withClients(0);

const CAPACITY = 4;
const SERVER = 'smp://AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=@relay.example';

/** A group that eve has joined, of clients that share a relay and a clock. */
async function joined(): Promise<{ readonly host: Hosted; readonly eve: ChatClient; readonly pass: (ms: number) => Promise<void>; readonly member: () => Member }> {
  const clock = createFakeClock();
  const relay = new ChatRelay(() => clock.now(), CAPACITY);
  const made: ChatClient[] = [];
  const onRelay = (name: string): ChatClient => {
    const one = client(name, { relays: [SERVER], openRelays: openSimRelays(relay), clock });
    made.push(one);
    return one;
  };
  const host = await hosted({ client: onRelay });
  const eve = onRelay('eve');
  const { memberNumber } = await host.join(eve);
  await quiet(...made);
  const { bot, groupAt } = host;
  return {
    host, eve,
    pass: async (ms) => {
      clock.advance(ms);
      await quiet(bot);
    },
    member: () => bot.chat.read((reading) => reading.member(groupAt(bot), memberNumber)!),
  };
}

test('what is sent to who does not read waits at its relay, then at the agent, and after five attempts here; all of it comes once and in order', async () => {
  const { host: { bot, groupAt }, eve, pass, member } = await joined();
  const waiting = (): Promise<number> => bot.chat.inner(({ records }) => records.list('waiting').length);
  eve.events.splice(0);
  eve.close();
  const said: string[] = [];
  const say = async (text: string): Promise<void> => {
    said.push(`eve: ${text}`);
    await bot.post(groupAt(bot), text);
  };
  for (let at = 0; at < CAPACITY + 3; at++) await say(`message ${String(at)}`);
  await quiet(bot);
  expect(member().delivery).toEqual({ authErrors: 0, quotaErrors: 1 });
  expect(await waiting()).toBe(0);
  while (member().delivery.quotaErrors < 5) await pass(6 * HOUR);
  const sent = bot.chat.counts.sent.get('x.msg.new');
  await say('waits');
  await say('as well');
  expect(await waiting()).toBe(2);
  // To the owner alone.
  expect(bot.chat.counts.sent.get('x.msg.new')).toBe(sent + 2);
  bot.restart();
  eve.restart();
  await eve.expect('group-message', ({ message }) => message.container.content.text === 'as well');
  await quiet(bot, eve);
  expect(eve.history.flatMap((event) => (event.type === 'group-message' ? [`eve: ${event.message.container.content.text}`] : [])).slice(1)).toEqual(said);
  expect(member().delivery).toEqual({ authErrors: 0, quotaErrors: 0 });
  expect(await waiting()).toBe(0);
  expect(await bot.chat.inner(({ records }) => records.list('full'))).toEqual([]);
});

test('who has deleted its queue is not sent to any more after ten refusals, and stays a member', async () => {
  const { host: { bot, owner, groupAt }, eve, member } = await joined();
  const { connectionId } = eve.chat.read((reading) => reading.members(groupAt(eve)).find(({ category }) => category === 'host')!);
  await eve.chat.inner((step) => step.agent.delete(connectionId!));
  await quiet(bot, eve, owner);
  const before = bot.chat.counts.sent.get('x.msg.new');
  for (let said = 0; said < 12; said++) {
    await bot.post(groupAt(bot), `message ${String(said)}`);
    await quiet(bot, owner);
  }
  expect(member()).toMatchObject({ delivery: { authErrors: 10, quotaErrors: 0 }, status: 'connected' });
  // To the owner all of them, to the other ten.
  expect(bot.chat.counts.sent.get('x.msg.new') - before).toBe(22);
  expect(unread(owner)).toHaveLength(12);
});
