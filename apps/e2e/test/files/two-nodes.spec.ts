/** One file server on two nodes, one Redis and one S3 storage: any node serves any file, and one may die in the middle. */
import { type EntityKey, type NewChunk, XftpRefusedError } from '@polyplex/client';
import { generateKeyPair, randomBytes, sha256 } from '@polyplex/crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FileServers, onNetwork } from './engines.ts';
import { addressOf, connectTo } from './file-traffic.ts';

const SIZE = 4_194_304;
let servers: FileServers;
beforeAll(async () => {
  servers = await onNetwork();
}, 120_000);
afterAll(() => servers.stop());

const body = randomBytes(SIZE);
const facts = { size: SIZE, digest: sha256(body) };
const at = (node: number) => connectTo(addressOf(servers.nodes[node]!.address));

async function created(node: number): Promise<{ readonly sender: EntityKey; readonly recipient: EntityKey }> {
  const [sender, recipient] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
  const { password } = addressOf(servers.nodes[node]!.address);
  const chunk: NewChunk = { ...facts, sender, recipientKeys: [recipient.publicKey], password };
  const client = await at(node);
  const { senderId, recipientIds } = await client.createChunk(chunk);
  client.close();
  return { sender: { id: senderId, key: sender.privateKey }, recipient: { id: recipientIds[0]!, key: recipient.privateKey } };
}

test('they have one address, and what one is given the other has: created, uploaded, downloaded and deleted on different ones', async () => {
  expect(addressOf(servers.nodes[0]!.address).keyHash).toEqual(addressOf(servers.nodes[1]!.address).keyHash);
  const { sender, recipient } = await created(0);
  const [one, two] = [await at(0), await at(1)];
  await two.uploadChunk(sender, SIZE, [body]);
  const pieces: Uint8Array[] = [];
  await one.downloadChunk(recipient, facts, (piece) => void pieces.push(Uint8Array.from(piece)));
  expect(sha256(Buffer.concat(pieces))).toEqual(facts.digest);
  await one.deleteChunk(sender);
  const refused = two.downloadChunk(recipient, facts, () => undefined);
  await expect(refused).rejects.toBeInstanceOf(XftpRefusedError);
  one.close();
  two.close();
});

test('a node dies in the middle of an upload: the same chunk is uploaded through the other one', { timeout: 120_000 }, async () => {
  const { sender, recipient } = await created(0);
  const [one, two] = [await at(0), await at(1)];
  const halfway = Promise.withResolvers<void>();
  const cut = one.uploadChunk(sender, SIZE, (async function* () {
    yield body.subarray(0, SIZE / 2);
    halfway.resolve();
    await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
  })());
  await halfway.promise;
  const broken = expect(cut).rejects.toMatchObject({ code: 'NETWORK' });
  await servers.nodes[0]!.kill();
  await broken;
  await two.uploadChunk(sender, SIZE, [body]);
  await two.downloadChunk(recipient, facts, () => undefined);
  await servers.nodes[0]!.restart();
  const again = await at(0);
  await again.downloadChunk(recipient, facts, () => undefined);
  for (const client of [one, two, again]) client.close();
});

test('a node dies in the middle of a download: the other one gives the file whole', { timeout: 120_000 }, async () => {
  const { sender, recipient } = await created(0);
  const [one, two] = [await at(0), await at(1)];
  await one.uploadChunk(sender, SIZE, [body]);
  const began = Promise.withResolvers<void>();
  const killed = Promise.withResolvers<void>();
  const cut = one.downloadChunk(recipient, facts, () => {
    began.resolve();
    return killed.promise;
  });
  const broken = expect(cut).rejects.toMatchObject({ code: 'NETWORK' });
  await began.promise;
  await servers.nodes[0]!.kill();
  killed.resolve();
  await broken;
  await two.downloadChunk(recipient, facts, () => undefined);
  await servers.nodes[0]!.restart();
  for (const client of [one, two]) client.close();
});
