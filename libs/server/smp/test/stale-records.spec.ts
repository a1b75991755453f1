/**
 * A queue that changes between the check of a command and its step, or after the relay remembered its record: the
 * command is answered by the queue as it is now, and nothing is done that its present state does not allow.
 */
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { type QueueRecord, type QueueStore, resultOf } from '@polyplex/store-contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bodyOf, createQueue, createWithLink, secure, send, type TestQueue, text } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

/** What another node does right before our next step of this name. */
let meanwhile: { readonly step: keyof QueueStore; readonly act: () => Promise<unknown> } | null = null;
let relay: TestRelay;
let owner: RawClient;
let other: RawClient;
beforeEach(async () => {
  meanwhile = null;
  relay = await startRelay({ around: interrupted });
  owner = await RawClient.connect(relay);
  other = await RawClient.connect(relay);
});
afterEach(async () => {
  owner.close();
  other.close();
  await relay.stop();
});

function interrupted(store: QueueStore): QueueStore {
  return new Proxy(store, {
    get(target, name: keyof QueueStore) {
      const method = target[name] as (...args: unknown[]) => unknown;
      if (meanwhile?.step !== name) return method;
      const { act } = meanwhile;
      meanwhile = null;
      return async (...args: unknown[]) => {
        await act();
        return method(...args);
      };
    },
  });
}

async function recordOf({ recipientId }: TestQueue): Promise<QueueRecord> {
  return resultOf((await relay.store.find('recipient', [recipientId]))[0]!);
}

const NOTICE = { reason: 'spam', notice: null } as const;
const block = async (queue: TestQueue): Promise<unknown> => relay.store.block(await recordOf(queue), NOTICE);
const unblock = async (queue: TestQueue): Promise<unknown> => relay.store.unblock(await recordOf(queue));
const remove = async (queue: TestQueue): Promise<unknown> => relay.store.delete(await recordOf(queue), null);
const SENT = 'OK';
const BLOCKED = 'ERR BLOCKED reason=spam';

test('SEND sees what happened to a queue that it has used before', async () => {
  const queue = await createQueue(owner, { subMode: 'C' });
  const sent = async (key?: Parameters<typeof send>[3], size = 1) => said(await send(other, queue, randomBytes(size), key));
  expect(await sent()).toBe(SENT);
  await block(queue);
  expect(await sent()).toBe(BLOCKED);
  await unblock(queue);
  expect(await sent()).toBe(SENT);
  const key = await secure(owner, queue);
  expect([await sent(), await sent(key)]).toEqual(['ERR AUTH', SENT]);
  await relay.store.suspend(await recordOf(queue));
  expect(await sent(key)).toBe('ERR AUTH');
  await remove(queue);
  expect([await sent(key), await sent(key, 16_049)]).toEqual(['ERR AUTH', 'ERR AUTH']);
});

test('SEND reaches the new queue when its sender id was given to another one', async () => {
  const corrId = randomBytes(24);
  const create = (): Promise<TestQueue> => createWithLink(owner, 'M', { corrId, subMode: 'S' });
  const first = await create();
  expect(said(await send(other, first, text('one')))).toBe(SENT);
  await owner.next();
  expect(said(await owner.ask({ tag: 'DEL' }, first.recipientId, first.recipientKey))).toBe('OK');
  const second = await create();
  expect(said(await send(other, second, text('two')))).toBe(SENT);
  expect(bodyOf(second, (await owner.next()).reply)).toBe('two');
});

test('ACK by a key that was replaced is refused', async () => {
  const queue = await createQueue(owner, { subMode: 'C', request: { type: 'C', data: null } });
  for (const body of ['one', 'two', 'three']) await send(other, queue, text(body));
  expect(said(await owner.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey))).toBe('SOK');
  const acknowledge = async (key = queue.recipientKey) => {
    const [head] = await relay.store.heads([queue.recipientId], null);
    return said(await owner.ask({ tag: 'ACK', msgId: resultOf(head!).head!.msgId }, queue.recipientId, key));
  };
  await owner.next();
  expect(await acknowledge()).toBe('MSG');
  const keys = generateKeyPair('ed25519');
  await relay.store.setRecipientKeys(await recordOf(queue), [keys.publicKey]);
  expect(await acknowledge()).toBe('ERR AUTH');
  expect(await acknowledge(keys.privateKey)).toBe('MSG');
});

test('a queue that is blocked between check and step takes no message', async () => {
  const queue = await createQueue(owner, { subMode: 'C' });
  meanwhile = { step: 'append', act: () => block(queue) };
  expect(said(await send(other, queue, text('x')))).toBe(BLOCKED);
  expect(await relay.store.size(await recordOf(queue))).toBe(0);
});

test('LKEY of a link that is deleted meanwhile does not secure the queue', async () => {
  const sender = generateKeyPair('ed25519');
  const queue = await createWithLink(owner, 'M');
  meanwhile = { step: 'secure', act: async () => relay.store.deleteLink(await recordOf(queue)) };
  expect(said(await other.ask({ tag: 'LKEY', senderKey: sender.publicKey }, queue.ids.linkId!, sender.privateKey))).toBe('ERR AUTH');
  expect((await recordOf(queue)).senderKey).toBeNull();
});

test('NSUB by a notifier id that is replaced meanwhile subscribes nothing', async () => {
  const notifier = generateKeyPair('ed25519');
  const credentials = { notifierKey: notifier.publicKey, dhKey: generateKeyPair('x25519').publicKey };
  const queue = await createQueue(owner, { subMode: 'C', notifier: credentials });
  const replace = async (): Promise<unknown> => {
    const record = await recordOf(queue);
    return relay.store.setNotifier(record, { ...record.notifier!, notifierId: randomBytes(24) }, null);
  };
  meanwhile = { step: 'subscribeNotifiers', act: replace };
  expect(said(await other.ask({ tag: 'NSUB' }, queue.ids.notifier!.notifierId, notifier.privateKey))).toBe('ERR AUTH');
});
