/**
 * Run as a process of its own by the crash tests: opens the store in the folder given, goes on with what is there, and
 * appends and acknowledges in a loop with many in flight. What is durable it reports on stdout, a line each:
 * `q <recipient id>`, `+ <recipient id> <message id>` stored, `- … …` acknowledged; `? … …`
 * stands before an acknowledgement is tried.
 */
import { writeSync } from 'node:fs';
import { toBase64Url } from '@polyplex/base';
import { type NewQueue, type QueueRecord, StoreError } from '@polyplex/store-contract';
import { openEmbeddedStore } from '../src/index.ts';

const QUEUES = 8;
const QUOTA = 128;
const STDOUT = 1;
const bytes = (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length));

/** Written at once, so that nothing reported is lost with the process, and nothing is reported early. */
function report(kind: string, ...ids: readonly Uint8Array[]): void {
  writeSync(STDOUT, `${[kind, ...ids.map(toBase64Url)].join(' ')}\n`);
}

function newQueue(): NewQueue {
  return {
    recipientId: bytes(24), recipientKeys: [{ kind: 'ed25519', raw: bytes(32) }], dhSecret: bytes(32), senderId: bytes(24),
    senderKey: null, mode: 'M', notifier: null, status: { state: 'active' }, serviceId: null, usedDay: 86_400, link: null,
  };
}

const store = await openEmbeddedStore({ path: process.argv[2]! });

async function work(queue: QueueRecord): Promise<void> {
  for (;;) {
    const messages = Array.from({ length: 3 }, () => bytes(24));
    await Promise.all(messages.map(async (msgId) => {
      const answer = await store.append(
        queue, { kind: 'message', msgId, ts: 1, notify: false, body: bytes(16_000) }, { quota: QUOTA, notification: null, expireBefore: null },
      );
      if (answer.status === 'stored') report('+', queue.recipientId, msgId);
    }));
    const [found] = await store.heads([queue.recipientId], null);
    if (!found || found instanceof StoreError || found.head === null) continue;
    const { head } = found;
    report('?', queue.recipientId, head.msgId);
    await store.acknowledge(queue, head.msgId, null);
    report('-', queue.recipientId, head.msgId);
  }
}

await Promise.all(Array.from({ length: QUEUES }, async () => {
  const made = await store.create(newQueue(), null);
  if (made.status !== 'ok') return;
  report('q', made.queue.recipientId);
  await work(made.queue);
}));
