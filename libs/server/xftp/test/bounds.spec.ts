/** Bounds on time, number and place (XFTP §5.3, §5.5), and the end of a server. */
import { equalBytes } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import { CHUNK_SIZES } from '@polyplex/protocol-xftp';
import { createFakeClock } from '@polyplex/testing';
import { describe, expect, it } from 'vitest';
import { createFile, download, newFile, SMALL, until, upload, uploadedFile } from './support/file.ts';
import { startFileServer } from './support/file-server.ts';
import { answerOf, RawClient, received, said } from './support/raw-client.ts';
import { connect, halfUpload, nothingIsLeft, start } from './support/scene.ts';

const LARGE = CHUNK_SIZES[3]!;

describe('the quota', () => {
  it('is decided at FPUT, and given back', async () => {
    const server = await start({ options: { quota: 2 * SMALL } });
    const client = await connect(server);
    const [one, two, three] = [await createFile(client), await createFile(client), await createFile(client)];
    expect(said((await upload(client, one)).reply)).toBe('OK');
    expect(said((await upload(client, two)).reply)).toBe('OK');
    expect(said((await upload(client, three)).reply)).toBe('ERR QUOTA');
    expect(said((await upload(client, one)).reply)).toBe('OK'); // has its body already
    expect(said((await client.send({ tag: 'FDEL' }, { entityId: one.senderId, key: one.senderKey })).reply)).toBe('OK');
    expect(said((await upload(client, three)).reply)).toBe('OK');
  });

  it('counts what is under way', async () => {
    const server = await start({ options: { quota: SMALL } });
    const client = await connect(server);
    const [one, two] = [await createFile(client), await createFile(client)];
    const stream = halfUpload(client, one);
    await until(async () => (await server.bodies()).length > 0);
    expect(said((await upload(client, two)).reply)).toBe('ERR QUOTA');
    stream.destroy();
    await nothingIsLeft(server);
    expect(said((await upload(client, two)).reply)).toBe('OK');
  });
});

describe('transfers at once', () => {
  it('of one connection: more wait in line', async () => {
    const server = await start({ options: { transfersPerConnection: 2 } });
    const [client, other] = [await connect(server), await connect(server)];
    const files = [await createFile(client), await createFile(client), await createFile(client)];
    const streams = [halfUpload(client, files[0]!), halfUpload(client, files[1]!)];
    await until(() => server.server.gauges().uploads === 2);
    const third = upload(client, files[2]!);
    await until(() => server.server.gauges().waiting === 1);
    expect(said((await upload(other, await createFile(other))).reply)).toBe('OK');
    streams[0]!.end(files[0]!.content.subarray(SMALL / 2));
    expect(said((await third).reply)).toBe('OK');
    streams[1]!.destroy();
  });

  it('of all: those in line leave it with their client', async () => {
    const server = await start({ options: { uploads: 1 } });
    const [client, other] = [await connect(server), await connect(server)];
    halfUpload(client, await createFile(client));
    await until(() => server.server.gauges().uploads === 1);
    upload(other, await createFile(other)).catch(() => undefined);
    await until(() => server.server.gauges().waiting === 1);
    other.close();
    await until(() => server.server.gauges().waiting === 0);
    client.close();
    await nothingIsLeft(server);
  });

  it('downloads have places of their own, given back by clients that go away', async () => {
    const server = await start({ options: { downloads: 2 } });
    const client = await connect(server);
    const file = await uploadedFile(client, { size: LARGE });
    const { id, key } = file.recipients[0]!;
    const slow = [await connect(server), await connect(server)];
    for (const each of slow) {
      const stream = each.open();
      stream.end(each.block({ tag: 'FGET', dhKey: generateKeyPair('x25519').publicKey }, { entityId: id, key }));
    }
    await until(() => server.server.gauges().downloads === 2);
    const third = download(client, file.recipients[0]!);
    await until(() => server.server.gauges().waiting === 1);
    expect(said((await upload(client, await createFile(client))).reply)).toBe('OK');
    slow[0]!.close();
    expect(equalBytes((await third).content!, file.content)).toBe(true);
  });

  it('a download that nobody takes is ended', async () => {
    const server = await start({ http: { stallTimeoutMs: 1000 } });
    const client = await connect(server);
    const file = await uploadedFile(client, { size: LARGE });
    const { id, key } = file.recipients[0]!;
    client.open().end(client.block({ tag: 'FGET', dhKey: generateKeyPair('x25519').publicKey }, { entityId: id, key }));
    await until(() => server.server.gauges().downloads === 1);
    await until(() => server.server.gauges().downloads === 0);
    expect(said((await client.send({ tag: 'PING' })).reply)).toBe('PONG');
  });
});

describe('new files', () => {
  const tryNew = async (client: RawClient): Promise<string> => {
    const { command, sender } = newFile();
    return said((await client.send(command, { key: sender.privateKey })).reply);
  };

  it('by one address in a minute, FADD included', async () => {
    const server = await start({ options: { newFilesPerMinutePerAddress: 2 } });
    const client = await connect(server);
    const file = await createFile(client);
    const add = { tag: 'FADD', recipientKeys: [generateKeyPair('ed25519').publicKey] } as const;
    expect(said((await client.send(add, { entityId: file.senderId, key: file.senderKey })).reply)).toBe('RIDS');
    expect(said((await client.send(add, { entityId: file.senderId, key: file.senderKey })).reply)).toBe('ERR QUOTA');
    expect(await tryNew(client)).toBe('ERR QUOTA');
    expect(await tryNew(await connect(server, { localAddress: '127.0.0.2' }))).toBe('SIDS');
  });

  it('by all', async () => {
    const server = await start({ options: { newFilesPerMinute: 1 } });
    expect(await tryNew(await connect(server))).toBe('SIDS');
    expect(await tryNew(await connect(server, { localAddress: '127.0.0.2' }))).toBe('ERR QUOTA');
  });
});

describe('connections', () => {
  it('without requests are closed', async () => {
    const clock = createFakeClock(Date.now());
    const server = await start({ clock, options: { inactiveTtlMs: 60_000, inactiveCheckMs: 10_000 } });
    const [idle, busy] = [await connect(server), await connect(server)];
    clock.advance(55_000);
    await busy.send({ tag: 'PING' });
    clock.advance(15_000);
    await until(() => idle.session.closed);
    expect(said((await busy.send({ tag: 'PING' })).reply)).toBe('PONG');
    expect(server.server.stats.closed.get('idle')).toBe(1);
  });

  it('whose block does not come are answered BLOCK after a time', async () => {
    const server = await start({ options: { blockTimeoutMs: 500 } });
    const client = await connect(server);
    const stream = client.open();
    const answer = answerOf(stream);
    stream.write(new Uint8Array(100));
    expect(said(received(await answer).reply)).toBe('ERR BLOCK');
    stream.close();
  });
});

describe('a drain', () => {
  it('lets transfers end, and takes no new connections', async () => {
    const server = await startFileServer();
    const client = await RawClient.connect(server);
    const file = await createFile(client);
    const stream = halfUpload(client, file);
    const answer = answerOf(stream);
    await until(() => server.server.gauges().uploads === 1);
    const drained = server.server.drain();
    await until(() => client.session.closed);
    const late = await RawClient.connect({ ...server, version: null });
    await expect(late.post(new Uint8Array(0))).rejects.toThrow();
    stream.end(file.content.subarray(SMALL / 2));
    expect(said(received(await answer).reply)).toBe('OK');
    await drained;
    await server.stop();
  });

  it('cuts off those that do not, and clears up behind them', async () => {
    const server = await startFileServer({ options: { drainTransfersMs: 200 } });
    const client = await RawClient.connect(server);
    halfUpload(client, await createFile(client));
    await until(async () => (await server.bodies()).length > 0);
    await server.server.drain();
    expect(await server.bodies()).toEqual([]);
    expect(await server.files.usage()).toMatchObject({ files: 1, bytes: 0 });
    await server.stop();
  });
});
