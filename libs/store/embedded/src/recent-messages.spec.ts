import { idKey } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { expect, test } from 'vitest';
import { RecentMessages } from './recent-messages.ts';

test('the last message of each queue is known until it is acknowledged, of a bounded number of queues', () => {
  const recent = new RecentMessages();
  const [first, second] = [idKey(randomBytes(24)), idKey(randomBytes(24))];
  const [older, newer] = [{ msgId: randomBytes(24), notify: false }, { msgId: randomBytes(24), notify: true }];
  recent.appended(first, older);
  recent.appended(first, newer);
  recent.appended(second, older);
  expect([recent.get(first), recent.get(second)]).toEqual([newer, older]);
  recent.acknowledged(second);
  expect([recent.get(first), recent.get(second)]).toEqual([newer, undefined]);
  for (let i = 0; i < 4096; i++) recent.appended(idKey(randomBytes(24)), older);
  expect(recent.get(first)).toBeUndefined();
});
