/** Very many subscriptions at one relay: neither it nor other work is flooded, and nothing of them is held. */
import { randomBytes } from '@polyplex/crypto';
import { formatAddress } from '@polyplex/protocol-common';
import { silentLogger } from '@polyplex/telemetry';
import { createFakeClock } from '@polyplex/testing';
import { expect, test } from 'vitest';
import { createRelaySide, DEFAULT_RELAY_OPTIONS, NtfStats, type RelayTarget } from '../../src/index.ts';
import { FakeRelay } from './support/fake-relay.ts';
import { NOTIFIER_KEY, turns } from './support/stage.ts';
import { syntheticRecord, syntheticStore } from './support/synthetic-store.ts';

const COUNT = 100_000;

test(`${COUNT} at one relay are subscribed at the pace that is set, while another relay's new ones and notifications do not wait`, async () => {
  const clock = createFakeClock();
  const relays = [1, 2].map((n) => ({ relay: formatAddress({ hosts: [`relay${n}.example`], port: '', keyHash: randomBytes(32) }, 'smp'), count: n === 1 ? COUNT : 10, notifierKey: NOTIFIER_KEY }));
  const [big, small] = relays.map(({ relay }) => ({ relay, fake: new FakeRelay() }));
  const synthetic = syntheticStore(relays);
  let inFlight = 0;
  let mostInFlight = 0;
  for (const { fake } of [big!, small!]) fake.odd = () => ({ tag: 'SOK', serviceId: null });
  big!.fake.onBatch = (commands) => {
    inFlight += commands;
    mostInFlight = Math.max(mostInFlight, inFlight);
  };
  const connect = (target: RelayTarget) => (target.relay === big!.relay ? big! : small!).fake.accept(target);
  const stats = new NtfStats(clock);
  const side = createRelaySide({ store: synthetic.store, connect, clock, log: silentLogger, stats, pushing: { hasRoom: () => true, offer: () => undefined }, random: () => 0.5 }, DEFAULT_RELAY_OPTIONS);
  side.start();
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 50) {
      await turns(8);
      clock.advance(50);
    }
    await turns(8);
  };
  const answered = () => side.stats.subscribes.get('active');
  await pass(5000);
  const before = answered();
  await pass(1000);
  expect(answered() - before).toBeLessThanOrEqual(3200);
  expect(answered() - before).toBeGreaterThan(2500);

  synthetic.fresh.set(small!.relay, [syntheticRecord(relays[1]!, 999)]);
  synthetic.fresh.set(big!.relay, [syntheticRecord(relays[0]!, COUNT + 1)]);
  small!.fake.last.say(randomBytes(24), { tag: 'NMSG', nonce: randomBytes(24), encMeta: randomBytes(144) });
  await pass(50);
  expect(synthetic.received).toBe(1);
  await pass(31_000);
  expect([...synthetic.fresh.values()].flat()).toEqual([]);

  await pass(5000);
  expect(side.gauges().relays[0]).toMatchObject({ state: 'subscribed', active: COUNT, troubles: [] });
  expect(synthetic.written.get('ACTIVE')).toBe(COUNT + 12);
  expect(synthetic.largestPage).toBeLessThanOrEqual(1024);
  expect(mostInFlight).toBeLessThanOrEqual(5 * 128);
  await side.stop();
});
