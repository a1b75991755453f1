/**
 * What does a directory of 1,000 groups and 10,000 members cost: its start, its memory, a search, a join; and a group of 10,000: a join, and a message
 * of a member to all? The bot is a process of its own, so is the relay; who asks and who joins is here. Those who are members already are records,
 * which take what they are sent and say nothing.
 */
import { Chat } from '@polyplex/chat';
import { MemoryRecordStore } from '@polyplex/testing';
import { addListedGroups } from '../../libs/directory/bench/many-groups.ts';
import { type BotProcess, botFolder, startBot } from '../lib/directory-bot.ts';
import { Joiner } from '../../libs/chat/bench/joiner.ts';
import { type Figure, median, spread } from '../lib/measure.ts';
import { type Crowd, networkOf, Preparing, profileOf, until } from '../lib/members.ts';
import { type ServerProcess, startServer } from '../lib/server-process.ts';
import type { StepTimes } from '../../libs/chat/bench/timed-store.ts';

const GROUPS = 1_000;
const MEMBERS = 10_000;
const LARGE = 10_000;
const SMALL_GROUPS = 8;
const SEARCHES = 40;
const WIDTH = 4;

export async function directory(): Promise<readonly Figure[]> {
  return [...(await manyGroups()), ...(await largeGroup())];
}

async function manyGroups(): Promise<readonly Figure[]> {
  await using parts = new AsyncDisposableStack();
  const relay = await startServer('relay');
  parts.defer(() => relay.stop());
  const empty = await startBot(parts, await botFolder(parts, () => Promise.resolve()), relay.address);
  let targets: readonly Crowd[] = [];
  const folder = await botFolder(parts, async (store) => {
    const host = new Preparing(store, relay.address);
    host.start();
    const groupIds = (await Promise.all(Array.from({ length: GROUPS / 100 }, (_, at) => host.change((step) => addListedGroups(step, { from: at * 100 + 1, until: at * 100 + 101 }))))).flat();
    const crowds = crowdsOf(groupIds);
    await host.populate(crowds);
    targets = crowds.filter(({ areWrittenTo }) => areWrittenTo);
    // So that a start is one of many.
    await host.createAddress();
    host.close();
  });
  const bot = await startBot(parts, folder, relay.address);
  const { startMs } = await bot.tell({ ask: 'start' });
  const { startMs: emptyMs } = await empty.tell({ ask: 'start' });
  await Promise.all([bot.settle(), empty.settle()]);
  const held = [(await bot.held()).heap, (await empty.held()).heap] as const;
  const resident = [bot.anonymousBytes(), empty.anonymousBytes()] as const;
  return [
    { name: 'start, 1,000 groups and 10,000 members', value: startMs, unit: 'ms' },
    { name: '  empty', value: emptyMs, unit: 'ms' },
    { name: '  memory beyond an empty one', value: (resident[0] - resident[1]) / 2 ** 20, unit: 'MiB' },
    { name: '  heap beyond an empty one', value: (held[0] - held[1]) / 2 ** 20, unit: 'MiB' },
    ...(await searches(bot, relay)),
    ...(await joins(bot, relay, targets)),
  ];
}

/** One of 100 members, the others of 10, as many as there are members; of some of them the members take what they are sent. */
function crowdsOf(groupIds: readonly number[]): readonly Crowd[] {
  const crowds = groupIds.map((groupId, at) => ({ groupId, size: at === 0 ? 100 : 10, areWrittenTo: at <= SMALL_GROUPS }));
  return crowds.slice(0, 1 + (MEMBERS - 100) / 10);
}

/** How many messages answer, by the first. */
function answersTo(text: string): number {
  const [, total, , sent] = /(?:Found )?(\d+) group\(s\)( listed)?(?:, sending top (\d+))?/.exec(text) ?? [];
  if (total === undefined) return 1;
  return sent === undefined ? Number(total) + 1 : Number(sent) + 2;
}

async function searches(bot: BotProcess, relay: ServerProcess): Promise<readonly Figure[]> {
  const heard: string[] = [];
  let isReady = false;
  const asker = new Chat({
    store: new MemoryRecordStore(), ...networkOf(relay.address), profile: profileOf('asker'),
    // More answers than anybody asks for.
    messageRate: { burst: 1e6, perSecond: 1e6 },
    application: {
      onEvent(event) {
        if (event.type === 'contact-ready') isReady = true;
        if (event.type === 'direct-message') heard.push(event.message.container.content.text);
      },
    },
  });
  asker.start();
  await asker.connect((await bot.tell({ ask: 'start' })).address);
  // The bot greets.
  await until(() => (isReady && heard.length > 0 ? true : undefined));
  const contactId = asker.read((reading) => reading.contacts()[0]!.contactId);
  const ask = async (text: string): Promise<number> => {
    heard.length = 0;
    const began = performance.now();
    await asker.change((step) => step.sendToContact(contactId, { type: 'text', text }));
    await until(() => (heard.length > 0 && heard.length >= answersTo(heard[0]!) ? true : undefined));
    return performance.now() - began;
  };
  const figures: Figure[] = [];
  for (const text of ['nothing of the kind', 'rarity', 'garden']) {
    await ask(text);
    await bot.tell({ ask: 'steps' });
    const before = bot.cpuMicros();
    const times: number[] = [];
    for (let at = 0; at < SEARCHES; at++) times.push(await ask(text));
    const cpuMs = (bot.cpuMicros() - before) / 1000 / SEARCHES;
    times.sort((a, b) => a - b);
    figures.push(
      { name: `search, ${heard.length} messages answer: until the last (p50)`, value: median(times), unit: 'ms' },
      { name: '  p99', value: times[Math.floor(times.length * 0.99)]!, unit: 'ms' },
      { name: '  bot', value: cpuMs, unit: 'ms CPU' },
      { name: '  longest step', value: (await bot.tell({ ask: 'steps' })).cpuLongest, unit: 'ms CPU' },
    );
  }
  asker.close();
  return figures;
}

async function joins(bot: BotProcess, relay: ServerProcess, targets: readonly Crowd[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const size of [10, 100]) {
    const links: string[] = [];
    for (const { groupId } of targets.filter((crowd) => crowd.size === size)) links.push(await bot.tell({ ask: 'link', groupId }));
    figures.push(...(await joinsInto(bot, relay, { size, links, joins: size === 10 ? 3 * links.length : 8 })));
  }
  return figures;
}

interface JoinsOptions {
  readonly size: number;
  readonly links: readonly string[];
  readonly joins: number;
}

/** Newcomers are whole clients: each makes an invitation for all of whom it is told, which the bot passes on. */
async function joinsInto(bot: BotProcess, relay: ServerProcess, { size, links, joins: count }: JoinsOptions): Promise<readonly Figure[]> {
  const passedOn = (): Promise<number> => bot.tell({ ask: 'sent', event: 'x.grp.mem.fwd' });
  const [cpu, sent, began] = [bot.cpuMicros(), await passedOn(), performance.now()];
  await bot.tell({ ask: 'steps' });
  const newcomers: Chat[] = [];
  await spread(count, WIDTH, async (at) => {
    const newcomer = new Chat({
      store: new MemoryRecordStore(), ...networkOf(relay.address), profile: profileOf(`newcomer ${at}`), application: { onEvent: () => undefined },
    });
    newcomers.push(newcomer);
    newcomer.start();
    await newcomer.connect(links[at % links.length]!);
    await until(() => (newcomer.gauges().members > size ? true : undefined));
  });
  await until(async () => ((await passedOn()) - sent >= count * size ? true : undefined));
  const seconds = (performance.now() - began) / 1000;
  const cpuMs = (bot.cpuMicros() - cpu) / 1000 / count;
  for (const newcomer of newcomers) newcomer.close();
  return [
    { name: `joins into groups of ${size}`, value: (count / seconds) * 60, unit: 'a minute' },
    { name: '  bot, for one', value: cpuMs, unit: 'ms CPU' },
    ...steps(await bot.tell({ ask: 'steps' })),
  ];
}

function steps({ count, cpuP50, cpuP99, cpuLongest, wallP99, wallLongest }: StepTimes): readonly Figure[] {
  return [
    { name: '  steps', value: count, unit: '' },
    { name: '  step (p50)', value: cpuP50, unit: 'ms CPU' },
    { name: '  step (p99)', value: cpuP99, unit: 'ms CPU' },
    { name: '  longest step', value: cpuLongest, unit: 'ms CPU' },
    { name: '  lock held (p99)', value: wallP99, unit: 'ms' },
    { name: '  lock held at the longest', value: wallLongest, unit: 'ms' },
  ];
}

async function largeGroup(): Promise<readonly Figure[]> {
  await using parts = new AsyncDisposableStack();
  const relay = await startServer('relay');
  parts.defer(() => relay.stop());
  let groupId = 0;
  const folder = await botFolder(parts, async (store) => {
    const host = new Preparing(store, relay.address);
    host.start();
    ({ groupId } = await host.createGroup('Large'));
    await host.populate([{ groupId, size: LARGE, areWrittenTo: true }]);
    host.close();
  });
  const bot = await startBot(parts, folder, relay.address);
  const newcomer = new Joiner(networkOf(relay.address), 'newcomer');
  parts.defer(() => newcomer.close());
  const link = await bot.tell({ ask: 'link', groupId });
  await bot.settle();
  const joined = await stretch(bot, async () => {
    await newcomer.join(link);
    await newcomer.welcomed;
    await quiet(bot);
  });
  if (newcomer.introduced < LARGE) throw new Error(`the newcomer was told of ${newcomer.introduced} members only`);
  const said = await stretch(bot, async () => {
    await newcomer.say('hello');
    await until(async () => ((await bot.tell({ ask: 'sent', event: 'x.grp.msg.forward' })) >= LARGE ? true : undefined));
    await quiet(bot);
  });
  return [...figuresOf('join into a group of 10,000', joined), ...figuresOf('message of a member, passed on to 10,000', said)];
}

interface Stretch {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly megabytes: number;
  readonly times: StepTimes;
}

async function stretch(bot: BotProcess, work: () => Promise<void>): Promise<Stretch> {
  await bot.tell({ ask: 'steps' });
  const before = bot.anonymousBytes();
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, bot.anonymousBytes())), 100);
  const [cpu, began] = [bot.cpuMicros(), performance.now()];
  await work();
  clearInterval(sampling);
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: (bot.cpuMicros() - cpu) / 1e6, megabytes: (most - before) / 2 ** 20, times: await bot.tell({ ask: 'steps' }) };
}

/** It has nothing to do: what was given to the agent is at the relay. */
async function quiet(bot: BotProcess): Promise<void> {
  for (let before = -1; ;) {
    const now = bot.cpuMicros();
    if (now - before < 20_000) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function figuresOf(name: string, { seconds, cpuSeconds, megabytes, times }: Stretch): readonly Figure[] {
  return [
    { name, value: seconds, unit: 's' },
    { name: '  bot', value: cpuSeconds, unit: 's CPU' },
    { name: '  memory at the most, beyond before', value: megabytes, unit: 'MiB' },
    ...steps(times),
  ];
}
