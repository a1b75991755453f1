/**
 * The slot of a file server's records moves to another shard, and is half there: some keys of a file are in one place, some
 * in the other. Every file and recipient is found; a step is made whole or refused with UNAVAILABLE, and then leaves nothing.
 */
import { toBase64Url } from '@polyplex/base';
import { type RedisCluster, startRedisCluster } from '@polyplex/local-cluster';
import { anyId, anyKey } from '@polyplex/store-conformance/builders';
import type { FileStore, NewRecipient } from '@polyplex/store-contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRedisFileStore } from '../src/index.ts';
import { slotOf } from '../src/slots.ts';
import { fileOf, SIZE } from './file-life.ts';

const FILES = 60;
const SLOT = slotOf('{xftp:files}:any');
/** Steps that have to wait for the move are given up after this time. */
const TIMEOUT_MS = 400;

interface Made {
  readonly senderId: Uint8Array;
  /** The second was added when all files were there, so its key lies apart from the others. */
  readonly recipients: readonly NewRecipient[];
}

let cluster: RedisCluster;
let store: FileStore;

beforeAll(async () => {
  cluster = await startRedisCluster({ primaries: 3, replicas: 1 });
  store = await openRedisFileStore({ servers: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })), timeoutMs: TIMEOUT_MS });
});
afterAll(async () => {
  await store.close();
  await cluster.stop();
});

const anyRecipient = (): NewRecipient => ({ recipientId: anyId(), recipientKey: anyKey() });

/** Files that all have a body, and two recipients. */
async function filled(): Promise<Made[]> {
  const made: Made[] = Array.from({ length: FILES }, () => ({ senderId: anyId(), recipients: [anyRecipient(), anyRecipient()] }));
  for (const { senderId, recipients } of made) {
    expect(await store.create(fileOf(senderId), recipients.slice(0, 1))).toBe('created');
    const bodyId = toBase64Url(senderId);
    expect(await store.beginUpload(senderId, bodyId, { quota: null, leaseMs: 60_000 })).toBe('begun');
    expect(await store.commitUpload(senderId, bodyId)).toBe('committed');
  }
  for (const { senderId, recipients } of made) expect(await store.addRecipients(senderId, recipients.slice(1))).toBe('added');
  return made;
}

/** Stops in the middle of the move; what is called ends it. */
async function halfMoved(): Promise<() => Promise<void>> {
  const from = await cluster.primaryOf('{xftp:files}');
  const to = (await cluster.primaries()).find(({ id }) => id !== from.id)!;
  const keys = async (): Promise<number> => Number(await from.command('CLUSTER', 'COUNTKEYSINSLOT', SLOT));
  const half = (await keys()) / 2;
  const stop = new AbortController();
  const move = cluster.migrateSlots(from, to, 1, { slots: [SLOT], keysAtOnce: 3, pauseMs: 5, signal: stop.signal });
  await expect.poll(keys, { timeout: 20_000, interval: 5 }).toBeLessThan(half);
  stop.abort();
  await expect(move).rejects.toThrow();
  expect(await keys()).toBeGreaterThan(0);
  return () => cluster.migrateSlots(from, to, 1, { slots: [SLOT] });
}

/** What it answers, or that it could not be made. */
const tried = <T>(step: Promise<T>): Promise<T | 'UNAVAILABLE'> => step.catch((error: unknown) => {
  expect(error).toMatchObject({ code: 'UNAVAILABLE' });
  return 'UNAVAILABLE';
});

async function expectFound({ senderId, recipients }: Made): Promise<void> {
  const file = { ...fileOf(senderId), bodyId: toBase64Url(senderId) };
  expect(await store.find('sender', senderId)).toMatchObject({ file });
  for (const { recipientId, recipientKey } of recipients) {
    expect(await store.find('recipient', recipientId)).toMatchObject({ file, key: recipientKey });
  }
}

test('while the slot is in two places all is found, and steps are whole or refused', { timeout: 120_000 }, async () => {
  const made = await filled();
  const finish = await halfMoved();
  for (const file of made) await expectFound(file);

  const removed = await Promise.all(made.slice(0, FILES / 2).map(({ senderId }) => tried(store.remove(senderId))));
  const acknowledged = await Promise.all(made.slice(FILES / 2).map(({ recipients }) => tried(store.acknowledge(recipients[1]!.recipientId))));
  expect(acknowledged.every((answer) => answer === true || answer === 'UNAVAILABLE')).toBe(true);
  expect(removed.every((answer) => answer === 'UNAVAILABLE' || answer?.bodyId !== null)).toBe(true);
  await finish();

  for (const [i, file] of made.entries()) {
    const isGone = i < FILES / 2 && removed[i] !== 'UNAVAILABLE';
    const isAcknowledged = i >= FILES / 2 && acknowledged[i - FILES / 2] === true;
    if (isGone) expect(await store.find('sender', file.senderId)).toBeNull();
    else await expectFound(isAcknowledged ? { ...file, recipients: file.recipients.slice(0, 1) } : file);
  }
  const left = FILES - removed.filter((answer) => answer !== 'UNAVAILABLE').length;
  expect(await store.usage()).toEqual({ files: left, uploaded: left, bytes: FILES * SIZE });
  expect((await store.expire(7200, FILES)).files).toBe(left);
  for (const { senderId } of made) await store.discard(toBase64Url(senderId));
  expect(await store.usage()).toEqual({ files: 0, uploaded: 0, bytes: 0 });
});
