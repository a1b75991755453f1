/** Many queues at once, put into the store of a network directly: all with one recipient key, subscribed by nobody. */
import { generateKeyPair, type KeyPair, randomBytes } from '@polyplex/crypto';
import type { QueueStore } from '@polyplex/store-contract';
import { openRedisStore } from '@polyplex/store-redis';
import { spread } from './measure.ts';

const WIDTH = 500;

export interface PreparedQueues {
  readonly recipientIds: readonly Uint8Array[];
  readonly key: KeyPair<'ed25519'>;
}

export async function prepareQueues(count: number, redisPort: number, prefix: string): Promise<PreparedQueues> {
  const store = await openRedisStore({ servers: [{ host: '127.0.0.1', port: redisPort }], prefix });
  const queues = await fillWithQueues(store, count);
  await store.close();
  return queues;
}

export async function fillWithQueues(store: QueueStore, count: number): Promise<PreparedQueues> {
  const key = generateKeyPair('ed25519');
  const recipientIds = Array.from({ length: count }, () => randomBytes(24));
  await spread(count, WIDTH, async (i) => {
    const created = await store.create({
      recipientId: recipientIds[i]!, recipientKeys: [key.publicKey], dhSecret: randomBytes(32), senderId: randomBytes(24), senderKey: key.publicKey,
      mode: 'M', notifier: null, status: { state: 'active' }, serviceId: null, usedDay: 0, link: null,
    }, null);
    if (created.status !== 'ok') throw new Error('a queue was not created');
  });
  return { recipientIds, key };
}
