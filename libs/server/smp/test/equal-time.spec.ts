/**
 * A missing queue and a wrong key look the same: the same bytes, and the same time (SMP §8.1). Commands of the two
 * kinds alternate on one connection, so that drift hits both; compared are medians of the round trip.
 *
 * Power: with 400 pairs of a round trip of about 0.3 ms on an idle core, the median of the differences has a standard
 * error of about 1 %, so a skipped verification (Ed25519: 50 µs, X25519: 30 µs, Ed448: 250 µs, all of them more than a
 * tenth of the round trip) is seen with near certainty. The bound of 8 % keeps a busy machine from failing it.
 */
import { equalBytes } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';
import type { SmpCommand } from '@polyplex/protocol-smp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createQueue, type Kind, secure, send, type TestQueue } from './support/queue.ts';
import { RawClient, type Received, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

const PAIRS = 400;
const ROUNDS = 4;
const BOUND = 0.08;
const KINDS: readonly Kind[] = ['ed25519', 'x25519', 'ed448'];

let relay: TestRelay;
let client: RawClient;
/** The queues' owner: a session remembers what it verified for keys that it has used rightly (X25519). */
let owner: RawClient;
beforeAll(async () => {
  relay = await startRelay();
  client = await RawClient.connect(relay);
  owner = await RawClient.connect(relay);
});
afterAll(async () => {
  client.close();
  owner.close();
  await relay.stop();
});

interface Probe {
  readonly command: SmpCommand;
  readonly entityId: Uint8Array;
}

/** Microseconds of one refused command; its answer must be ERR AUTH. */
async function refusedIn({ command, entityId }: Probe, kind: Kind): Promise<number> {
  const transmission = client.transmission(command, entityId, generateKeyPair(kind).privateKey);
  const start = process.hrtime.bigint();
  client.send(transmission);
  const { reply } = await client.next();
  const took = Number(process.hrtime.bigint() - start) / 1000;
  if (said(reply) !== 'ERR AUTH') throw new Error(said(reply));
  return took;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Relative difference of the medians of two probes that alternate; the least of a few rounds, for noise only adds. */
async function difference(a: Probe, b: Probe, kind: Kind): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS && least > BOUND; round++) {
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < PAIRS; i++) {
      const first = i % 2;
      times[first]!.push(await refusedIn(first === 0 ? a : b, kind));
      times[1 - first]!.push(await refusedIn(first === 0 ? b : a, kind));
    }
    least = Math.min(least, Math.abs(median(times[0]) / median(times[1]) - 1));
  }
  return least;
}

test('the bytes are the same', async () => {
  const queue = await createQueue(owner, { subMode: 'C' });
  const corrId = randomBytes(24);
  const ask = (id: Uint8Array): Promise<Received> => {
    client.send(client.transmission({ tag: 'SUB' }, id, generateKeyPair('ed25519').privateKey, corrId));
    return client.next();
  };
  const answers = [await ask(queue.recipientId), await ask(randomBytes(24))];
  expect(answers.map(({ reply }) => said(reply))).toEqual(['ERR AUTH', 'ERR AUTH']);
  expect(answers.every((answer) => equalBytes(answer.corrId, corrId))).toBe(true);
});

describe.each(KINDS)('refused %s takes the same time', (kind) => {
  let queue: TestQueue;
  let otherKind: TestQueue;
  beforeAll(async () => {
    queue = await createQueue(owner, { subMode: 'C', kind });
    await secure(owner, queue, kind);
    otherKind = await createQueue(owner, { subMode: 'C', kind: KINDS.find((k) => k !== kind)! });
  });
  const missing = (command: SmpCommand): Probe => ({ command, entityId: randomBytes(24) });

  test('SUB: another key, or no queue', async () => {
    expect(await difference({ command: { tag: 'SUB' }, entityId: queue.recipientId }, missing({ tag: 'SUB' }), kind)).toBeLessThan(BOUND);
  });

  test('SUB: a key of another kind, or no queue', async () => {
    expect(await difference({ command: { tag: 'SUB' }, entityId: otherKind.recipientId }, missing({ tag: 'SUB' }), kind)).toBeLessThan(BOUND);
  });

  test('SEND: another key, or no queue', async () => {
    const command = { tag: 'SEND', notify: false, body: randomBytes(100) } as const;
    expect(await difference({ command, entityId: queue.senderId }, missing(command), kind)).toBeLessThan(BOUND);
  });

  test('SEND: another key for a queue in use, whose record the relay remembers, or no queue', async () => {
    const used = await createQueue(owner, { subMode: 'C', kind });
    const key = await secure(owner, used, kind);
    expect(said(await send(owner, used, randomBytes(100), key))).toBe('OK');
    const command = { tag: 'SEND', notify: false, body: randomBytes(100) } as const;
    expect(await difference({ command, entityId: used.senderId }, missing(command), kind)).toBeLessThan(BOUND);
  });

  test('SKEY: a secured queue, or no queue', async () => {
    const command = { tag: 'SKEY', senderKey: generateKeyPair(kind).publicKey as AuthKey } as const;
    expect(await difference({ command, entityId: queue.senderId }, missing(command), kind)).toBeLessThan(BOUND);
  });
});
