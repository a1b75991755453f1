/** What an application does in the agent's own transactions: all of it once, whatever dies in between, or nothing. */
import { Agent, type AgentEvent, type AgentStep, type EventHandler } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { createFakeClock, MemoryRecordStore } from '@polyplex/testing';
import { describe, expect, test } from 'vitest';
import { SimRelay } from './simulation/sim-relay.ts';
import { MortalAgent } from './support/mortal-agent.ts';
import type { Mortality } from './support/mortal-store.ts';

const WORDS = 4;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function count(step: AgentStep, kind: string): number {
  const next = ((step.records.get(kind, 'count') as number | undefined) ?? 0) + 1;
  step.records.put(kind, 'count', next);
  return next;
}

/** Writes down each event with its number, and answers what is asked. */
const noting: EventHandler = (event, step) => {
  step.records.put('event', String(count(step, 'events')).padStart(4, '0'), event.type === 'message' ? `message ${text(event.body)}` : event.type);
  if (event.type === 'confirmation') step.allow(event.offerId, utf8('info'));
  if (event.type === 'receipt') step.acknowledge(event.connectionId, event.messageId);
  if (event.type !== 'message') return;
  step.acknowledge(event.connectionId, event.messageId, new Uint8Array());
  if (text(event.body).startsWith('say')) step.send(event.connectionId, utf8(`echo of ${text(event.body)}`));
};

const eventsOf = (agent: Agent): unknown[] => agent.read((records) => records.list('event', '').map(({ value }) => value));

async function settled(clock: ReturnType<typeof createFakeClock>, isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !isDone(); turn++) {
    await new Promise(setImmediate);
    if (turn % 10 === 9) clock.advance(1_000);
  }
}

const MORTALITIES: readonly (Mortality | null)[] = [
  null,
  ...[2, 3, 4, 5, 7, 9].map((at) => ({ at, keeps: false })),
  ...[1, 2, 3, 4, 5, 7, 9].map((at) => ({ at, keeps: true })),
];

test.each(MORTALITIES)('each event is handled once, each answer sent once, where processes die like this: %o', async (mortality) => {
  const clock = createFakeClock();
  const relay = new SimRelay(() => clock.now(), 100);
  const [a, b] = [0, 1].map(() => new MortalAgent({ relay, clock, mortality, inStep: noting })) as [MortalAgent, MortalAgent];
  const made = ({ agent }: MortalAgent): string | undefined => agent.read((records) => records.get('connection', 'made')) as string | undefined;

  while (made(a) === undefined) {
    await a.attempt((agent) => agent.createInvitation({
      postQuantum: false,
      also: (step, connectionId, { request }) => {
        step.records.put('request', 'made', request);
        step.records.put('connection', 'made', connectionId);
      },
    }));
  }
  const request = a.agent.read((records) => records.get('request', 'made')) as Parameters<Agent['join']>[0];
  while (made(b) === undefined) {
    await b.attempt((agent) => agent.join(request, { info: utf8('b'), postQuantum: false, also: (step, connectionId) => step.records.put('connection', 'made', connectionId) }));
  }
  const isConnected = (): boolean => [a, b].every(({ agent }) => eventsOf(agent).includes('connected'));
  await settled(clock, isConnected);
  for (let said = 0; said < WORDS;) {
    await a.attempt((agent) => agent.change((step) => step.send(made(a)!, utf8(`say ${String(count(step, 'said'))}`))));
    said = (a.agent.read((records) => records.get('said', 'count')) as number | undefined) ?? 0;
  }
  const isDone = (): boolean => [a, b].every(({ agent }) => eventsOf(agent).filter((event) => event === 'receipt').length === WORDS) && relay.waiting === 0;
  await settled(clock, isDone);

  const words = Array.from({ length: WORDS }, (_, i) => `say ${String(i + 1)}`);
  const of = ({ agent }: MortalAgent, type: string): unknown[] => eventsOf(agent).filter((event) => (event as string).startsWith(type));
  expect(of(b, 'message')).toEqual(words.map((word) => `message ${word}`));
  expect(of(a, 'message')).toEqual(words.map((word) => `message echo of ${word}`));
  for (const side of [a, b]) {
    expect([of(side, 'receipt').length, of(side, 'sent').length, of(side, 'connected').length]).toEqual([WORDS, WORDS, 1]);
    if (mortality !== null) expect(side.lives).toBeGreaterThan(2);
    side.agent.close();
  }
  expect([of(a, 'confirmation').length, of(b, 'info').length, relay.waiting]).toEqual([1, 1, 0]);
});

interface Pair {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly relay: SimRelay;
  readonly store: MemoryRecordStore;
  readonly a: Agent;
  readonly b: Agent;
  readonly atA: string;
  readonly atB: string;
  readonly failures: unknown[];
}

/** Two that have met; the first handles events in steps by `inStep`. */
async function pair(inStep: EventHandler, onEvent: (event: AgentEvent) => void = () => undefined): Promise<Pair> {
  const clock = createFakeClock();
  const relay = new SimRelay(() => clock.now(), 100);
  const store = new MemoryRecordStore();
  const failures: unknown[] = [];
  const open = (own: MemoryRecordStore, handler: EventHandler, listener: (event: AgentEvent) => void): Agent => {
    const agent = new Agent({
      store: own, clock, inStep: handler, onEvent: listener, onFailure: (error) => failures.push(error),
      servers: [{ hosts: ['relay.example'], port: '', keyHash: new Uint8Array(32) }],
      openRelays: (onMessage) => {
        const tell: typeof onMessage = (recipientId, reply) => void setImmediate(() => onMessage(recipientId, reply));
        return {
          requester: () => Promise.resolve({
            version: 18, request: (command, { entityId = new Uint8Array(), key } = {}) => Promise.resolve(relay.answer({ command, entityId, isAuthorized: key !== undefined, tell })),
          }),
          subscribe: (queues) => queues.forEach(({ recipientId }) => relay.subscribe(recipientId, tell)),
          forget: () => undefined, close: () => undefined,
        };
      },
    });
    agent.start();
    return agent;
  };
  const [a, b] = [open(store, inStep, onEvent), open(new MemoryRecordStore(), noting, () => undefined)];
  const { connectionId: atB, request } = await b.createInvitation({ postQuantum: false });
  const atA = await a.join(request, { info: utf8('a'), postQuantum: false });
  await settled(clock, () => eventsOf(b).includes('connected') && a.connections().every(({ stage }) => stage === 'ready'));
  return { clock, relay, store, a, b, atA, atB, failures };
}

describe('a step', () => {
  test('that throws has changed nothing, and rejects', async () => {
    const { a, b, atA, store, clock } = await pair(noting);
    const before = store.records;
    await expect(a.change((step) => {
      step.records.put('mine', 'x', 1);
      step.send(atA, utf8('never'));
      throw new Error('no');
    })).rejects.toThrow('no');
    expect(store.records).toEqual(before);
    await a.send(atA, utf8('then this'));
    await settled(clock, () => eventsOf(b).includes('message then this'));
    expect(eventsOf(b).filter((event) => (event as string).startsWith('message'))).toEqual(['message then this']);
  });

  test('sees what it has refused as not done', async () => {
    const { a, b, atA, clock } = await pair(noting);
    await a.change((step) => {
      expect(() => step.send(atA, new Uint8Array(20_000))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
      expect(() => step.send('unknown', new Uint8Array())).toThrow(expect.objectContaining({ code: 'UNKNOWN' }));
      step.send(atA, utf8('small'));
    });
    await settled(clock, () => eventsOf(b).includes('message small'));
    expect(eventsOf(b)).not.toContain('ignored');
  });

  test('does what comes afterwards once, when it is kept', async () => {
    const { a } = await pair(noting);
    const done: string[] = [];
    await a.change((step) => step.afterwards(() => void done.push('kept')));
    await expect(a.change((step) => {
      step.afterwards(() => void done.push('not kept'));
      throw new Error('no');
    })).rejects.toThrow('no');
    expect(done).toEqual(['kept']);
  });

  test('keeps records of the application apart from the agent’s', async () => {
    const { a, atA } = await pair(noting);
    await a.change((step) => {
      expect(step.records.get('connection', atA)).toBeUndefined();
      step.records.put('connection', atA, 'mine');
      expect(step.records.list('connection', '')).toEqual([{ key: atA, value: 'mine' }]);
    });
    expect(a.connections()).toMatchObject([{ connectionId: atA, stage: 'ready' }]);
    await a.change((step) => step.records.remove('connection', atA));
    expect([a.read((records) => records.list('connection', '')), a.connections().length]).toEqual([[], 1]);
  });

  test('that cannot handle an event fails the agent, and the event is there when it is made anew', async () => {
    const told: string[] = [];
    const { a, b, atB, store, relay, clock, failures } = await pair((event) => {
      if (event.type === 'message') throw new Error('cannot');
    }, ({ type }) => told.push(type));
    await b.send(atB, utf8('handle this'));
    await settled(clock, () => failures.length > 0);
    expect([failures, told.includes('message'), relay.waiting]).toEqual([[new Error('cannot')], false, 1]);
    const records = store.records;
    await new Promise(setImmediate);
    expect(store.records).toBe(records);
    a.close();
  });

  test('is that of who asked for what makes an event, too', async () => {
    let isThrowing = false;
    const seen: unknown[] = [];
    const { a, atA, store, failures } = await pair((event, step) => {
      if (event.type !== 'sync') return;
      seen.push(step.records.get('mine', 'before'));
      if (isThrowing) throw new Error('cannot');
      step.records.put('mine', 'before', event.state);
    });
    await a.renewKeys(atA, { force: true });
    expect([seen, a.read((records) => records.get('mine', 'before'))]).toEqual([[undefined], 'started']);
    isThrowing = true;
    const before = store.records;
    await expect(a.renewKeys(atA, { force: true })).rejects.toThrow('cannot');
    expect([failures, store.records === before]).toEqual([[new Error('cannot')], true]);
  });
});

describe('a new connection that the application does not want after all', () => {
  test('is not made, and its queue is gone from the relay', async () => {
    const { a, relay, store } = await pair(noting);
    const [before, queues] = [store.records, relay.queues];
    const also = (): never => {
      throw new Error('changed my mind');
    };
    await expect(a.createInvitation({ also })).rejects.toThrow('changed my mind');
    await expect(a.createAddress({ also })).rejects.toThrow('changed my mind');
    expect([store.records === before, relay.queues]).toEqual([true, queues]);
  });
});

describe('deleting after sending', () => {
  test('sends what was sent before, then deletes everything; nothing is told of what comes meanwhile', async () => {
    const { a, b, atA, atB, clock, store, relay } = await pair(noting);
    await b.send(atB, utf8('to be forgotten'));
    const before = eventsOf(a).length;
    await a.change((step) => {
      step.send(atA, utf8('farewell'));
      step.send(atA, utf8('really'));
      step.delete(atA, { afterSending: true });
      expect(() => step.send(atA, utf8('one more'))).toThrow(expect.objectContaining({ code: 'PROHIBITED' }));
    });
    await settled(clock, () => a.connections().length === 0);
    await settled(clock, () => eventsOf(b).includes('message really'));
    expect(eventsOf(b).filter((event) => (event as string).startsWith('message'))).toEqual(['message farewell', 'message really']);
    expect(eventsOf(a).slice(before)).toEqual(['sent', 'sent']);
    expect([...store.records.keys()].filter((key) => !key.startsWith('app:') && !key.startsWith('counter'))).toEqual([]);
    expect(relay.queues).toBe(1);
  });

  test('does it at once where nothing waits', async () => {
    const { a, atA, clock } = await pair(noting);
    await settled(clock, () => false);
    await a.delete(atA, { afterSending: true });
    await settled(clock, () => a.connections().length === 0);
    expect(a.connections()).toEqual([]);
    await a.delete(atA);
  });
});
