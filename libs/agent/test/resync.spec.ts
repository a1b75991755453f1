/** Ratchets that have come apart, over a real relay (agent §7.7): one side lives on with an old copy of its store. */
import { describe, expect, test } from 'vitest';
import { introduced, TestAgent } from './support/test-agent.ts';
import { withRelays } from './support/with-relays.ts';

const { agent } = withRelays();

interface Pair {
  readonly a: TestAgent;
  readonly b: TestAgent;
  readonly atA: string;
  readonly atB: string;
}

async function talk({ a, b, atA, atB }: Pair, word: string): Promise<void> {
  for (const round of ['1', '2']) {
    await a.say(atA, `to b ${word} ${round}`);
    expect((await b.read()).text).toBe(`to b ${word} ${round}`);
    await b.say(atB, `to a ${word} ${round}`);
    expect((await a.read()).text).toBe(`to a ${word} ${round}`);
  }
}

async function pair(postQuantum: boolean): Promise<Pair> {
  const [a, b] = [agent(), agent()];
  return { a, b, ...(await introduced(a, b, postQuantum)) };
}

/** Until the ratchets fit; all states on the way. */
async function healed(side: TestAgent): Promise<string[]> {
  const states: string[] = [];
  while (states.at(-1) !== 'ok') states.push((await side.next('sync')).state);
  return states;
}

/** Until both say so, whatever they said before. */
function fit({ a, b }: Pair): Promise<void> {
  return expect.poll(() => [a, b].map(({ agent: side }) => side.connections()[0]!.sync)).toEqual(['ok', 'ok']);
}

/** One side goes on with a copy from before the last two steps of the ratchet. */
async function apart(p: Pair, who: 'a' | 'b'): Promise<void> {
  await talk(p, 'before');
  const copy = p[who].store.records;
  await talk(p, 'between');
  await expect.poll(() => [p.a, p.b].flatMap(({ store }) => store.read((records) => records.list('task', '')))).toEqual([]);
  p[who].restore(copy);
}

describe.each([[true], [false]])('post-quantum: %s', (postQuantum) => {
  test.each([['a', 'b'], ['b', 'a'], ['a', 'a'], ['b', 'b']] as const)('%s has an old copy, %s speaks: both heal, and talk', async (old, speaker) => {
    const p = await pair(postQuantum);
    await apart(p, old);
    await p[speaker].say(speaker === 'a' ? p.atA : p.atB, 'lost');
    const listener = speaker === 'a' ? p.b : p.a;
    const [first, second] = await Promise.all([healed(listener), healed(p[speaker])]);
    expect(first).toEqual(['required', 'started', 'agreed', 'ok']);
    expect(second).toEqual(['agreed', 'ok']);
    await talk(p, 'after');
    for (const { store } of [p.a, p.b]) {
      expect(store.read((records) => records.list('connection', '')).map(({ value }) => value)).toMatchObject([{ sync: 'ok', postQuantum }]);
      expect(store.read((records) => records.list('parameters', ''))).toEqual([]);
      if (postQuantum) expect(store.read((records) => records.list('ratchet', '')).map(({ value }) => value)).toMatchObject([{ pq: { sending: true, receiving: true } }]);
    }
  });
});

test('when both begin at the same time they agree all the same', async () => {
  const p = await pair(true);
  await talk(p, 'before');
  await Promise.all([p.a.agent.renewKeys(p.atA, { force: true }), p.b.agent.renewKeys(p.atB, { force: true })]);
  await Promise.all([healed(p.a), healed(p.b)]);
  await talk(p, 'after');
});

test('nothing is sent while keys are renewed, and nothing is renewed without a reason', async () => {
  const p = await pair(false);
  await expect(p.a.agent.renewKeys(p.atA)).rejects.toMatchObject({ code: 'PROHIBITED' });
  p.b.agent.close();
  await p.a.agent.renewKeys(p.atA, { force: true });
  await expect(p.a.say(p.atA, 'x')).rejects.toMatchObject({ code: 'PROHIBITED' });
  p.b.restart();
  await Promise.all([healed(p.a), healed(p.b)]);
  await talk(p, 'after');
});

test('one that begins once more after both have agreed is answered with the same keys', async () => {
  const p = await pair(false);
  p.b.agent.close();
  await p.a.agent.renewKeys(p.atA, { force: true });
  p.b.restart();
  while ((await p.a.next('sync')).state !== 'agreed') { /* until then */ }
  await p.a.agent.renewKeys(p.atA, { force: true });
  await fit(p);
  await talk(p, 'after');
});

test('one that begins once more is answered once more', async () => {
  const p = await pair(false);
  p.b.agent.close();
  await p.a.agent.renewKeys(p.atA, { force: true });
  await p.a.agent.renewKeys(p.atA, { force: true });
  p.b.restart();
  await fit(p);
  await talk(p, 'after');
});
