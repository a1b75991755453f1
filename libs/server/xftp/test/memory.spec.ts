/** A transfer takes a constant amount of memory, however large its body and however slow its client. */
import { CHUNK_SIZES } from '@polyplex/protocol-xftp';
import { generateKeyPair } from '@polyplex/crypto';
import type { ChunkStore } from '@polyplex/store-contract';
import { afterEach, expect, it } from 'vitest';
import { createFile, opened, type TestFile, until, uploadedFile } from './support/file.ts';
import { startFileServer, type TestFileServer } from './support/file-server.ts';
import { RawClient, received } from './support/raw-client.ts';

const LARGE = CHUNK_SIZES[3]!;
/** What the server may have taken of one transfer beyond what its other side has: pieces, windows, buffers of sockets. */
const IN_FLIGHT = 1024 * 1024;

let server: TestFileServer | null = null;
afterEach(async () => {
  await server?.stop();
});

it('a download is read from the disk as its client takes it', async () => {
  let read = 0;
  server = await startFileServer({
    aroundChunks: (chunks): ChunkStore => ({
      ...chunks,
      async read(bodyId) {
        const body = await chunks.read(bodyId);
        if (body === null) return null;
        async function* counted(): AsyncGenerator<Uint8Array> {
          for await (const piece of body!.pieces) {
            read += piece.length;
            yield piece;
          }
        }
        return { size: body.size, pieces: counted() };
      },
    }),
  });
  const client = await RawClient.connect(server);
  const file: TestFile = await uploadedFile(client, { size: LARGE });
  const { id, key } = file.recipients[0]!;
  const stream = client.open();
  stream.end(client.block({ tag: 'FGET', dhKey: generateKeyPair('x25519').publicKey }, { entityId: id, key }));
  await new Promise((resolve) => stream.once('response', resolve));
  let taken = 0;
  let most = 0;
  while (taken < LARGE / 2) {
    // Time for the server to run ahead as far as it may.
    await new Promise((resolve) => setTimeout(resolve, 20));
    most = Math.max(most, read - taken);
    const piece = stream.read() as Buffer | null;
    taken += piece?.length ?? 0;
  }
  // The client's window of 1 MiB and its own buffers are not the server's.
  expect(most).toBeLessThan(IN_FLIGHT + (1 << 20) + 512 * 1024);
  expect(read).toBeLessThan(LARGE);
  client.close();
});

it('a download that is taken slowly is right in every byte, though its memory is used again', async () => {
  let reused = 0;
  server = await startFileServer({
    aroundChunks: (chunks): ChunkStore => ({
      ...chunks,
      async read(bodyId) {
        const body = await chunks.read(bodyId);
        return body && {
          size: body.size,
          pieces: body.pieces,
          release(piece) {
            reused++;
            body.release!(piece);
          },
        };
      },
    }),
  });
  const client = await RawClient.connect(server);
  const file: TestFile = await uploadedFile(client, { size: LARGE });
  const { id, key } = file.recipients[0]!;
  const keys = generateKeyPair('x25519');
  const stream = client.open();
  stream.end(client.block({ tag: 'FGET', dhKey: keys.publicKey }, { entityId: id, key }));
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const content = opened(received({ body: Buffer.concat(parts) }), keys.privateKey);
  expect(content).toEqual(file.content);
  expect(reused).toBeGreaterThan(10);
  client.close();
});

it('an upload is taken from its client as the disk takes it', async () => {
  const gate = Promise.withResolvers<void>();
  server = await startFileServer({
    aroundChunks: (chunks): ChunkStore => ({
      ...chunks,
      async write(bodyId, body, signal) {
        async function* slow(): AsyncGenerator<Uint8Array> {
          for await (const piece of body.pieces) {
            yield piece;
            await gate.promise;
          }
        }
        await chunks.write(bodyId, { size: body.size, pieces: slow() }, signal);
      },
    }),
  });
  const client = await RawClient.connect(server);
  const file = await createFile(client, { size: LARGE });
  const stream = client.open();
  let sent = 0;
  const block = client.block({ tag: 'FPUT' }, { entityId: file.senderId, key: file.senderKey });
  stream.write(block);
  const PART = 16_384;
  let stuck = false;
  const send = (): void => {
    while (sent < LARGE && !stuck) {
      stuck = !stream.write(file.content.subarray(sent, sent + PART), () => undefined);
      sent += PART;
    }
    if (sent >= LARGE) stream.end();
  };
  stream.on('drain', () => {
    stuck = false;
    send();
  });
  send();
  await until(() => stuck);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(sent).toBeLessThan(LARGE / 2);
  expect(sent).toBeLessThan(IN_FLIGHT + 512 * 1024);
  gate.resolve();
  stream.resume();
  await new Promise((resolve) => stream.once('end', resolve));
  expect((await server.files.usage()).uploaded).toBe(1);
  client.close();
});
