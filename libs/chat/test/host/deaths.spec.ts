/** A host that dies at any change, before or after it is kept: everybody is introduced to everybody, and what is said is read once (directory §2.4). */
import type { ChatEvent, ChatStep } from '@polyplex/chat';
import { createFakeClock, MemoryRecordStore } from '@polyplex/testing';
import { expect, test } from 'vitest';
import { ChatClient } from '../support/chat-client.ts';
import { withClients } from '../support/with-clients.ts';
import { ChatRelay } from '../simulation/chat-relay.ts';
import { hosted, quiet } from './support/hosting.ts';
import { MortalStore, type Mortality } from './support/mortal-store.ts';
import { openSimRelays } from './support/sim-relays.ts';

const { client } = withClients(0);
const SERVER = 'smp://AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=@relay.example';

/** What is read is written down in the transaction that reads it. */
function writeDown(event: ChatEvent, step: ChatStep): void {
  if (event.type !== 'group-message') return;
  const number = ((step.records.get('heard', 'count') as number | undefined) ?? 0) + 1;
  step.records.put('heard', 'count', number);
  step.records.put('line', String(number), event.message.container.content.text);
}

async function heard({ chat }: ChatClient): Promise<string[]> {
  return chat.change((step) => step.records.list('line', '').map(({ value }) => value as string).sort());
}

/** In [0, 1), the same for the same seed. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

test.each([1, 2, 3])('a host dies again and again, at changes drawn from seed %i', async (seed) => {
  const chance = chances(seed);
  const clock = createFakeClock();
  const relay = new ChatRelay(() => clock.now());
  let isMortal = false;
  const mortality = (): Mortality | null => (isMortal ? { at: 2 + Math.floor(chance() * 20), keeps: chance() < 0.5 } : null);
  let lives = 0;
  const records = new MemoryRecordStore();
  const clients: ChatClient[] = [];
  const onRelay = (name: string): ChatClient => {
    const made = client(name, { relays: [SERVER], openRelays: openSimRelays(relay), clock, onEvent: writeDown });
    clients.push(made);
    return made;
  };
  // Each life has a store of its own, on what was kept.
  const bot: ChatClient = new ChatClient('bot', {
    relays: [SERVER], openRelays: openSimRelays(relay), clock,
    onFailure: () => void setImmediate(() => bot.restart()),
    get store() {
      lives++;
      return new MortalStore(records, mortality());
    },
  });
  clients.push(bot);
  const host = await hosted({ client: (name) => (name === 'bot' ? bot : onRelay(name)) }, { names: ['ann'] });
  const { owner, others: [ann], groupAt } = host;
  await quiet(...clients);
  isMortal = true;
  bot.restart();
  const joiners = ['eve', 'fay'].map((name) => onRelay(name));
  const at = await Promise.all(joiners.map(async (one) => (await one.chat.connect(host.link) as { groupId: number }).groupId));
  const everybody = [owner, ann!, ...joiners];
  const groupOf = (one: ChatClient): number => (joiners.includes(one) ? at[joiners.indexOf(one)]! : groupAt(one));
  const isMet = (): boolean => everybody.every((one) => one.members(groupOf(one)).filter(({ status, isReady }) => status === 'connected' && isReady).length === 4);
  for (let turn = 0, isSaid = false; turn < 30_000 && !(isSaid && isMet()); turn++) {
    await new Promise(setImmediate);
    // When one of them is on its way in.
    if (!isSaid && joiners.some((one) => one.history.some(({ type }) => type === 'group-joined'))) {
      isSaid = true;
      await ann!.post(groupAt(ann!), 'while they come');
    }
    if (turn % 10 === 9) clock.advance(1_000);
  }
  expect(isMet()).toBe(true);
  for (const one of everybody) await one.post(groupOf(one), `of ${one.name}`);
  const own = (one: ChatClient): string[] => everybody.filter((other) => other !== one).map(({ name }) => `of ${name}`);
  const expected = (one: ChatClient): string[] => [...own(one), ...(one === ann ? [] : ['while they come']), 'Welcome!'].filter((line) => one !== owner || line !== 'Welcome!').sort();
  const isRead = async (): Promise<boolean> => (await Promise.all(everybody.map(async (one) => (await heard(one)).length >= expected(one).length))).every(Boolean);
  for (let turn = 0; turn < 3_000 && !await isRead(); turn++) {
    await new Promise(setImmediate);
    if (turn % 10 === 9) clock.advance(1_000);
  }
  isMortal = false;
  bot.restart();
  expect(bot.group(groupAt(bot)).currentMembers).toBe(5);
  expect(lives).toBeGreaterThan(2);
  await quiet(...clients);
  for (const one of everybody) expect([one.name, await heard(one)]).toEqual([one.name, expected(one)]);
  expect(bot.chat.gauges().tasks).toBe(0);
  expect(await bot.chat.inner((step) => ['introducing', 'delayed', 'arrival'].flatMap((kind) => step.records.list(kind as 'arrival')))).toEqual([]);
  bot.close();
});
