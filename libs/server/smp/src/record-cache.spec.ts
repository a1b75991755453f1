import { idKey } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { QueueRecord } from '@polyplex/store-contract';
import { expect, test } from 'vitest';
import { RecordCache } from './record-cache.ts';

const record = (revision: number): QueueRecord => ({ recipientId: randomBytes(24), revision }) as QueueRecord;

test('SEND and ACK have a record of their own for each entity, other commands none', () => {
  const cache = new RecordCache();
  const [id, other] = [idKey(randomBytes(24)), idKey(randomBytes(24))];
  const [bySender, byRecipient] = [record(1), record(2)];
  cache.remember('SEND', id, bySender);
  cache.remember('ACK', id, byRecipient);
  cache.remember('SUB', id, record(3));
  expect([cache.recall('SEND', id), cache.recall('ACK', id), cache.recall('SUB', id), cache.recall('SEND', other)]).toEqual([bySender, byRecipient, null, null]);
  cache.forget('SEND', id);
  expect([cache.recall('SEND', id), cache.recall('ACK', id)]).toEqual([null, byRecipient]);
});

test('a deleted queue is forgotten by both of its ids, and nothing else is', () => {
  const cache = new RecordCache();
  const deleted = { ...record(1), senderId: randomBytes(24) } as QueueRecord;
  const [other, kept] = [idKey(randomBytes(24)), record(2)];
  cache.remember('SEND', idKey(deleted.senderId), deleted);
  cache.remember('ACK', idKey(deleted.recipientId), deleted);
  cache.remember('SEND', other, kept);
  cache.forgetQueue(deleted);
  expect([cache.recall('SEND', idKey(deleted.senderId)), cache.recall('ACK', idKey(deleted.recipientId)), cache.recall('SEND', other)]).toEqual([null, null, kept]);
});

test('what is used stays, what is not goes, and it never grows beyond its bound', () => {
  const cache = new RecordCache();
  const used = idKey(randomBytes(24));
  const kept = record(1);
  for (let i = 0; i < 30_000; i++) {
    cache.remember('SEND', used, cache.recall('SEND', used) ?? kept);
    cache.remember('SEND', idKey(randomBytes(24)), record(i));
    expect(cache.size).toBeLessThanOrEqual(8192);
  }
  expect(cache.recall('SEND', used)).toBe(kept);
});
