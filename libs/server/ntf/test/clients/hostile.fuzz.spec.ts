/**
 * A proxy under hostile blocks: whatever a connection sends, it is answered or closed, the proxy goes on, and others are not
 * disturbed. Repeat a finding with its seed (FUZZ_SEED); the long tests take FUZZ_FACTOR times as many, by a new seed.
 */
import * as fc from 'fast-check';
import { fingerprintOf, generateKeyPair } from '@polyplex/crypto';
import { encodeBatch } from '@polyplex/protocol-common';
import { ntfClientHello, ntfHandshakeBlock } from '@polyplex/protocol-ntf';
import { createMutator, ntfCommandArbitrary } from '@polyplex/testing';
import { expect, it } from 'vitest';
import { activeToken, newApp, register } from './support/device.ts';
import { connectInMemory, memoryCredentials, pair } from './support/memory.ts';
import { createProxy } from './support/proxy.ts';
import { said } from './support/raw-client.ts';

const FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 1);
const SEED = Number(process.env['FUZZ_SEED'] ?? (FACTOR > 1 ? Date.now() % 1_000_000_000 : 20_261_129));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('hellos', async () => {
  const { server, stats } = createProxy(memoryCredentials);
  const mutator = createMutator(SEED);
  const hello = ntfHandshakeBlock(ntfClientHello, { version: 3, keyHash: fingerprintOf(memoryCredentials.chain)! });
  for (let i = 0; i < 2_000 * FACTOR; i++) {
    const ends = pair(mutator.below(4) === 0 ? { alpn: null } : {});
    server.accept(ends.server);
    ends.client.start({ block: () => undefined, drained: () => undefined, closed: () => undefined });
    ends.client.write(fitted(mutator.mutate([hello])));
    if (i % 50 === 0) await turn();
    if (i % 2 === 0) ends.client.destroy('local');
  }
  await turn();
  expect(stats.internalErrors.value).toBe(0);
  expect(stats.handshakeFailures.total).toBeGreaterThan(100);
  await stillServes(server);
});

it.each([1, 2, 3])('blocks, in version %i', async (version) => {
  const { server, store, stats } = createProxy(memoryCredentials, { options: { newTokensPerMinutePerAddress: 0 } });
  const { client: bystander } = await connectInMemory(server);
  const token = await activeToken(bystander, store, newApp());
  const { client } = await connectInMemory(server, { version });
  const own = await activeToken(client, store, newApp());
  const mutator = createMutator(SEED + version);
  const commands = fc.sample(ntfCommandArbitrary, { numRuns: 200, seed: SEED }).filter(({ tag }) => tag !== 'TDEL');
  const transmissions = commands.map((command, i) => client.transmission(command, [{}, own.sent, { key: own.sent.key }, { entityId: own.tokenId, auth: new Uint8Array(80) }][i % 4]))
    .filter(({ length }) => length <= 500);
  const samples = transmissions.flatMap((item, i) => [item, encodeBatch([item]), encodeBatch([transmissions[i - 1] ?? item, item])]).filter(({ length }) => length <= 510);
  for (let i = 0; i < 3_000 * FACTOR; i++) {
    const content = mutator.mutate(samples).subarray(0, 510);
    if (mutator.below(10) === 0) client.connection.write(fitted(content));
    else client.sendContent(content);
    if (i % 20 === 0) await turn();
    // The rest of its answers is read and thrown away.
    if (i % 500 === 0) expect(said(await bystander.ask({ tag: 'TCHK' }, token.sent))).toBe('TKN ACTIVE');
  }
  const corrId = new Uint8Array(24).fill(7);
  client.send(client.transmission({ tag: 'PING' }, { corrId }));
  for (;;) {
    const answer = await client.next();
    if (Buffer.from(answer.corrId).equals(corrId)) break;
  }
  expect(stats.internalErrors.value).toBe(0);
  expect(stats.errors.total).toBeGreaterThan(1_000);
  await stillServes(server);
});

/** Cut or filled to a block. */
function fitted(bytes: Uint8Array): Uint8Array {
  const block = new Uint8Array(512);
  block.set(bytes.subarray(0, 512));
  return block;
}

async function stillServes(server: Parameters<typeof connectInMemory>[0]): Promise<void> {
  const { client } = await connectInMemory(server);
  await register(client, newApp('ed25519'));
  expect(said(await client.ask({ tag: 'TCHK' }, { entityId: new Uint8Array(24), key: generateKeyPair('ed25519').privateKey }))).toBe('ERR AUTH');
  client.close();
}
