/** Nothing grows without bound (agent §7.3, §7.7, §7.8): what is forgotten when, and what is not. */
import { Agent, type Relays } from '@polyplex/agent';
import { DAY, HOUR, utf8 } from '@polyplex/base';
import { SmpClientError } from '@polyplex/client';
import { createFakeClock, FAKE_START_MS, MemoryRecordStore } from '@polyplex/testing';
import { afterEach, expect, test } from 'vitest';
import { SimRelay } from './simulation/sim-relay.ts';

const agents: Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.close();
});

const turns = async (count = 200): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

function opened() {
  const clock = createFakeClock();
  const relay = new SimRelay(() => clock.now(), 100);
  const store = new MemoryRecordStore();
  let isAway = false;
  const open = (own: MemoryRecordStore): Agent => {
    const agent = new Agent({
      store: own, clock, servers: [{ hosts: ['relay.example'], port: '', keyHash: new Uint8Array(32) }],
      inStep: (event, step) => {
        if (event.type === 'confirmation') step.allow(event.offerId, utf8('info'));
        if (event.type === 'message') step.acknowledge(event.connectionId, event.messageId);
      },
      openRelays: (onMessage): Relays => {
        const tell: typeof onMessage = (recipientId, reply) => void setImmediate(() => onMessage(recipientId, reply));
        return {
          requester: () => Promise.resolve({
            version: 18,
            request: async (command, { entityId = new Uint8Array(), key } = {}) => {
              if (isAway) throw new SmpClientError('NETWORK', 'away');
              return Promise.resolve(relay.answer({ command, entityId, isAuthorized: key !== undefined, tell }));
            },
          }),
          subscribe: (queues) => queues.forEach(({ recipientId }) => relay.subscribe(recipientId, tell)),
          forget: () => undefined, close: () => undefined,
        };
      },
    });
    agent.start();
    agents.push(agent);
    return agent;
  };
  const [a, b] = [open(store), open(new MemoryRecordStore())];
  const kinds = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const key of store.records.keys()) counts[key.slice(0, key.indexOf(' '))] = (counts[key.slice(0, key.indexOf(' '))] ?? 0) + 1;
    return counts;
  };
  return { clock, relay, store, a, b, kinds, goAway: () => (isAway = true), comeBack: () => (isAway = false) };
}

async function connected({ a, b }: ReturnType<typeof opened>): Promise<string> {
  const { request } = await b.createInvitation({ postQuantum: false });
  const atA = await a.join(request, { info: utf8('a'), postQuantum: false });
  await turns();
  expect([a, b].map((agent) => agent.connections()[0]!.stage)).toEqual(['ready', 'ready']);
  return atA;
}

/** Hours pass one after the other, and what happens in them. */
async function pass(clock: ReturnType<typeof createFakeClock>, hours: number): Promise<void> {
  for (let i = 0; i < hours; i++) {
    clock.advance(HOUR);
    await turns(20);
  }
}

test('hashes and sent messages are forgotten after three weeks, not before; connections stay', async () => {
  const world = opened();
  const atA = await connected(world);
  const { a, b, clock, kinds, store } = world;
  await a.send(atA, utf8('x'));
  await b.send(b.connections()[0]!.connectionId, utf8('y'));
  await store.change((records) => {
    records.put('keys', `${atA}/hash`, clock.now());
    records.put('skipped', `${atA}/ratchet/key/0`, { since: clock.now() });
    records.put('opened', 'link', { keys: null, since: clock.now() });
    records.put('file', 'sent', { state: 'sent', since: clock.now() });
    records.put('file', 'sending', { state: 'sending', since: clock.now() });
  });
  await turns();
  expect(kinds()).toMatchObject({ seen: 1, sent: 1, keys: 1, skipped: 1, opened: 1, file: 2 });
  await pass(clock, 20 * 24);
  expect(kinds()).toMatchObject({ seen: 1, sent: 1, keys: 1, skipped: 1, opened: 1, file: 2 });
  await pass(clock, 3 * 24);
  const { seen, sent, keys, skipped, opened: links, file, connection, ratchet } = kinds();
  expect([seen, sent, keys, skipped, links, file, connection, ratchet]).toEqual([undefined, undefined, undefined, undefined, undefined, 1, 1, 1]);
  expect(clock.now()).toBe(FAKE_START_MS + 23 * DAY);
  await a.send(atA, utf8('still there'));
  await turns();
  expect(kinds()).toMatchObject({ sent: 1 });
}, 60_000);

test('who was to be deleted after sending is deleted after two days all the same', async () => {
  const world = opened();
  const atA = await connected(world);
  const { a, clock, goAway, comeBack, kinds } = world;
  goAway();
  await a.send(atA, utf8('farewell'));
  await a.delete(atA, { afterSending: true });
  await pass(clock, 40);
  expect(a.connections()).toMatchObject([{ stage: 'ending' }]);
  await pass(clock, 10);
  expect(a.connections()).toMatchObject([{ stage: 'deleting' }]);
  comeBack();
  await pass(clock, 2);
  expect(kinds()).toEqual({ counter: 1 });
});
