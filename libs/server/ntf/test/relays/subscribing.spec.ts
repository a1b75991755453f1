/** What each answer and event of a relay does to its subscriptions (NTF §2.5, §4.2, §4.3). */
import { equalBytes } from '@polyplex/base';
import { SmpClientError } from '@polyplex/client';
import type { SmpError } from '@polyplex/protocol-smp';
import { StoreError } from '@polyplex/store-contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Stage } from './support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.create();
});
afterEach(() => stage.stop());

const all = (count: number, status: string): string[] => Array.from({ length: count }, () => status);

test('all that is there at the start is subscribed, page by page, and new ones as they come', async () => {
  const { relay, fake } = stage.addRelay();
  const there = await stage.subscriptions(relay, 25);
  const node = stage.started({ options: { pageSize: 7, chunkSize: 3 } });
  await stage.pass(3000);
  expect(await stage.statuses(there)).toEqual(all(25, 'ACTIVE'));
  expect(fake.subscribed.size).toBe(25);
  const before = fake.nsubs;
  const fresh = await stage.subscriptions(relay, 5);
  await stage.pass(200);
  expect(await stage.statuses(fresh)).toEqual(all(5, 'ACTIVE'));
  expect(fake.nsubs).toBe(before + 5);
  await stage.pass(61_000, 1000);
  expect(node.side.gauges().relays).toMatchObject([{ host: 'relay0.example', state: 'subscribed', subscriptions: 30, active: 30, troubles: [], awaySince: null }]);
  expect(fake.sessions).toHaveLength(1);
});

test('new ones are found without a hint, and do not wait for a long walk', async () => {
  const { relay, fake } = stage.addRelay();
  const there = await stage.subscriptions(relay, 1000);
  await stage.store.takeNew(relay, 1000);
  expect(await stage.statuses(there)).toEqual(all(1000, 'PENDING'));
  stage.started({ options: { chunkSize: 10, subscribesPerSecondAndRelay: 20 }, around: (store) => ({ ...store, onNew: () => undefined }) });
  await stage.pass(4000);
  const [fresh] = await stage.subscriptions(relay, 1);
  await stage.pass(46_000, 500);
  expect(fake.subscribed.size).toBeLessThan(999);
  expect(await stage.status(fresh!)).toBe('ACTIVE');
});

test('a walk is paced: of one relay, and of all together', async () => {
  const [one, two] = [stage.addRelay(), stage.addRelay()];
  for (const { relay } of [one, two]) await stage.subscriptions(relay, 300);
  stage.started({ options: { spreadMs: 0, chunkSize: 10, subscribesPerSecondAndRelay: 50, subscribesPerSecond: 80 } });
  await stage.pass(2000);
  for (const { fake } of [one, two]) expect(fake.nsubs).toBeLessThanOrEqual(110);
  expect(one.fake.nsubs + two.fake.nsubs).toBeLessThanOrEqual(180);
  expect(Math.min(one.fake.nsubs, two.fake.nsubs)).toBeGreaterThan(50);
});

describe('an answer to NSUB', () => {
  const refusals: readonly (readonly [SmpError, string])[] = [
    [{ type: 'AUTH' }, 'AUTH'],
    [{ type: 'SERVICE' }, 'SERVICE'],
    [{ type: 'QUOTA' }, 'ERR SMP error QUOTA'],
    [{ type: 'CMD', error: 'PROHIBITED' }, 'ERR SMP error CMD PROHIBITED'],
  ];
  test.each(refusals)('%j makes it %s, for good', async (error, status) => {
    const { relay, fake } = stage.addRelay();
    const [one, other] = await stage.subscriptions(relay, 2);
    fake.odd = ({ entityId }) => (equalBytes(entityId!, one!.notifierId) ? { tag: 'ERR', error } : undefined);
    stage.started();
    await stage.pass(3000);
    expect(await stage.statuses([one!, other!])).toEqual([status, 'ACTIVE']);
    fake.odd = () => undefined;
    fake.last.lose();
    await stage.pass(5000);
    expect(fake.sessions).toHaveLength(2);
    expect(await stage.statuses([one!, other!])).toEqual([status, 'ACTIVE']);
    expect(fake.last.nsubsFor(one!.notifierId)).toBe(0);
  });

  test.each([
    [new SmpClientError('RESPONSE', '', { broker: { type: 'RESPONSE', text: 'SYNTAX' } }), 'ERR ResponseError SYNTAX'],
    [new SmpClientError('UNEXPECTED', '', { broker: { type: 'UNEXPECTED', text: 'entity\n of x' } }), 'ERR UnexpectedResponse entity? of x'],
    [new SmpClientError('TRANSPORT', '', { broker: { type: 'TRANSPORT', error: 'NO_AUTH' } }), 'ERR TransportError NO_AUTH'],
    [{ tag: 'PONG' } as const, 'ERR UnexpectedResponse PONG'],
  ])('that is none makes it an error', async (answer, status) => {
    const { relay, fake } = stage.addRelay();
    const [one] = await stage.subscriptions(relay, 1);
    fake.odd = () => answer;
    stage.started();
    await stage.pass(3000);
    expect(await stage.status(one!)).toBe(status);
  });

  test.each([
    null,
    new SmpClientError('BUSY', ''),
    new SmpClientError('NETWORK', ''),
    new SmpClientError('TRANSPORT', '', { broker: { type: 'TRANSPORT', error: 'BLOCK' } }),
    { tag: 'ERR', error: { type: 'INTERNAL' } } as const,
    { tag: 'ERR', error: { type: 'STORE', text: 'x' } } as const,
  ])('that says nothing of it leaves it as it is, and it is tried again: %s', async (answer) => {
    const { relay, fake } = stage.addRelay();
    const [one] = await stage.subscriptions(relay, 1);
    fake.odd = () => answer;
    stage.started();
    await stage.pass(3000);
    expect(['NEW', 'PENDING']).toContain(await stage.status(one!));
    fake.odd = () => undefined;
    await stage.pass(12_000);
    expect(await stage.status(one!)).toBe('ACTIVE');
    expect(fake.sessions).toHaveLength(1);
  });

  test('OK of an old relay is good', async () => {
    const { relay, fake } = stage.addRelay();
    const [one] = await stage.subscriptions(relay, 1);
    fake.odd = () => ({ tag: 'OK' });
    stage.started();
    await stage.pass(3000);
    expect(await stage.status(one!)).toBe('ACTIVE');
  });

  test('a key that is none is an error of this one alone', async () => {
    const { relay } = stage.addRelay();
    const [good] = await stage.subscriptions(relay, 1);
    const [bad] = await stage.subscriptions(relay, 1, { notifierKey: Uint8Array.of(1, 2, 3) });
    stage.started();
    await stage.pass(3000);
    expect(await stage.statuses([good!, bad!])).toEqual(['ACTIVE', 'ERR CryptoError key']);
  });

  test('of one that was deleted meanwhile resurrects nothing', async () => {
    const { relay, fake } = stage.addRelay();
    const [one] = await stage.subscriptions(relay, 1);
    fake.held = [];
    stage.started();
    await stage.pass(3000);
    expect(fake.held.length).toBeGreaterThan(0);
    await stage.store.removeSubscription(one!.subscriptionId);
    for (const go of fake.held) go();
    await stage.pass(1000);
    expect(await stage.status(one!)).toBeNull();
  });
});

describe('an event', () => {
  async function running() {
    const { relay, fake } = stage.addRelay();
    const [one] = await stage.subscriptions(relay, 1);
    const node = stage.started();
    await stage.pass(3000);
    expect(await stage.status(one!)).toBe('ACTIVE');
    return { fake, node, one: one! };
  }

  test.each([['END', 'END'], ['DELD', 'DELETED']] as const)('%s makes it %s, and it is not subscribed again', async (tag, status) => {
    const { fake, one } = await running();
    fake.last.say(one.notifierId, { tag });
    await stage.pass(100);
    expect(await stage.status(one)).toBe(status);
    fake.last.lose();
    await stage.pass(30_000, 1000);
    expect(fake.last.nsubsFor(one.notifierId)).toBe(fake.sessions.length === 1 ? 1 : 0);
    expect(await stage.status(one)).toBe(status);
  });

  test.each(['END', 'DELD'] as const)('%s that comes while NSUB is under way is not undone by its answer', async (tag) => {
    const { relay, fake } = stage.addRelay();
    const [one] = await stage.subscriptions(relay, 1);
    fake.held = [];
    stage.started();
    await stage.pass(3000);
    fake.last.say(one!.notifierId, { tag });
    await stage.pass(100);
    for (const go of fake.held) go();
    await stage.pass(1000);
    expect(await stage.status(one!)).toBe(tag === 'END' ? 'END' : 'DELETED');
  });

  test('an END that the store was slow to take does not lose against the ACTIVE before it', async () => {
    const { relay, fake } = stage.addRelay();
    const [one] = await stage.subscriptions(relay, 1);
    let fails = 5;
    stage.started({ around: (store) => ({
      ...store,
      changeSubscriptions: async (...args) => {
        if (fails-- > 0) throw new StoreError('UNAVAILABLE', 'away');
        return store.changeSubscriptions(...args);
      },
    }) });
    await stage.pass(1500);
    fake.last.say(one!.notifierId, { tag: 'END' });
    await stage.pass(60_000, 500);
    expect(await stage.status(one!)).toBe('END');
  });

  test('END of a connection that is not the present one means nothing', async () => {
    const { fake, one } = await running();
    const old = fake.last;
    old.lose();
    await stage.pass(4000);
    expect(fake.sessions).toHaveLength(2);
    old.isOpen = true; // it arrives all the same
    old.say(one.notifierId, { tag: 'END' });
    await stage.pass(1000);
    expect(await stage.status(one)).toBe('ACTIVE');
    old.say(one.notifierId, { tag: 'DELD' });
    await stage.pass(1000);
    expect(await stage.status(one)).toBe('DELETED'); // which is so on any
  });

  test('late answers and words that we do not know change nothing', async () => {
    const { fake, one, node } = await running();
    fake.last.say(one.notifierId, { tag: 'ERR', error: { type: 'AUTH' } }, true);
    fake.last.say(one.notifierId, { tag: 'NMSG', nonce: new Uint8Array(24), encMeta: new Uint8Array(144) }, true);
    fake.last.say(one.notifierId, { tag: 'PONG' });
    fake.last.say(new Uint8Array(24), { tag: 'ENDS', count: 3 });
    await stage.pass(1000);
    expect(await stage.status(one)).toBe('ACTIVE');
    expect(node.jobs).toEqual([]);
    expect(Object.fromEntries(node.side.stats.events.values)).toEqual({ late: 2, other: 1, ENDS: 1 });
  });
});

test('stopping closes all, gives the relays back and leaves no timer', async () => {
  const { relay, fake } = stage.addRelay();
  const [one] = await stage.subscriptions(relay, 3);
  const node = stage.started();
  await stage.pass(3000);
  const { last } = fake;
  const stopped = node.side.stop();
  await stage.pass(1000);
  await stopped;
  Object.assign(last, { isOpen: true }).say(one!.notifierId, { tag: 'DELD' }); // a last block, of a relay that is another node's
  await stage.pass(1000);
  expect(await stage.status(one!)).toBe('ACTIVE');
  last.lose();
  expect(fake.open).toEqual([]);
  expect(stage.clock.pending).toBe(0);
  expect(await stage.store.claimRelays(10, 1000)).toHaveLength(1);
});
