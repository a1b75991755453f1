/** Relays that go away and come back (NTF §4.3, §6.2). */
import { CodedError } from '@polyplex/base';
import { SmpClientError } from '@polyplex/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Stage } from './support/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.create();
});
afterEach(() => stage.stop());

const all = (count: number, status: string): string[] => Array.from({ length: count }, () => status);

describe('a connection that is lost', () => {
  test('and soon back costs the store no write; all is subscribed again', async () => {
    const { relay, fake } = stage.addRelay();
    const there = await stage.subscriptions(relay, 10);
    let writes = 0;
    stage.started({ around: (store) => ({
      ...store,
      changeSubscriptions: (...args) => ((writes += args[1].length), store.changeSubscriptions(...args)),
      disconnected: (...args) => (writes++, store.disconnected(...args)),
    }) });
    await stage.pass(3000);
    const before = writes;
    fake.last.lose();
    await stage.pass(5000);
    expect(fake.sessions).toHaveLength(2);
    expect(fake.subscribed.size).toBe(10);
    expect(await stage.statuses(there)).toEqual(all(10, 'ACTIVE'));
    expect(writes).toBe(before);
  });

  test('and stays away makes all INACTIVE; attempts grow apart; what comes back is subscribed', async () => {
    const { relay, fake } = stage.addRelay();
    const there = await stage.subscriptions(relay, 10);
    const node = stage.started();
    await stage.pass(3000);
    fake.down = new SmpClientError('NETWORK', 'the connection failed');
    fake.last.lose();
    await stage.pass(12_000);
    expect(await stage.statuses(there)).toEqual(all(10, 'INACTIVE'));
    expect(node.side.gauges().relays).toMatchObject([{ active: 0, awayCause: 'network', troubles: [] }]);
    await stage.pass(60_000 - 12_000, 500);
    const inMinute = node.side.stats.connectFailures.total;
    expect(inMinute).toBeGreaterThan(5);
    expect(inMinute).toBeLessThan(20);
    await stage.pass(3_900_000, 5000);
    expect(node.side.stats.connectFailures.total - inMinute).toBeLessThan(130);
    expect(node.side.gauges().relays[0]!.troubles).toEqual(['unreachable']);
    expect(node.logged.filter((line) => line.includes('unreachable'))).toHaveLength(1);
    fake.down = null;
    await stage.pass(400_000, 1000);
    expect(await stage.statuses(there)).toEqual(all(10, 'ACTIVE'));
    expect(node.side.gauges().relays[0]!.troubles).toEqual([]);
  });

  test('and comes back while the store still marks its subscriptions: what is subscribed then stays so', async () => {
    const { relay, fake } = stage.addRelay();
    const there = await stage.subscriptions(relay, 10);
    stage.started({ around: (store) => ({
      ...store,
      disconnected: async (...args) => {
        await new Promise<void>((resolve) => stage.clock.after(15_000, resolve));
        return store.disconnected(...args);
      },
    }) });
    await stage.pass(3000);
    fake.down = new SmpClientError('NETWORK', 'the connection failed');
    fake.last.lose();
    await stage.pass(10_500);
    fake.down = null;
    await stage.pass(30_000);
    expect(fake.subscribed.size).toBe(10);
    expect(await stage.statuses(there)).toEqual(all(10, 'ACTIVE'));
  });

  test('during a walk: it begins again, and nothing is forgotten', async () => {
    const { relay, fake } = stage.addRelay();
    const there = await stage.subscriptions(relay, 200);
    stage.started({ options: { chunkSize: 10, subscribesPerSecondAndRelay: 50, pageSize: 20 } });
    for (let i = 0; i < 3; i++) {
      await stage.pass(2500);
      fake.last.lose();
    }
    await stage.pass(15_000);
    expect(fake.subscribed.size).toBe(200);
    expect(await stage.statuses(there)).toEqual(all(200, 'ACTIVE'));
  });

  test('a host that is not allowed today may be tomorrow', async () => {
    const { relay, fake } = stage.addRelay();
    const there = await stage.subscriptions(relay, 3);
    fake.down = new SmpClientError('HOST', 'the host cannot be used', { cause: new CodedError('HOST', 'the address is not allowed') });
    const node = stage.started();
    await stage.pass(5000);
    expect(node.side.gauges().relays[0]!.troubles).toEqual(['incompatible']);
    fake.down = null;
    await stage.pass(20_000);
    expect(await stage.statuses(there)).toEqual(all(3, 'ACTIVE'));
    expect(node.side.gauges().relays[0]!.troubles).toEqual([]);
  });

  test('a host that cannot be used is said to its subscriptions', async () => {
    const { relay, fake } = stage.addRelay();
    const there = await stage.subscriptions(relay, 3);
    fake.down = new SmpClientError('HOST', 'the address has no host that can be used');
    const node = stage.started({ options: { pageSize: 2 } });
    await stage.pass(5000);
    expect(await stage.statuses(there)).toEqual(all(3, 'ERR IncompatibleHost'));
    expect(node.side.gauges().relays[0]!.troubles).toEqual(['incompatible']);
  });
});
