/** Transfers that do not end well (XFTP §5.3): what their clients are told, and that nothing is left of them. */
import { concatBytes } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { CHUNK_SIZES } from '@polyplex/protocol-xftp';
import { type ChunkStore, StoreError } from '@polyplex/store-contract';
import { silentLogger } from '@polyplex/telemetry';
import { describe, expect, it } from 'vitest';
import { createFile, download, SMALL, until, upload, uploadedFile } from './support/file.ts';
import { answerOf, received, said } from './support/raw-client.ts';
import { connect, halfUpload, nothingIsLeft, start } from './support/scene.ts';

const LARGE = CHUNK_SIZES[3]!;

describe('an upload that does not end', () => {
  it('is over after its time: TIMEOUT, and may be made again', async () => {
    const server = await start({ options: { uploadTimeoutMs: 1500 } });
    const client = await connect(server);
    const file = await createFile(client);
    const stream = halfUpload(client, file);
    expect(said(received(await answerOf(stream)).reply)).toBe('ERR TIMEOUT');
    stream.close();
    await nothingIsLeft(server);
    expect(said((await upload(client, file)).reply)).toBe('OK');
  });

  it('because its client is gone', async () => {
    const server = await start();
    const [client, other] = [await connect(server), await connect(server)];
    const file = await createFile(client);
    halfUpload(client, file);
    await until(async () => (await server.bodies()).length > 0);
    client.close();
    await nothingIsLeft(server);
    expect(said((await upload(other, file)).reply)).toBe('OK');
  });

  it('because its stream was reset', async () => {
    const server = await start();
    const client = await connect(server);
    const file = await createFile(client, { size: LARGE });
    const stream = halfUpload(client, file);
    await until(async () => (await server.bodies()).length > 0);
    stream.destroy();
    await nothingIsLeft(server);
    expect(said((await upload(client, file)).reply)).toBe('OK');
  });

  it('because it stands still', async () => {
    const server = await start({ http: { stallTimeoutMs: 1000 } });
    const client = await connect(server);
    const file = await createFile(client);
    halfUpload(client, file);
    await until(async () => (await server.bodies()).length > 0);
    await nothingIsLeft(server);
    expect(said((await client.send({ tag: 'PING' })).reply)).toBe('PONG');
  });

  it.each([
    ['another hash', 'ERR DIGEST', (content: Uint8Array) => randomBytes(content.length)],
    ['too long', 'ERR SIZE', (content: Uint8Array) => concatBytes(content, Uint8Array.of(0))],
    ['too short', 'ERR SIZE', (content: Uint8Array) => content.subarray(1)],
  ])('well: %s', async (_name, error, body) => {
    const server = await start();
    const client = await connect(server);
    const file = await createFile(client);
    expect(said((await upload(client, file, body(file.content))).reply)).toBe(error);
    await nothingIsLeft(server);
  });

  it('because the file is deleted meanwhile: AUTH', async () => {
    const server = await start();
    const client = await connect(server);
    const file = await createFile(client);
    const stream = halfUpload(client, file);
    const answer = answerOf(stream);
    await until(async () => (await server.bodies()).length > 0);
    expect(said((await client.send({ tag: 'FDEL' }, { entityId: file.senderId, key: file.senderKey })).reply)).toBe('OK');
    stream.end(file.content.subarray(file.content.length / 2));
    expect(said(received(await answer).reply)).toBe('ERR AUTH');
    await nothingIsLeft(server);
  });
});

describe('a disk that fails', () => {
  const failing = (part: Partial<ChunkStore>) => ({
    log: silentLogger,
    aroundChunks: (chunks: ChunkStore): ChunkStore => ({
      ...chunks,
      list: (olderThanMs) => chunks.list(olderThanMs),
      ...part,
    }),
  });
  const refuse = () => Promise.reject(new StoreError('FULL', 'no room'));

  it('while writing: FILE_IO, and nothing counts to the quota', async () => {
    const server = await start(failing({ write: refuse }));
    const client = await connect(server);
    expect(said((await upload(client, await createFile(client))).reply)).toBe('ERR FILE_IO');
    expect(server.server.stats.storeFailures.value).toBe(1);
    await nothingIsLeft(server);
  });

  it('while removing: the file is gone all the same, its body is left for a sweep', async () => {
    let broken = true;
    let real: ChunkStore;
    const server = await start({
      log: silentLogger,
      aroundChunks: (chunks) => {
        real = chunks;
        return { ...chunks, remove: (bodyId) => (broken ? refuse() : real.remove(bodyId)) };
      },
    });
    const client = await connect(server);
    const file = await uploadedFile(client);
    expect(said((await client.send({ tag: 'FDEL' }, { entityId: file.senderId, key: file.senderKey })).reply)).toBe('OK');
    expect(said((await download(client, file.recipients[0]!)).reply)).toBe('ERR AUTH');
    expect(await server.bodies()).toHaveLength(1);
    expect(await server.files.usage()).toMatchObject({ uploaded: 0, bytes: SMALL });
    broken = false;
  });

  it('while reading: the client sees a broken stream, never a short file that ends well', async () => {
    async function* half(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(randomBytes(1000));
      throw new StoreError('DAMAGED', 'a body is cut short');
    }
    const server = await start(failing({ read: async () => Promise.resolve({ size: SMALL, pieces: half() }) }));
    const client = await connect(server);
    const file = await uploadedFile(client);
    await expect(download(client, file.recipients[0]!)).rejects.toThrow();
    await until(() => server.server.gauges().downloads === 0);
  });

  it('a body that has vanished: AUTH', async () => {
    const server = await start(failing({ read: async () => Promise.resolve(null) }));
    const client = await connect(server);
    const file = await uploadedFile(client);
    expect(said((await download(client, file.recipients[0]!)).reply)).toBe('ERR AUTH');
  });
});
