/** Whole transfers by way of real file servers with real stores: what the played ones promise holds for them, too. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SECOND, systemClock } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import { type AddressText, formatAddress, parseAddress } from '@polyplex/protocol-common';
import { type FileDescription, fileLink, parseFileLink, parseWebLink, webLink } from '@polyplex/protocol-xftp';
import { createXftpServer, DEFAULT_OPTIONS, type XftpServer } from '@polyplex/server-xftp';
import { openDiskChunkStore, openEmbeddedFileStore } from '@polyplex/store-embedded';
import { silentLogger } from '@polyplex/telemetry';
import { listenHttp2 } from '@polyplex/transport-http2';
import { deleteFile, linkableDescription, receiveFile, sendFile } from '../../src/index.ts';
import { contentOf, expectSame, QUICK, receiving, sending, TestOutput, TestPlace } from './file-stage.ts';
import { newCredentials } from './scripted-file-server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const credentials = newCredentials();

interface Running {
  readonly server: XftpServer;
  readonly address: AddressText;
  stop(): Promise<void>;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-client-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start(folder: string, port = 0): Promise<Running> {
  const files = await openEmbeddedFileStore({ path: join(folder, 'records') });
  const chunks = await openDiskChunkStore({ path: join(folder, 'bodies') });
  const deps = { files, chunks, clock: systemClock, log: silentLogger, credentials: () => credentials };
  const server = createXftpServer(deps, { ...DEFAULT_OPTIONS, drainMs: 0, drainTransfersMs: SECOND });
  const listener = await listenHttp2({
    endpoints: [{ host: '127.0.0.1', port }],
    credentials: { xftp: credentials },
    onConnection: (connection) => server.accept(connection),
  });
  const at = { hosts: ['127.0.0.1'], port: String(listener.endpoints[0]!.port), keyHash: fingerprintOf(credentials.chain)! };
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    const closed = listener.close();
    await server.drain();
    await closed;
    await files.close();
    await chunks.close();
  };
  cleanups.push(stop);
  return { server, address: parseAddress(formatAddress(at, 'xftp'))!, stop };
}

const newServer = async (): Promise<Running> => start(await newFolder());

async function received(description: FileDescription): Promise<Uint8Array> {
  const output = new TestOutput();
  await receiveFile(receiving({ description, output }));
  return output.content;
}

const content = contentOf(2_700_000);

describe('real servers', () => {
  it('carry a file to several recipients, by several servers', async () => {
    const both = [await newServer(), await newServer()];
    let turn = 0;
    const { recipients } = await sendFile(sending(content, { servers: both.map(({ address }) => address), recipients: 3, random: () => (turn++ % 2) / 2 }));
    expect(new Set(recipients[0]!.chunks.map(({ replicas }) => replicas[0]!.server.port)).size).toBe(2);
    for (const bytes of await Promise.all(recipients.map(received))) expectSame(bytes, content);
  });

  it('know more recipients than one request names', async () => {
    const { address } = await newServer();
    const { recipients } = await sendFile(sending(contentOf(10), { servers: [address], recipients: 401 }));
    expect(recipients).toHaveLength(401);
    for (const i of [0, 199, 200, 400]) expect(await received(recipients[i]!)).toEqual(contentOf(10));
  });

  it('carry redirects, by both kinds of links', async () => {
    const { address } = await newServer();
    const { recipients } = await sendFile(sending(content, { servers: [address], recipients: 2 }));
    const redirects = await Promise.all(recipients.map((description) => linkableDescription(description, { ...QUICK, servers: [address] })));
    expectSame(await received(parseFileLink(fileLink(redirects[0]!))!.description), content);
    expectSame(await received(parseWebLink(webLink('https://files.example/', redirects[1]!))!), content);
  });

  it('keep nothing that was deleted, and say what was blocked', async () => {
    const { address, server } = await newServer();
    const deleted = await sendFile(sending(content, { servers: [address] }));
    expect(await deleteFile({ ...QUICK, description: deleted.sender })).toMatchObject({ done: deleted.sender.chunks.length, failures: [] });
    await expect(received(deleted.recipients[0]!)).rejects.toMatchObject({ error: { type: 'AUTH' } });
    const blocked = await sendFile(sending(contentOf(10), { servers: [address] }));
    await server.control.block(blocked.recipients[0]!.chunks[0]!.replicas[0]!.replicaId, { reason: 'content', notice: null });
    await expect(received(blocked.recipients[0]!)).rejects.toMatchObject({ error: { type: 'BLOCKED', info: { reason: 'content' } } });
  });

  it('go and come back while a file is sent and received', async () => {
    const folder = await newFolder();
    let running = await start(folder);
    const port = Number(running.address.port);
    const restarts: Promise<void>[] = [];
    const restartOnce = (phase: string) => {
      let isDone = false;
      return (progress: { phase: string; done: number }): void => {
        if (isDone || progress.phase !== phase || progress.done < 1_200_000) return;
        isDone = true;
        restarts.push(running.stop().then(async () => void (running = await start(folder, port))));
      };
    };
    const patient = { attempts: 100, backoff: { initialMs: 50, maxMs: 50 } };
    const { recipients } = await sendFile(sending(content, { servers: [running.address], ...patient, onProgress: restartOnce('uploading') }));
    await Promise.all(restarts);
    const output = new TestOutput();
    await receiveFile(receiving({ description: recipients[0]!, output, ...patient, onProgress: restartOnce('downloading') }));
    await Promise.all(restarts);
    expect(restarts).toHaveLength(2);
    expectSame(output.content, content);
  }, 90_000);

  it('finish what was interrupted', async () => {
    const { address } = await newServer();
    const place = new TestPlace();
    place.failAfterLines = 6;
    await expect(sendFile(sending(content, { servers: [address], place }))).rejects.toThrow('no room');
    place.failAfterLines = Infinity;
    const { recipients } = await sendFile(sending(content, { servers: [], place }));
    expectSame(await received(recipients[0]!), content);
  });
});
