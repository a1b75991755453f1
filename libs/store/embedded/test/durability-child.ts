/**
 * Run under strace by the durability test: appends messages, one after the other and several at once, in the folder
 * given. On stdout it says when it begins (`begin`) and, when all of these are answered, `answered`.
 */
import { writeSync } from 'node:fs';
import { openEmbeddedStore } from '../src/index.ts';

const STDOUT = 1;
const bytes = (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length));
const options = { quota: 128, notification: null, expireBefore: null };

const store = await openEmbeddedStore({ path: process.argv[2]! });
const made = await store.create({
  recipientId: bytes(24), recipientKeys: [{ kind: 'ed25519', raw: bytes(32) }], dhSecret: bytes(32), senderId: bytes(24),
  senderKey: null, mode: 'M', notifier: null, status: { state: 'active' }, serviceId: null, usedDay: 86_400, link: null,
}, null);
if (made.status !== 'ok') throw new RangeError(made.status);

for (const count of [1, 1, 5, 1]) {
  writeSync(STDOUT, 'begin\n');
  await Promise.all(Array.from({ length: count }, () => {
    const message = { kind: 'message', msgId: bytes(24), ts: 1, notify: false, body: bytes(10_000) } as const;
    return store.append(made.queue, message, options);
  }));
  writeSync(STDOUT, 'answered\n');
}
await store.close();
