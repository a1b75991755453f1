/** What users of the swarm do, at a real relay and a real file server. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Swarm } from '../src/swarm.ts';
import { type Servers, startServers } from './servers.ts';

const MS = expect.toSatisfy((ms: unknown) => typeof ms === 'number' && ms > 0 && ms < 30_000, 'milliseconds') as number;

let servers: Servers;
let swarm: Swarm;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(() => {
  swarm = new Swarm({ address: servers.relay, files: servers.files, timeoutMs: 10_000 });
});
afterEach(() => swarm.close());

async function contacts(...users: string[]): Promise<void> {
  for (const user of users) await swarm.perform('connect', { user });
  for (const [i, a] of users.entries()) for (const b of users.slice(i + 1)) await swarm.perform('pair', { a, b });
}

describe('messages', () => {
  test('are delivered and acknowledged, both ways', async () => {
    await contacts('ann', 'bob');
    for (const [from, to] of [['ann', 'bob'], ['bob', 'ann']] as const) {
      expect(await swarm.perform('send', { from, to })).toEqual({ sendMs: MS, deliveryMs: MS, ackMs: MS });
    }
    expect(swarm.stats()).toMatchObject({ users: 2, connections: 2, queues: 2, sent: 2, delivered: 2, lost: 0, repeated: 0, failures: {} });
  });

  test('to who is off-line wait, and come with the subscription, each once', async () => {
    await contacts('ann', 'bob');
    await swarm.perform('disconnect', { user: 'bob' });
    for (let i = 0; i < 3; i++) expect(await swarm.perform('send', { from: 'ann', to: 'bob' })).toEqual({ sendMs: MS, deliveryMs: null, ackMs: null });
    expect(await swarm.perform('resubscribe', { user: 'bob' })).toMatchObject({ connectMs: MS, subscribeMs: MS, queues: 1, received: 3 });
    expect(await swarm.perform('resubscribe', { user: 'bob' })).toMatchObject({ connectMs: null, received: 0 });
    expect(swarm.stats()).toMatchObject({ delivered: 3, lost: 0, owed: 0, repeated: 0 });
  });

  test('that wait come when everybody settles, and none is owed', async () => {
    await contacts('ann', 'bob');
    await swarm.perform('disconnect', { user: 'bob' });
    await swarm.perform('send', { from: 'ann', to: 'bob' });
    expect(swarm.stats()).toMatchObject({ owed: 1, delivered: 0 });
    expect(await swarm.perform('settle', {})).toEqual({ users: 2, owed: 0, settleMs: MS });
    expect(swarm.stats()).toMatchObject({ owed: 0, delivered: 1 });
  });

  test('of a group reach all other members', async () => {
    await contacts('a', 'b');
    for (const user of ['c', 'd']) await swarm.perform('connect', { user });
    expect(await swarm.perform('group', { group: 'g', members: ['a', 'b', 'c', 'd'] })).toEqual({ queues: 10, groupMs: MS });
    await swarm.perform('disconnect', { user: 'd' });
    expect(await swarm.perform('groupSend', { group: 'g', from: 'a', bytes: 100 })).toEqual({ sends: 3, deliveries: 2, sendMs: MS, deliveryMs: MS, ackMs: MS });
  });

  test('through the relay as a proxy', async () => {
    await contacts('ann', 'bob');
    expect(await swarm.perform('proxySend', { from: 'ann', to: 'bob' })).toMatchObject({ sessionMs: MS, deliveryMs: MS });
    expect(await swarm.perform('proxySend', { from: 'ann', to: 'bob' })).toMatchObject({ sessionMs: null, deliveryMs: MS });
  });

  test('with the flag for notifications are heard of', async () => {
    await contacts('ann', 'bob');
    expect(await swarm.perform('notifications', { user: 'bob' })).toEqual({ queues: 1, notificationsMs: MS });
    expect(await swarm.perform('notifications', { user: 'bob' })).toMatchObject({ queues: 0 });
    const sends = [1, 2].map(() => swarm.perform('notifiedSend', { from: 'ann', to: 'bob' }));
    expect(await Promise.all(sends)).toMatchObject([1, 2].map(() => ({ deliveryMs: MS, notificationMs: MS })));
  });

  test('to a contact address come until it is full', async () => {
    await swarm.perform('connect', { user: 'ann' });
    await swarm.perform('contactAddress', { user: 'ann' });
    expect(await swarm.perform('contact', { to: 'ann', count: 5, bytes: 100 })).toMatchObject({ accepted: 5, refused: 0, contactMs: MS });
    await swarm.perform('connect', { user: 'bob' });
    await swarm.perform('contactAddress', { user: 'bob' });
    await swarm.perform('disconnect', { user: 'bob' });
    expect(await swarm.perform('contact', { to: 'bob', count: 200 })).toMatchObject({ accepted: 128, refused: 72 });
  });
});

test('files are uploaded and fetched whole', async () => {
  expect(await swarm.perform('upload', { file: 'f', bytes: 4 * 1024 * 1024 + 1000 })).toEqual({ uploadMs: MS });
  expect(await swarm.perform('download', { file: 'f' })).toEqual({ downloadMs: MS, bytes: 4 * 1024 * 1024 + 64 * 1024 });
});

describe('failures', () => {
  test.each([
    ['send', { from: 'ann', to: 'bob' }], ['pair', { a: 'ann', b: 'ann' }], ['groupSend', { group: 'none', from: 'ann' }], ['download', { file: 'none' }],
    ['contact', { to: 'ann', count: 1 }], ['notifiedSend', { from: 'ann', to: 'bob' }], ['dance', {}],
  ])('%s that makes no sense is USAGE', async (op, request) => {
    await swarm.perform('connect', { user: 'ann' });
    await expect(swarm.perform(op as never, request as never)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('are told by the protocol\'s word and the step, and counted', async () => {
    const wrong = new Swarm({ address: { ...servers.relay, password: 'wrong' }, files: null, timeoutMs: 2000 });
    await wrong.perform('connect', { user: 'ann' });
    await wrong.perform('connect', { user: 'bob' });
    await expect(wrong.perform('pair', { a: 'ann', b: 'bob' })).rejects.toMatchObject({ code: 'AUTH', step: 'create' });
    await expect(wrong.perform('upload', { file: 'f', bytes: 1 })).rejects.toMatchObject({ code: 'USAGE' });
    expect(wrong.stats().failures).toEqual({ AUTH: 1, USAGE: 1 });
    await wrong.close();
  });

  test('a relay that is gone is NETWORK', async () => {
    const gone = new Swarm({ address: { ...servers.relay, port: '1' }, files: null, timeoutMs: 2000 });
    await expect(gone.perform('connect', { user: 'ann' })).rejects.toMatchObject({ code: 'NETWORK', step: 'connect' });
    const { seconds } = gone.series.reply();
    expect(seconds.flatMap(({ operations }) => operations['connect'] ?? [])).toMatchObject([{ started: 1, done: 0, failed: 1 }]);
    await gone.close();
  });
});
