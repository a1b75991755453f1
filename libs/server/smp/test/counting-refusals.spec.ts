/** Why NEW is refused, and notifications that are lost with their connection: each as its own figure (SMP §9.7 `lost`). */
import { EMPTY_BYTES } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import type { QueueStore } from '@polyplex/store-contract';
import { createFakeClock } from '@polyplex/testing';
import { expect, test } from 'vitest';
import type { SmpServerOptions } from '../src/index.ts';
import { expectMoves } from './support/moved.ts';
import { nkey, nsub } from './support/notifier.ts';
import { createQueue, newCommand, send, text } from './support/queue.ts';
import { RawClient } from './support/raw-client.ts';
import { startRelay } from './support/relay.ts';

test.each<[reason: string, error: string, options: Partial<SmpServerOptions>]>([
  ['off', 'AUTH', { newQueues: false }],
  ['password', 'AUTH', { password: 'secret' }],
  ['addressLimit', 'QUOTA', { newQueuesPerMinutePerAddress: 1 }],
  ['limit', 'QUOTA', { newQueuesPerMinute: 1 }],
])('NEW refused: %s', async (reason, error, options) => {
  const relay = await startRelay({ options, clock: createFakeClock() });
  const client = await RawClient.connect(relay);
  const create = () => {
    const keys = generateKeyPair('ed25519');
    return client.ask(newCommand(keys, generateKeyPair('x25519')), EMPTY_BYTES, keys.privateKey);
  };
  if (error === 'QUOTA') await create();
  await expectMoves(relay, create, { 'command NEW': 1, 'timed NEW': 1, [`refusedNew ${reason}`]: 1, [`error ${error}`]: 1 });
  client.close();
  await relay.stop();
});

test('notifications that were taken from the store for a connection that has closed', async () => {
  const taken = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const around = (store: QueueStore): QueueStore => ({
    ...store,
    async takeNotifications(...given) {
      const result = await store.takeNotifications(...given);
      if (result.some((each) => Array.isArray(each) && each.length > 0)) {
        taken.resolve();
        await goOn.promise;
      }
      return result;
    },
  });
  const relay = await startRelay({ around });
  const [recipient, notifier] = [await RawClient.connect(relay), await RawClient.connect(relay)];
  const queue = await createQueue(recipient, { subMode: 'C' });
  await nsub(notifier, await nkey(recipient, queue));
  const { server } = relay.nodes[0]!;
  const act = async (): Promise<void> => {
    await send(recipient, queue, text('x'), undefined, true);
    await taken.promise;
    notifier.close();
    await expect.poll(() => server.gauges().sessions).toBe(1);
    goOn.resolve();
  };
  await expectMoves(relay, act, { 'command SEND': 1, 'timed SEND': 1, msgSent: 1, msgSentNtf: 1, msgNtfLost: 1 });
  recipient.close();
  await relay.stop();
});
