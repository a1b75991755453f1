/** Queues move from one real relay to another (agent §7.6). */
import type { ServerNode } from '@polyplex/local-cluster';
import { parseAddress } from '@polyplex/protocol-common';
import { expect, test } from 'vitest';
import { introduced, TestAgent } from './support/test-agent.ts';
import { withRelays } from './support/with-relays.ts';

const { relays, agent: newAgent } = withRelays(2);
/** Its first queue is at the first relay; later ones at either. */
const agent = (): TestAgent => newAgent({ random: () => 0 });

const portOf = ({ address }: ServerNode): string => parseAddress(address)!.port;
const portsOf = ({ store }: TestAgent, kind: 'receiving' | 'sending'): string[] =>
  store.read((records) => records.list(kind, '')).map(({ value }) => (value as { server: { port: string } }).server.port);

async function states(side: TestAgent, until: string): Promise<string[]> {
  const seen: string[] = [];
  while (seen.at(-1) !== until) {
    const { queue, state } = await side.next('switch');
    seen.push(`${queue} ${state}`);
  }
  return seen;
}

/** Until it has nothing left to do at relays. */
function idle({ store }: TestAgent): Promise<void> {
  return expect.poll(() => store.read((records) => records.list('task', ''))).toEqual([]);
}

const OURS = ['receiving sending-qadd', 'receiving sending-quse', 'receiving received-message', 'receiving done'];
const THEIRS = ['sending sending-qkey', 'sending sending-qtest', 'sending done'];

test('a queue moves while messages go both ways, and none is lost or told twice', async () => {
  const [a, b] = [agent(), agent()];
  const { atA, atB } = await introduced(a, b);
  expect(portsOf(b, 'receiving')).toEqual([portOf(relays[0]!)]);
  const moved = Promise.all([states(b, 'receiving done'), states(a, 'sending done')]);
  const moving = b.agent.switchQueue(atB);
  for (let i = 0; i < 8; i++) {
    await a.say(atA, `to b ${String(i)}`);
    await b.say(atB, `to a ${String(i)}`);
  }
  await moving;
  const heard: string[][] = [[], []];
  for (let i = 0; i < 8; i++) for (const [at, side] of [a, b].entries()) heard[at]!.push((await side.read()).text);
  expect(heard.map((texts) => texts.toSorted())).toEqual(['a', 'b'].map((to) => Array.from({ length: 8 }, (_, i) => `to ${to} ${String(i)}`)));
  expect(await moved).toEqual([OURS, THEIRS]);
  await expect.poll(() => [portsOf(b, 'receiving'), portsOf(a, 'sending')]).toEqual([[portOf(relays[1]!)], [portOf(relays[1]!)]]);
  await a.say(atA, 'at the new one');
  expect(await b.read()).toEqual({ text: 'at the new one', verdict: 'ok' });
  expect([...a.events, ...b.events].filter(({ type }) => type === 'ignored' || type === 'not-sent' || type === 'message')).toEqual([]);
  for (const { agent: side, events } of [a, b]) {
    side.close();
    const sent = events.flatMap((event) => (event.type === 'sent' ? [event.messageId] : []));
    expect(sent.length).toBe(new Set(sent).size);
  }
});

test('both queues move, one after the other and back, over restarts', async () => {
  const [a, b] = [agent(), agent()];
  const { atA, atB } = await introduced(a, b, false);
  for (let round = 0; round < 2; round++) {
    for (const [side, at, other] of [[a, atA, b], [b, atB, a]] as const) {
      await side.agent.switchQueue(at);
      other.restart();
      side.restart();
      await Promise.all([states(side, 'receiving done'), states(other, 'sending done')]);
    }
    await a.say(atA, 'to b');
    expect((await b.read()).text).toBe('to b');
    await b.say(atB, 'to a');
    expect((await a.read()).text).toBe('to a');
  }
});

test('what waits for a relay that is gone goes to the new queue', async () => {
  const [a, b] = [agent(), agent()];
  const { atA, atB } = await introduced(a, b);
  // Ours moves first, so that nothing but messages to b goes over the relay that dies.
  await a.agent.switchQueue(atA);
  await Promise.all([states(a, 'receiving done'), states(b, 'sending done')]);
  // Each is there alone, so nothing goes on before it is said here.
  a.agent.close();
  await b.agent.switchQueue(atB);
  await idle(b);
  b.agent.close();
  a.restart();
  await states(a, 'sending sending-qkey');
  await idle(a);
  a.agent.close();
  b.restart();
  await states(b, 'receiving sending-quse');
  await idle(b);
  await relays[0]!.kill();
  a.restart();
  // The other side has not yet read that there is a new queue to be used.
  await a.say(atA, 'waits');
  expect(portsOf(a, 'sending').toSorted()).toEqual([portOf(relays[0]!), portOf(relays[1]!)].toSorted());
  await states(a, 'sending done');
  expect((await b.read()).text).toBe('waits');
  expect(await a.next('sent')).toMatchObject({ connectionId: atA });
  expect(a.events.filter(({ type }) => type === 'sent' || type === 'not-sent')).toEqual([]);
  await relays[0]!.restart();
  await states(b, 'receiving done');
});

test('a message that the application holds keeps the old queue', async () => {
  const [a, b] = [agent(), agent()];
  const { atA, atB } = await introduced(a, b);
  await b.agent.switchQueue(atB);
  await b.next('switch');
  await a.say(atA, 'held');
  await a.say(atA, 'behind it');
  const held = await b.next('message');
  expect(new TextDecoder().decode(held.body)).toBe('held');
  await b.agent.acknowledge(atB, held.messageId);
  expect((await b.read()).text).toBe('behind it');
  await states(b, 'receiving done');
});

test('a move can be given up while it is not answered, and begun again', async () => {
  const [a, b] = [agent(), agent()];
  const { atA, atB } = await introduced(a, b);
  await expect(b.agent.abortSwitch(atB)).rejects.toMatchObject({ code: 'PROHIBITED' });
  a.agent.close();
  await b.agent.switchQueue(atB);
  await expect(b.agent.switchQueue(atB)).rejects.toMatchObject({ code: 'PROHIBITED' });
  await b.agent.abortSwitch(atB);
  await expect.poll(() => portsOf(b, 'receiving')).toEqual([portOf(relays[0]!)]);
  await b.agent.switchQueue(atB);
  b.events.splice(0);
  a.restart();
  await states(b, 'receiving done');
  await a.say(atA, 'here');
  expect((await b.read()).text).toBe('here');
  expect(portsOf(a, 'sending')).toEqual([portOf(relays[1]!)]);
});
