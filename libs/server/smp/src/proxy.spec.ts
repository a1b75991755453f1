import { HOUR, MINUTE } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { ServerAddress } from '@polyplex/protocol-common';
import { createFakeClock } from '@polyplex/testing';
import { expect, test } from 'vitest';
import { DEFAULT_OPTIONS } from './options.ts';
import { type DialRelay, Proxy, type RelayConnection, RelayFailure } from './proxy.ts';

const address = (host: string): ServerAddress => ({ hosts: [host], port: '', keyHash: new Uint8Array(32) });

function proxyOf(dial: DialRelay, relays = 2) {
  const clock = createFakeClock();
  const options = { ...DEFAULT_OPTIONS.proxy, relays, failureMemoryMs: MINUTE };
  return { clock, proxy: new Proxy({ dial, clock }, options) };
}

/** A relay that stays until `hangUp` is called. */
function connection(): { relay: RelayConnection; hangUp: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const relay = {
    sessionId: randomBytes(32), version: 18, versions: { min: 6, max: 18 }, key: null, secret: null,
    forward: () => Promise.reject(new RelayFailure({ type: 'TIMEOUT' })), closed: promise, close: () => resolve(),
  };
  return { relay, hangUp: () => resolve() };
}

test('an attempt is shared by all who wait, and a failed one remembered for its time', async () => {
  let dialled = 0;
  const { proxy, clock } = proxyOf(() => {
    dialled++;
    return Promise.reject(new RelayFailure({ type: 'NETWORK' }));
  });
  const attempts = await Promise.allSettled([proxy.connect(address('a')), proxy.connect(address('a'))]);
  expect(attempts.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(proxy.connect(address('a'))).rejects.toMatchObject({ broker: { type: 'NETWORK' } });
  expect(dialled).toBe(1);
  clock.advance(MINUTE);
  await expect(proxy.connect(address('a'))).rejects.toMatchObject({ broker: { type: 'NETWORK' } });
  expect(dialled).toBe(2);
});

test('when there is no room, the relay that was not used for longest makes it', async () => {
  const relays = new Map<string, RelayConnection>();
  const dial: DialRelay = ({ hosts }) => {
    const { relay } = connection();
    relays.set(hosts[0]!, relay);
    return Promise.resolve(relay);
  };
  const { proxy, clock } = proxyOf(dial, 2);
  for (const host of ['a', 'b', 'a', 'c']) {
    clock.advance(MINUTE);
    await proxy.connect(address(host));
  }
  await relays.get('b')!.closed;
  expect(await proxy.connect(address('a'))).toBe(relays.get('a'));
  expect(await proxy.connect(address('c'))).toBe(relays.get('c'));
  expect(proxy.relayCount).toBe(2);
});

test('after its close nothing is connected to, and an attempt under way leaves nothing behind', async () => {
  const { relay } = connection();
  const dialled = Promise.withResolvers<RelayConnection>();
  let given: AbortSignal | undefined;
  const { proxy } = proxyOf((_address, _timeoutMs, signal) => {
    given = signal;
    return dialled.promise;
  });
  const attempt = proxy.connect(address('a'));
  proxy.close();
  expect(given?.aborted).toBe(true);
  dialled.resolve(relay);
  await attempt;
  await relay.closed;
  expect(proxy.relayCount).toBe(0);
  await expect(proxy.connect(address('b'))).rejects.toMatchObject({ broker: { type: 'TIMEOUT' } });
});

test('relays that cannot be reached take no place of those that can', async () => {
  const { relay, hangUp } = connection();
  const dial: DialRelay = ({ hosts }) => (hosts[0]!.startsWith('good') ? Promise.resolve(relay) : Promise.reject(new RelayFailure({ type: 'NETWORK' })));
  const { proxy } = proxyOf(dial, 1);
  for (let i = 0; i < 50; i++) await expect(proxy.connect(address(`bad${i}`))).rejects.toMatchObject({ broker: { type: 'NETWORK' } });
  expect(await proxy.connect(address('good'))).toBe(relay);
  hangUp();
  await relay.closed;
  expect(await proxy.connect(address('good too'))).toBe(relay);
});

test('a flood of relays that fail does not grow it without bound', async () => {
  const { proxy, clock } = proxyOf(() => Promise.reject(new RelayFailure({ type: 'NETWORK' })), 100_000);
  for (let i = 0; i < 11_000; i++) await proxy.connect(address(String(i))).catch(() => undefined);
  expect(proxy.failureCount).toBe(10_000);
  clock.advance(HOUR);
  await proxy.connect(address('another')).catch(() => undefined);
  expect(proxy.failureCount).toBe(1);
});
