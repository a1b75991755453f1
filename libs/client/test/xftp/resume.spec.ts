/** Transfers that were interrupted go on (XFTP §8): what was done is not asked for again. */
import { afterEach, describe, expect, it } from 'vitest';
import { DAY, fromBase64Url } from '@polyplex/base';
import type { FileDescription } from '@polyplex/protocol-xftp';
import { createFakeClock } from '@polyplex/testing';
import { connectXftp, linkableDescription, receiveFile, sendFile, type TransferProgress } from '../../src/index.ts';
import { contentOf, expectSame, receiving, sending, sourceOf, TestOutput, TestPlace } from './file-stage.ts';
import { type FileServerScript, ScriptedFileServer } from './scripted-file-server.ts';

const servers: ScriptedFileServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function newServer(script: FileServerScript = {}): Promise<ScriptedFileServer> {
  const server = await ScriptedFileServer.start(script);
  servers.push(server);
  return server;
}

/** 1 MB twice and three times 256 kB. */
const content = contentOf(2_700_000);
const CHUNKS = 5;

/** A source that was read once, and is not to be read again. */
const untouchable = { ...sourceOf(content), pieces: () => expect.unreachable('the file was read again') };

async function wholeFile(description: FileDescription): Promise<Uint8Array> {
  const output = new TestOutput();
  await receiveFile(receiving({ description, output }));
  return output.content;
}

describe('an upload', () => {
  it.each([0, 1, 3, CHUNKS - 1])('that ended after %d chunks goes on with the next', async (done) => {
    const script: FileServerScript = { behaviour: ({ tag, earlier }) => (tag === 'FPUT' && earlier >= done ? 'hangUp' : null) };
    const server = await newServer(script);
    const place = new TestPlace();
    await expect(sendFile(sending(content, { servers: [server.address], place, attempts: 1 }))).rejects.toMatchObject({ code: 'NETWORK' });
    delete script.behaviour;
    const { recipients } = await sendFile(sending(content, { servers: [], place, source: untouchable }));
    expect([server.count('FNEW'), server.count('FPUT')]).toEqual([CHUNKS, CHUNKS + 1]);
    expectSame(await wholeFile(recipients[0]!), content);
  });

  it('that was given up goes on', async () => {
    const server = await newServer();
    const place = new TestPlace();
    const controller = new AbortController();
    const onProgress = ({ phase, done }: TransferProgress): void => {
      if (phase === 'uploading' && done > 1_500_000) controller.abort();
    };
    await expect(sendFile(sending(content, { servers: [server.address], place, onProgress, signal: controller.signal }))).rejects.toMatchObject({ code: 'CLOSED' });
    const { recipients } = await sendFile(sending(content, { servers: [], place, source: untouchable }));
    expect(server.count('FNEW')).toBe(CHUNKS);
    expectSame(await wholeFile(recipients[0]!), content);
  });

  it('begins anew where it ended while the file was being encrypted', async () => {
    const server = await newServer();
    const place = new TestPlace();
    const controller = new AbortController();
    const onProgress = ({ done }: TransferProgress): void => {
      if (done > 1_000_000) controller.abort();
    };
    await expect(sendFile(sending(content, { servers: [server.address], place, onProgress, signal: controller.signal }))).rejects.toMatchObject({ code: 'CLOSED' });
    expect(server.connections).toBe(0);
    const { recipients } = await sendFile(sending(content, { servers: [server.address], place }));
    expectSame(await wholeFile(recipients[0]!), content);
  });

  it('repeats a chunk whose answer was lost, and no record', async () => {
    const server = await newServer({ behaviour: ({ tag, earlier }) => (tag === 'FPUT' && earlier === 1 ? 'hangUpAfter' : null) });
    await sendFile(sending(content, { servers: [server.address] }));
    expect([server.count('FNEW'), server.count('FPUT'), server.chunks.size]).toEqual([CHUNKS, CHUNKS + 1, CHUNKS]);
  });

  it('waits for a server that goes and comes back', async () => {
    const server = await newServer({ behaviour: ({ tag, earlier }) => (tag === 'FPUT' && earlier === 2 ? 'hangUp' : null) });
    let isBack = Promise.resolve();
    const onRetry = (): void => {
      isBack = isBack.then(() => (server.connections === 1 ? server.stop().then(() => server.start()) : undefined));
    };
    const { recipients } = await sendFile(sending(content, { servers: [server.address], onRetry, attempts: 50, backoff: { initialMs: 20, maxMs: 20 } }));
    await isBack;
    expect(server.connections).toBeGreaterThan(1);
    expect(server.count('FNEW')).toBe(CHUNKS);
    expectSame(await wholeFile(recipients[0]!), content);
  });

  it('registers a chunk anew that the server has forgotten meanwhile', async () => {
    const script: FileServerScript = { behaviour: ({ tag, earlier }) => (tag === 'FPUT' && earlier >= 1 ? 'hangUp' : null) };
    const server = await newServer(script);
    const place = new TestPlace();
    await expect(sendFile(sending(content, { servers: [server.address], place, attempts: 1 }))).rejects.toMatchObject({ code: 'NETWORK' });
    for (const [id, { body }] of server.chunks) if (body === null) server.chunks.delete(id);
    delete script.behaviour;
    const { recipients } = await sendFile(sending(content, { servers: [], place }));
    expect(server.count('FNEW')).toBe(CHUNKS + 1);
    expectSame(await wholeFile(recipients[0]!), content);
  });

  it('does not go on with another file, and begins anew after a day', async () => {
    const script: FileServerScript = { behaviour: ({ tag }) => (tag === 'FPUT' ? { type: 'QUOTA' } : null) };
    const server = await newServer(script);
    const place = new TestPlace();
    const clock = createFakeClock();
    const sendAgain = (bytes: Uint8Array) => sendFile(sending(bytes, { servers: [server.address], place, clock }));
    await expect(sendAgain(content)).rejects.toMatchObject({ error: { type: 'QUOTA' } });
    await expect(sendAgain(contentOf(1))).rejects.toMatchObject({ code: 'CHANGED' });
    delete script.behaviour;
    clock.advance(DAY + 1);
    await sendAgain(content);
    expect(server.count('FNEW')).toBe(CHUNKS + 1);
  });

  it('ends at once when its state cannot be written', async () => {
    const server = await newServer();
    const place = new TestPlace();
    place.failAfterLines = 4;
    await expect(sendFile(sending(content, { servers: [server.address], place }))).rejects.toThrow('no room');
    place.failAfterLines = Infinity;
    const { recipients } = await sendFile(sending(content, { servers: [], place }));
    expectSame(await wholeFile(recipients[0]!), content);
  });
});

describe('a download', () => {
  async function sent(script: FileServerScript) {
    const server = await newServer(script);
    const { recipients } = await sendFile(sending(content, { servers: [server.address] }));
    return { server, description: recipients[0]! };
  }

  it.each([0, 1, 3, CHUNKS - 1])('that ended after %d chunks goes on with the next', async (done) => {
    const script: FileServerScript = { behaviour: ({ tag, earlier }) => (tag === 'FGET' && earlier >= done ? 'hangUp' : null) };
    const { server, description } = await sent(script);
    const place = new TestPlace();
    const output = new TestOutput();
    await expect(receiveFile(receiving({ description, place, output, attempts: 1 }))).rejects.toMatchObject({ code: 'NETWORK' });
    expect(output.name).toBeNull();
    delete script.behaviour;
    await receiveFile(receiving({ description, place, output }));
    expect([server.count('FGET'), server.count('FACK')]).toEqual([CHUNKS + 1, CHUNKS]);
    expectSame(output.content, content);
  });

  it('that was given up goes on', async () => {
    const { server, description } = await sent({});
    const place = new TestPlace();
    const output = new TestOutput();
    const controller = new AbortController();
    const onProgress = ({ done }: TransferProgress): void => {
      if (done > 1_500_000) controller.abort();
    };
    await expect(receiveFile(receiving({ description, place, output, onProgress, signal: controller.signal }))).rejects.toMatchObject({ code: 'CLOSED' });
    await receiveFile(receiving({ description, place, output }));
    expect(server.count('FGET')).toBe(CHUNKS + 1);
    expectSame(output.content, content);
  });

  it('waits for a server that goes and comes back', async () => {
    const { server, description } = await sent({ behaviour: ({ tag, earlier }) => (tag === 'FGET' && earlier === 2 ? 'hangUp' : null) });
    let isBack = Promise.resolve();
    const onRetry = (): void => {
      isBack = isBack.then(() => (server.connections === 2 ? server.stop().then(() => server.start()) : undefined));
    };
    const output = new TestOutput();
    await receiveFile(receiving({ description, output, onRetry, attempts: 50, backoff: { initialMs: 20, maxMs: 20 } }));
    await isBack;
    expect(server.count('FGET')).toBe(CHUNKS + 1);
    expectSame(output.content, content);
  });

  it('that was whole is not repeated when only acknowledgements are missing', async () => {
    const { server, description } = await sent({});
    const place = new TestPlace();
    const output = new TestOutput();
    place.failAfterLines = 1 + CHUNKS + 1 + 2; // its head, the chunks, the file, two acknowledgements
    await expect(receiveFile(receiving({ description, place, output }))).rejects.toThrow('no room');
    expectSame(output.content, content);
    place.failAfterLines = Infinity;
    const again = await receiveFile(receiving({ description, place, output: new TestOutput() }));
    expect(again).toEqual({ path: '/out/photo.jpg', size: content.length, unacknowledged: 0 });
    expect(server.count('FGET')).toBe(CHUNKS);
  });

  it('does not follow a redirect twice', async () => {
    const { server, description } = await sent({});
    const redirect = await linkableDescription(description, { servers: [server.address] });
    server.script.behaviour = ({ tag, earlier }) => (tag === 'FGET' && earlier >= 2 ? 'hangUp' : null);
    const place = new TestPlace();
    const output = new TestOutput();
    await expect(receiveFile(receiving({ description: redirect, place, output, attempts: 1 }))).rejects.toMatchObject({ code: 'NETWORK' });
    delete server.script.behaviour;
    await receiveFile(receiving({ description: redirect, place, output }));
    expect(server.count('FGET')).toBe(1 + CHUNKS + 1);
    expectSame(output.content, content);
  });
});

it('a transfer that is given up while a server is being reached ends at once', async () => {
  const server = await newServer();
  const controller = new AbortController();
  const dial = (): Promise<never> => new Promise(() => controller.abort());
  const sent = sendFile(sending(contentOf(1), { servers: [server.address], connect: { dial }, signal: controller.signal }));
  await expect(sent).rejects.toMatchObject({ code: 'CLOSED' });
});

it('keys in a state are those of the server’s records', async () => {
  const server = await newServer();
  const { sender } = await sendFile(sending(contentOf(1), { servers: [server.address] }));
  const { replicaId, replicaKey } = sender.chunks[0]!.replicas[0]!;
  expect([...server.chunks.keys()].map((id) => fromBase64Url(id))).toEqual([replicaId]);
  const client = await connectXftp({ address: server.address });
  await client.deleteChunk({ id: replicaId, key: replicaKey });
  client.close();
});
