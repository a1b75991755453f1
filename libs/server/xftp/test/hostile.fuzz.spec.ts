/**
 * Hostile clients: damaged commands, blocks, handshakes and bodies against a whole server with its stores. Whatever comes,
 * the server answers with errors that the protocol names; no exception passes a request, no internal error is answered, no
 * body is left, memory stays bounded, and a well-behaved client next to it is served.
 */
import { concatBytes, EMPTY_BYTES, equalBytes } from '@polyplex/base';
import { pad } from '@polyplex/codec';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { handshakeBlock } from '@polyplex/protocol-common';
import { clientHandshake, clientHello, readBareError, readBlock, readReply, type XftpCommand } from '@polyplex/protocol-xftp';
import { createMutator, type Mutator } from '@polyplex/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFile, download, newFile, SMALL, type TestFile, until, uploadedFile } from './support/file.ts';
import { startFileServer, type TestFileServer, webCredentials } from './support/file-server.ts';
import { connectInMemory, type MemoryConnection } from './support/memory-connection.ts';
import { RawClient, said } from './support/raw-client.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000); // set it to repeat a finding
const FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 1); // the long tests do more
const COMMANDS = 20_000 * FACTOR;
const HANDSHAKES = 5000 * FACTOR;
const BODIES = 300 * FACTOR;
const MAX_HEAP_GROWTH = 200 * 1024 * 1024;
const BLOCK_BYTES = 16_384;

let server: TestFileServer;
let bystander: RawClient;
let owned: TestFile;
let mutator: Mutator;
beforeAll(async () => {
  server = await startFileServer({ web: await webCredentials(), options: { newFilesPerMinutePerAddress: 0, newFilesPerMinute: 0 } });
  bystander = await RawClient.connect(server);
  owned = await uploadedFile(bystander);
  mutator = createMutator(SEED);
});
afterAll(async () => {
  bystander.close();
  await server.stop();
});

async function allIsWell(): Promise<void> {
  expect(equalBytes((await download(bystander, owned.recipients[0]!)).content!, owned.content)).toBe(true);
  expect(server.server.stats.internalErrors.value).toBe(0);
  await until(() => server.server.gauges().uploads === 0 && server.server.gauges().downloads === 0);
  const { uploaded, bytes } = await server.files.usage();
  expect(await server.bodies()).toHaveLength(uploaded);
  expect(bytes).toBe(uploaded * SMALL);
}

/** The contents of well-formed blocks of every command, on a file of the fuzzer's own. */
function samples(client: RawClient, file: TestFile): readonly Uint8Array[] {
  const { senderId: entityId, senderKey: key } = file;
  const [recipient] = file.recipients;
  const ofRecipient = { entityId: recipient!.id, key: recipient!.key };
  const dhKey = generateKeyPair('x25519').publicKey;
  const fresh = newFile({ recipients: 3, password: 'password' });
  const add: XftpCommand = { tag: 'FADD', recipientKeys: fresh.command.recipientKeys };
  const blocks = [
    client.block(fresh.command, { key: fresh.sender.privateKey }),
    client.block(add, { entityId, key, corrId: randomBytes(24) }),
    client.block({ tag: 'FPUT' }, { entityId, key }),
    client.block({ tag: 'FGET', dhKey }, ofRecipient),
    client.block({ tag: 'FACK' }, ofRecipient),
    client.block({ tag: 'PING' }),
  ];
  return blocks.map((block) => block.subarray(2, 2 + ((block[0]! << 8) | block[1]!)));
}

/** Every answer is one of the protocol's. */
function check(answer: Uint8Array): void {
  if (answer.length === 0) return; // a client handshake that was accepted
  const block = answer.subarray(0, BLOCK_BYTES);
  expect(block).toHaveLength(BLOCK_BYTES);
  if (readBareError(block) !== null) return;
  const transmission = readBlock(block);
  if (transmission === null) return; // a hello
  const reply = readReply(transmission.command);
  expect(reply).not.toBeNull();
  expect(said(reply!)).not.toMatch(/INTERNAL|FILE_IO/);
}

test(`damaged commands in every kind of session (seed ${SEED})`, { timeout: 120_000 * FACTOR }, async () => {
  const heap = process.memoryUsage().heapUsed;
  for (const alpn of ['xftp/1', null]) {
    const client = await RawClient.connect({ ...server, alpn });
    const wellFormed = samples(client, await uploadedFile(client));
    const memory = connectInMemory(server, { sessionId: client.sessionId, alpn });
    if (alpn !== null) {
      await memory.ask(EMPTY_BYTES);
      await memory.ask(handshakeBlock(clientHandshake, { version: 3, keyHash: server.fingerprint }));
    }
    for (let sent = 0; sent < COMMANDS / 2; sent++) {
      const content = mutator.mutate(wellFormed);
      const block = mutator.below(20) === 0 ? content : pad(content.subarray(0, BLOCK_BYTES - 2), BLOCK_BYTES);
      check(await memory.ask(mutator.below(10) === 0 ? concatBytes(block, randomBytes(mutator.below(1000))) : block));
    }
    memory.close();
    client.close();
  }
  await allIsWell();
  expect(process.memoryUsage().heapUsed - heap).toBeLessThan(MAX_HEAP_GROWTH);
});

test('damaged handshakes', { timeout: 60_000 * FACTOR }, async () => {
  const handshake = handshakeBlock(clientHandshake, { version: 3, keyHash: server.fingerprint }).subarray(0, 40);
  const hello = handshakeBlock(clientHello, { challenge: randomBytes(32) }).subarray(0, 40);
  let memory: MemoryConnection | null = null;
  for (let sent = 0; sent < HANDSHAKES; sent++) {
    if (memory === null || mutator.below(10) === 0) {
      memory?.close();
      memory = connectInMemory(server, { sessionId: randomBytes(48), alpn: 'h2', web: true });
    }
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(mutator.mutate([handshake, hello]).subarray(0, BLOCK_BYTES));
    const headers: Record<string, string> = {};
    if (mutator.below(2) === 0) headers['xftp-web-hello'] = '1';
    if (mutator.below(2) === 0) headers['xftp-handshake'] = '1';
    check(await memory.ask(mutator.below(10) === 0 ? block.subarray(0, mutator.below(100)) : block, headers));
  }
  memory?.close();
  await allIsWell();
});

test('bodies of any length, cut anywhere, of clients that may go away', { timeout: 120_000 * FACTOR }, async () => {
  let client = await RawClient.connect(server);
  for (let sent = 0; sent < BODIES; sent++) {
    const file = await createFile(client);
    const body = concatBytes(client.block({ tag: 'FPUT' }, { entityId: file.senderId, key: file.senderKey }), file.content, randomBytes(100));
    const length = mutator.below(3) === 0 ? BLOCK_BYTES + SMALL : mutator.below(body.length);
    const stream = client.open();
    const answered = new Promise((resolve) => stream.once('close', resolve));
    for (let at = 0; at < length && !stream.destroyed; ) {
      const end = Math.min(length, at + 1 + mutator.below(30_000));
      stream.write(body.subarray(at, end));
      at = end;
      if (mutator.below(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const fate = mutator.below(20);
    if (fate === 0) client.close();
    else if (fate < 4) stream.destroy();
    else stream.end();
    stream.resume();
    await answered;
    if (fate === 0) client = await RawClient.connect(server);
  }
  client.close();
  await until(() => server.server.gauges().connections === 1);
  await allIsWell();
});
