/**
 * The memory of a block that was read is used for another one, of whichever client, as soon as its commands are done. No message
 * may show a byte of another: many at once, between many clients, delivered at once and from the store, repeated and refused.
 */
import { randomBytes } from '@polyplex/crypto';
import { takeReceived } from '@polyplex/protocol-common';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { expect, test } from 'vitest';
import { acknowledge, createQueue, opened, secure, send } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

const PAIRS = 6;
const MESSAGES = 25;
const QUOTA = 2;
const BODY_BYTES = maxBodyBytes(18);

/** Two messages in flight, so that one is pushed and one comes with an ACK, and one too many. */
async function exchange(relay: TestRelay): Promise<void> {
  const [sender, recipient] = await Promise.all([RawClient.connect(relay), RawClient.connect(relay)]);
  const queue = await createQueue(recipient, { kind: 'x25519' });
  const key = await secure(recipient, queue, 'x25519');
  const received: Uint8Array[] = [];
  const sent: Uint8Array[] = [];
  for (let i = 0; i < MESSAGES; i++) {
    const [first, second, tooMany] = [randomBytes(BODY_BYTES), randomBytes(BODY_BYTES), randomBytes(BODY_BYTES)];
    expect(said(await send(sender, queue, first, key))).toBe('OK');
    expect(said(await send(sender, queue, second, key))).toBe('OK');
    expect(said(await send(sender, queue, tooMany, key))).toBe('ERR QUOTA');
    sent.push(first, second);
    const pushed = (await recipient.next()).reply;
    const answered = await acknowledge(recipient, queue, pushed);
    const marker = await acknowledge(recipient, queue, answered);
    expect(said(await acknowledge(recipient, queue, marker))).toBe('OK');
    for (const reply of [pushed, answered]) {
      const message = opened(queue, reply);
      received.push(message.kind === 'message' ? Uint8Array.from(message.body) : new Uint8Array());
    }
    expect(opened(queue, marker).kind).toBe('quota');
  }
  sender.close();
  recipient.close();
  expect(received.every((body, i) => Buffer.compare(body, sent[i]!) === 0)).toBe(true);
}

test('no message shows a byte of another', async () => {
  const relay = await startRelay({ options: { messageQuota: QUOTA } });
  try {
    await Promise.all(Array.from({ length: PAIRS }, () => exchange(relay)));
  } finally {
    await relay.stop();
  }
});

/** Whoever reads right after a message is stored, before its delivery is written: as the next event of the same turn would. */
function readAfterStoring({ store }: TestRelay): void {
  const append = store.append.bind(store);
  store.append = async (...step) => {
    const appended = await append(...step);
    void readInThisTurn();
    return appended;
  };
}

async function readInThisTurn(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve();
  for (let i = 0; i < 16; i++) takeReceived().fill(0);
}

test('a block is not used again while a delivery of it waits to be written', async () => {
  const relay = await startRelay({ options: { messageQuota: QUOTA } });
  readAfterStoring(relay);
  try {
    await exchange(relay);
  } finally {
    await relay.stop();
  }
});
