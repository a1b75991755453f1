/** A newcomer who does not read (directory §2.4): introductions are a few messages ahead, hold nobody up, and go on when it reads; on a relay in memory. */
import { DAY, HOUR, MINUTE } from '@polyplex/base';
import type { Member } from '@polyplex/chat';
import { CHAT_VERSIONS } from '@polyplex/protocol-chat';
import { createFakeClock } from '@polyplex/testing';
import { expect, test } from 'vitest';
import { keyOf } from '../../src/records/keys.ts';
import type { ChatClient } from '../support/chat-client.ts';
import { withClients } from '../support/with-clients.ts';
import { ChatRelay } from '../simulation/chat-relay.ts';
import { type Hosted, hosted, quiet } from './support/hosting.ts';
import { openSimRelays } from './support/sim-relays.ts';

const { client } = withClients(0);

const SERVER = 'smp://AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=@relay.example';
/** Messages that a queue of the relay takes. */
const CAPACITY = 4;
/** Members of whom nothing is there but records; each introduction is a message of its own, by its picture. */
const CROWD = 24;
const AHEAD = 8;
const PICTURE = `data:image/jpg;base64,${'x'.repeat(9_000)}`;

interface Scene {
  readonly host: Hosted;
  readonly everybody: ChatClient[];
  /** Waits for approval, and does not read any more. */
  readonly eve: ChatClient;
  readonly join: (name: string) => Promise<ChatClient>;
  readonly approve: (name: string) => Promise<void>;
  readonly pass: (ms: number) => Promise<void>;
}

async function scene(): Promise<Scene> {
  const clock = createFakeClock();
  const relay = new ChatRelay(() => clock.now(), CAPACITY);
  const everybody: ChatClient[] = [];
  const onRelay = (name: string, options = {}): ChatClient => {
    const one = client(name, { relays: [SERVER], openRelays: openSimRelays(relay), clock, ...options });
    everybody.push(one);
    return one;
  };
  const host = await hosted({ client: onRelay }, { bot: { admit: () => ({ decision: 'pending', role: 'member' }) } });
  const { bot, groupAt } = host;
  await bot.chat.inner((step) => {
    for (let at = 0; at < CROWD; at++) {
      const profile = { displayName: `crowd ${String(at)}`, fullName: '', image: PICTURE };
      step.addMember({ groupId: groupAt(bot), memberId: step.newId(), role: 'member', category: 'invitee', status: 'connected', profile, versions: CHAT_VERSIONS, contactId: null, invitedBy: null });
    }
  });
  const join = async (name: string): Promise<ChatClient> => {
    const one = onRelay(name);
    await host.join(one);
    await quiet(...everybody);
    return one;
  };
  const eve = await join('eve');
  eve.close();
  return {
    host, everybody, eve, join,
    approve: async (name) => {
      await bot.change((step) => step.approveMember(groupAt(bot), bot.member(groupAt(bot), name).memberNumber, 'member'));
      await quiet(...everybody);
    },
    pass: async (ms) => {
      clock.advance(ms);
      await quiet(...everybody);
    },
  };
}

const told = ({ chat }: ChatClient): number => chat.counts.sent.get('x.grp.mem.intro');
const places = ({ chat }: ChatClient): Promise<unknown> => chat.inner(({ records }) => [records.list('introducing').length, records.list('pace').map(({ value }) => value.isAside)]);
const names = (one: ChatClient, groupId: number): string[] => one.members(groupId).map(({ profile }) => profile.displayName).sort();
const everybodyElse = (...others: readonly string[]): string[] => [...Array.from({ length: CROWD }, (_, at) => `crowd ${String(at)}`), 'bot', 'owner', ...others].sort();
const delivery = ({ bot, groupAt }: Hosted): Member['delivery'] => bot.member(groupAt(bot), 'eve').delivery;

/** It has heard of all. Both sides have full queues at times, and what one tells the other of that waits there, too: then the next attempt helps. */
async function hearsOf({ host: { groupAt }, pass }: Scene, one: ChatClient, ...others: readonly string[]): Promise<void> {
  for (let times = 0; times < 50 && names(one, groupAt(one)).length < everybodyElse(...others).length; times++) await pass(10 * MINUTE);
  expect(names(one, groupAt(one))).toEqual(everybodyElse(...others));
}

/** Attempts at its queue until it is taken for one who does not read. */
async function untilLongFull({ host, pass }: Scene): Promise<void> {
  for (let hours = 0; hours < 48 && delivery(host).quotaErrors < 5; hours++) await pass(HOUR / 2);
  expect(delivery(host).quotaErrors).toBeGreaterThanOrEqual(5);
}

test('is told a few messages ahead, also after a restart, while others join; and all the rest, once, when it reads', async () => {
  const at = await scene();
  const { host: { bot }, everybody, eve, approve, join } = at;
  await approve('eve');
  // A step tells what a message or two hold.
  expect(told(bot)).toBeGreaterThanOrEqual(AHEAD);
  expect(told(bot)).toBeLessThanOrEqual(AHEAD + 1);
  expect(await places(bot)).toEqual([1, [false]]);
  expect(bot.chat.gauges().tasks).toBe(0);
  bot.restart();
  await quiet(...everybody);
  expect(told(bot)).toBe(0);
  const fay = await join('fay');
  await approve('fay');
  await hearsOf(at, fay, 'eve');
  eve.restart();
  await hearsOf(at, eve, 'fay');
  expect(eve.ignored()).toEqual([]);
  expect(await places(bot)).toEqual([0, []]);
});

test('is set aside when its queue was full for long; what was said meanwhile waits, and it is introduced when it reads again', async () => {
  const at = await scene();
  const { host: { bot, owner, groupAt }, eve, approve } = at;
  await approve('eve');
  const before = told(bot);
  await owner.post(groupAt(owner), 'while eve is away');
  await untilLongFull(at);
  expect(await places(bot)).toEqual([0, [true]]);
  expect(await bot.chat.inner(({ records }) => records.list('delayed'))).toEqual([]);
  expect(told(bot)).toBe(before);
  bot.restart();
  eve.restart();
  await hearsOf(at, eve);
  // What waited comes with the history as well.
  expect(eve.ignored()).toEqual(['a copy']);
  expect(await eve.read(groupAt(eve))).toBe('while eve is away');
  expect(await places(bot)).toEqual([0, []]);
});

test('is told again of whom it has not heard when it reads after weeks', async () => {
  const at = await scene();
  const { host: { bot }, eve, approve, pass } = at;
  await approve('eve');
  await untilLongFull(at);
  for (let days = 0; days < 9; days++) await pass(DAY);
  // What its relay did not take is given up, and what was told by that is open again.
  expect(await bot.chat.inner(({ records }) => records.list('pace').map(({ value: { told: open, lastId, isAside } }) => ({ open, lastId, isAside })))).toEqual([{ open: [], lastId: null, isAside: true }]);
  eve.restart();
  await hearsOf(at, eve);
  expect(await places(bot)).toEqual([0, []]);
});

test('leaves nothing behind when it is removed meanwhile', async () => {
  const { host: { bot, groupAt }, everybody, approve } = await scene();
  await approve('eve');
  const { memberNumber } = bot.member(groupAt(bot), 'eve');
  await bot.change((step) => step.removeMember(groupAt(bot), memberNumber));
  await quiet(...everybody);
  expect(await places(bot)).toEqual([0, []]);
  expect(await bot.chat.inner(({ records }) => records.list('waiting', keyOf(groupAt(bot), memberNumber)))).toEqual([]);
});
