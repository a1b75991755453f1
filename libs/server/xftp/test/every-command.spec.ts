/** What each command does (XFTP §5.2, §5.3, §5.6), with every kind of key. */
import { equalBytes } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';
import { CHUNK_SIZES } from '@polyplex/protocol-xftp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFile, download, type Kind, newFile, upload, uploadedFile } from './support/file.ts';
import { startFileServer, type TestFileServer } from './support/file-server.ts';
import { RawClient, said } from './support/raw-client.ts';

let server: TestFileServer;
let client: RawClient;
beforeAll(async () => {
  server = await startFileServer();
  client = await RawClient.connect(server);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const KINDS: readonly Kind[] = ['ed25519', 'ed448', 'x25519'];

describe.each(KINDS)('a file of %s keys', (kind) => {
  it.each(CHUNK_SIZES)('of %d bytes is uploaded and downloaded', async (size) => {
    const file = await uploadedFile(client, { size, kind });
    const { reply, content, entityId } = await download(client, file.recipients[0]!);
    expect(said(reply)).toBe('FILE');
    expect(equalBytes(content!, file.content)).toBe(true);
    expect(entityId).toEqual(file.recipients[0]!.id);
  });

  it('gets recipients, before and after its upload', async () => {
    const file = await createFile(client, { kind });
    const add = async (count: number) => {
      const keys = Array.from({ length: count }, () => generateKeyPair(kind));
      const command = { tag: 'FADD', recipientKeys: keys.map(({ publicKey }) => publicKey as AuthKey) } as const;
      const { reply } = await client.send(command, { entityId: file.senderId, key: file.senderKey });
      if (reply.tag !== 'RIDS') throw new Error(said(reply));
      return reply.recipientIds.map((id, i) => ({ id, key: keys[i]!.privateKey }));
    };
    const before = await add(2);
    await upload(client, file);
    const after = await add(1);
    for (const recipient of [...file.recipients, ...before, ...after]) {
      expect(equalBytes((await download(client, recipient)).content!, file.content)).toBe(true);
    }
  });

  it('FACK removes one recipient, FDEL the file', async () => {
    const file = await uploadedFile(client, { kind, recipients: 2 });
    const [one, two] = file.recipients;
    const ack = () => client.send({ tag: 'FACK' }, { entityId: one!.id, key: one!.key });
    expect(said((await ack()).reply)).toBe('OK');
    expect(said((await ack()).reply)).toBe('ERR AUTH');
    expect(said((await download(client, one!)).reply)).toBe('ERR AUTH');
    expect(said((await download(client, two!)).reply)).toBe('FILE');
    const del = () => client.send({ tag: 'FDEL' }, { entityId: file.senderId, key: file.senderKey });
    expect(said((await del()).reply)).toBe('OK');
    expect(said((await del()).reply)).toBe('ERR AUTH');
    expect(said((await download(client, two!)).reply)).toBe('ERR AUTH');
    expect(said((await upload(client, file)).reply)).toBe('ERR AUTH');
  });
});

describe('FNEW', () => {
  it('answers as many recipient ids as keys, all different, of 16 bytes', async () => {
    const file = await createFile(client, { recipients: 200 });
    const ids = [file.senderId, ...file.recipients.map(({ id }) => id)];
    expect(ids.map(({ length }) => length)).toEqual(ids.map(() => 16));
    expect(new Set(ids.map((id) => Buffer.from(id).toString('hex'))).size).toBe(201);
  });

  it('keeps the hour of its creation and no more', async () => {
    const file = await createFile(client);
    const found = await server.files.find('sender', file.senderId);
    expect(found!.file.createdAt % 3600).toBe(0);
    expect(found!.file.digest).toHaveLength(32);
  });
});

describe('a download', () => {
  it('is encrypted for itself alone', async () => {
    const file = await uploadedFile(client);
    const [one, two] = [await download(client, file.recipients[0]!), await download(client, file.recipients[0]!)];
    expect(one.reply).not.toEqual(two.reply);
    expect(equalBytes(one.rest, two.rest)).toBe(false);
    expect(one.rest).toHaveLength(file.content.length + 16);
  });

  it('goes on when the file is deleted meanwhile', async () => {
    const file = await uploadedFile(client, { size: CHUNK_SIZES[3]! });
    const recipient = file.recipients[0]!;
    const keys = generateKeyPair('x25519');
    const stream = client.open();
    stream.end(client.block({ tag: 'FGET', dhKey: keys.publicKey }, { entityId: recipient.id, key: recipient.key }));
    await new Promise((resolve) => stream.once('response', resolve));
    expect(said((await client.send({ tag: 'FDEL' }, { entityId: file.senderId, key: file.senderKey })).reply)).toBe('OK');
    let bytes = 0;
    for await (const piece of stream) bytes += (piece as Buffer).length;
    expect(bytes).toBe(16_384 + file.content.length + 16);
  });

  it('of many at once', async () => {
    const file = await uploadedFile(client, { size: CHUNK_SIZES[2]! });
    const contents = await Promise.all(Array.from({ length: 20 }, () => download(client, file.recipients[0]!)));
    expect(contents.map(({ content }) => equalBytes(content!, file.content))).toEqual(contents.map(() => true));
  });
});

describe('an upload', () => {
  it('repeated answers OK and changes nothing, whatever its bytes', async () => {
    const file = await uploadedFile(client);
    expect(said((await upload(client, file, randomBytes(file.content.length))).reply)).toBe('OK');
    expect(equalBytes((await download(client, file.recipients[0]!)).content!, file.content)).toBe(true);
  });

  it('fails and is made again under the same id', async () => {
    const file = await createFile(client);
    expect(said((await upload(client, file, randomBytes(file.content.length))).reply)).toBe('ERR DIGEST');
    expect(said((await download(client, file.recipients[0]!)).reply)).toBe('ERR NO_FILE');
    expect(said((await upload(client, file)).reply)).toBe('OK');
    expect(equalBytes((await download(client, file.recipients[0]!)).content!, file.content)).toBe(true);
  });

  it('several at once for one id: all are fine, one body is kept', async () => {
    const before = (await server.bodies()).length;
    const file = await createFile(client, { size: CHUNK_SIZES[1]! });
    const replies = await Promise.all(Array.from({ length: 5 }, () => upload(client, file)));
    expect(replies.map(({ reply }) => said(reply))).toEqual(['OK', 'OK', 'OK', 'OK', 'OK']);
    expect(equalBytes((await download(client, file.recipients[0]!)).content!, file.content)).toBe(true);
    expect(await server.bodies()).toHaveLength(before + 1);
  });
});

describe('replies', () => {
  it('echo session, corrId and entity', async () => {
    const corrId = randomBytes(24);
    const pong = await client.send({ tag: 'PING' }, { corrId });
    expect([pong.reply.tag, pong.corrId, pong.sessionId, pong.entityId.length]).toEqual(['PONG', corrId, client.sessionId, 0]);
    const { command, sender } = newFile();
    const sids = await client.send(command, { corrId, key: sender.privateKey });
    expect([sids.corrId, sids.entityId.length]).toEqual([corrId, 0]);
    expect((await client.send({ tag: 'PING' })).corrId).toHaveLength(0);
  });
});

it('counts what it did', async () => {
  const { stats } = server.server;
  expect(stats.filesCreated.value).toBeGreaterThan(20);
  expect(stats.filesUploaded.value).toBeLessThan(stats.filesCreated.value);
  expect(stats.fileDownloadAcks.value).toBe(3);
  expect(stats.filesDeleted.value).toBe(4);
  expect(stats.internalErrors.value).toBe(0);
  expect(server.server.gauges()).toMatchObject({ connections: 1, uploads: 0, downloads: 0, waiting: 0 });
  const { day } = server.server.gauges().filesDownloaded;
  expect(day).toBeGreaterThan(15);
  expect(day).toBeLessThan(stats.fileDownloads.value);
});
