/**
 * Hostile sessions: damaged commands, batches and handshakes against a whole relay with its store. Whatever comes,
 * the relay answers with errors that the protocol names or hangs up; no exception passes the connection, no internal
 * error is answered, memory stays bounded, and a well-behaved client next to it is served. (The parsers themselves get
 * their million damaged inputs in the tests of `protocol/*`.)
 */
import { EMPTY_BYTES } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { type BlockConnection, clientHello, encodeBatch, handshakeBlock, splitBatches } from '@polyplex/protocol-common';
import type { SmpCommand } from '@polyplex/protocol-smp';
import { createMutator, type Mutator } from '@polyplex/testing';
import { dialTls } from '@polyplex/transport-tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createQueue, newCommand, send, text, type TestQueue } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay, total } from './support/relay.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000); // set it to repeat a finding
const FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 1); // the long tests do more
const TRANSMISSIONS = 30_000 * FACTOR;
const CONTENTS = 2000 * FACTOR;
const HELLOS = 200 * FACTOR;
const MAX_HEAP_GROWTH = 200 * 1024 * 1024;

let relay: TestRelay;
let bystander: RawClient;
let owned: TestQueue;
let mutator: Mutator;
beforeAll(async () => {
  relay = await startRelay();
  bystander = await RawClient.connect(relay);
  owned = await createQueue(bystander, { subMode: 'C' });
  mutator = createMutator(SEED);
});
afterAll(async () => {
  bystander.close();
  await relay.stop();
});

/** Well-formed transmissions of every command, on a queue of the fuzzer's own. */
function samples(client: RawClient, queue: TestQueue): readonly Uint8Array[] {
  const keys = generateKeyPair('ed25519');
  const dh = generateKeyPair('x25519');
  const byRecipient: readonly SmpCommand[] = [
    { tag: 'SUB' }, { tag: 'GET' }, { tag: 'QUE' }, { tag: 'LDEL' }, { tag: 'NDEL' },
    { tag: 'ACK', msgId: randomBytes(24) }, { tag: 'KEY', senderKey: keys.publicKey }, { tag: 'RKEY', recipientKeys: [keys.publicKey, dh.publicKey] },
    { tag: 'NKEY', notifierKey: keys.publicKey, dhKey: dh.publicKey },
    { tag: 'LSET', linkId: randomBytes(24), data: { fixedData: randomBytes(50), userData: randomBytes(50) } },
  ];
  const server = { hosts: ['127.0.0.1'], port: '5223', keyHash: randomBytes(32) };
  return [
    ...byRecipient.map((command) => client.transmission(command, queue.recipientId, queue.recipientKey)),
    client.transmission(newCommand(keys, dh), EMPTY_BYTES, keys.privateKey),
    client.transmission({ tag: 'SEND', notify: true, body: randomBytes(100) }, queue.senderId),
    client.transmission({ tag: 'SKEY', senderKey: keys.publicKey }, queue.senderId, keys.privateKey),
    client.transmission({ tag: 'LKEY', senderKey: keys.publicKey }, randomBytes(24), keys.privateKey),
    client.transmission({ tag: 'LGET' }, randomBytes(24)),
    client.transmission({ tag: 'NSUB' }, randomBytes(24), keys.privateKey),
    client.transmission({ tag: 'PING' }),
    client.transmission({ tag: 'PRXY', server, password: null }),
    client.transmission({ tag: 'PFWD', version: 17, key: dh.publicKey, encTransmission: randomBytes(100) }, randomBytes(32)),
    client.transmission({ tag: 'RFWD', encFwdTransmission: randomBytes(100) }),
  ];
}

async function bystanderIsServed(): Promise<void> {
  expect(said(await send(bystander, owned, text('still here')))).toMatch(/^OK$|^ERR QUOTA$/);
}

test(`damaged transmissions in every version (seed ${SEED})`, { timeout: 120_000 * FACTOR }, async () => {
  const heap = process.memoryUsage().heapUsed;
  const versions = [6, 8, 10, 14, 16, 18];
  for (const version of versions) {
    const client = await RawClient.connect({ ...relay, version });
    const queue = await createQueue(client, { subMode: 'C' });
    const wellFormed = samples(client, queue);
    for (let sent = 0; sent < TRANSMISSIONS / versions.length; ) {
      const batch = splitBatches(Array.from({ length: 100 }, () => mutator.mutate(wellFormed)))[0]!;
      client.sendItems(batch);
      for (let answers = 0; answers < batch.length; ) {
        const { reply, corrId, entityId } = await client.next();
        expect(said(reply)).not.toBe('ERR INTERNAL');
        if (corrId.length > 0 || reply.tag === 'ERR' || entityId.length === 0) answers++; // events are no answers
      }
      sent += batch.length;
    }
    client.close();
  }
  await bystanderIsServed();
  expect(total(relay, ({ server }) => server.stats.internalErrors.value)).toBe(0);
  expect(process.memoryUsage().heapUsed - heap).toBeLessThan(MAX_HEAP_GROWTH);
});

test('damaged contents of blocks are answered, or are well-formed after all', { timeout: 60_000 * FACTOR }, async () => {
  const client = await RawClient.connect(relay);
  const ping = (): Uint8Array => client.transmission({ tag: 'PING' });
  for (let i = 0; i < CONTENTS; i++) {
    client.sendContent(mutator.mutate([encodeBatch([ping()]), encodeBatch([ping(), ping(), ping()])]).subarray(0, 16_000));
  }
  client.send(client.transmission({ tag: 'QUE' }, randomBytes(24), generateKeyPair('ed25519').privateKey));
  let last = '';
  while (last !== 'ERR AUTH') last = said((await client.next()).reply); // nothing else is answered so
  client.close();
  await bystanderIsServed();
  expect(total(relay, ({ server }) => server.stats.internalErrors.value)).toBe(0);
});

test('damaged hellos end in a session or a closed connection, nothing else', { timeout: 60_000 * FACTOR }, async () => {
  const hello = { version: 18, keyHash: relay.fingerprint, key: generateKeyPair('x25519').publicKey, proxyServer: false, service: null };
  const sample = handshakeBlock(clientHello, hello);
  for (let i = 0; i < HELLOS; i++) {
    const damaged = new Uint8Array(16_384);
    damaged.set(mutator.mutate([sample.subarray(0, 100)]).subarray(0, 16_384));
    const connection: BlockConnection = await dialTls({ host: '127.0.0.1', port: relay.port, fingerprint: relay.fingerprint, allowAddress: () => true });
    await new Promise<void>((resolve) => {
      let blocks = 0;
      connection.start({
        block: () => {
          if (++blocks === 1) {
            connection.write(damaged);
            connection.write(randomBytes(16_384)); // garbage for the session, if there is one: ERR BLOCK
          } else connection.destroy('local');
        },
        drained: () => undefined,
        closed: () => resolve(),
      });
    });
  }
  await bystanderIsServed();
  expect(total(relay, ({ server }) => server.stats.internalErrors.value)).toBe(0);
});
