/** Whole files to and fro: chunks, recipients, servers, and what hostile or forgetful servers bring (XFTP §4, §8). */
import { afterEach, describe, expect, it } from 'vitest';
import { type FileDescription, formatDescription, parseDescription } from '@polyplex/protocol-xftp';
import { fileInfo, receiveFile, type ReceiveFileOptions, sendFile, type TransferProgress } from '../../src/index.ts';
import { contentOf, expectSame, QUICK, receiving, sending, sourceOf, TestOutput, TestPlace } from './file-stage.ts';
import { type FileServerScript, newCredentials, ScriptedFileServer, type StoredChunk } from './scripted-file-server.ts';

const servers: ScriptedFileServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const credentials = newCredentials();

async function newServer(script: FileServerScript = {}): Promise<ScriptedFileServer> {
  const server = await ScriptedFileServer.start(script, credentials);
  servers.push(server);
  return server;
}

async function received(description: FileDescription, options: Partial<ReceiveFileOptions> = {}): Promise<{ content: Uint8Array; name: string | null }> {
  const output = new TestOutput();
  await receiveFile(receiving({ description, output, ...options }));
  return { content: output.content, name: output.name };
}

function bodies(server: ScriptedFileServer): StoredChunk[] {
  return [...server.chunks.values()];
}

/** More than one chunk: 256 kB and 64 kB. */
const SEVERAL = 300_000;

describe('a file', () => {
  it.each([0, 1, 100_000, SEVERAL, 1_200_000])('of %d bytes arrives', async (size) => {
    const server = await newServer();
    const content = contentOf(size);
    const { recipients, sender } = await sendFile(sending(content, { servers: [server.address] }));
    expect(bodies(server).reduce((sum, chunk) => sum + chunk.size, 0)).toBe(sender.size);
    const { content: arrived, name } = await received(recipients[0]!);
    expect(name).toBe('photo.jpg');
    expectSame(arrived, content);
  });

  it('is not left readable on the server', async () => {
    const server = await newServer();
    await sendFile(sending(new Uint8Array(SEVERAL), { servers: [server.address] }));
    for (const { body } of bodies(server)) expect(new Set(body).size).toBe(256);
  });

  it('has a description for each recipient, each with keys of its own', async () => {
    const server = await newServer();
    const content = contentOf(SEVERAL);
    const { recipients } = await sendFile(sending(content, { servers: [server.address], recipients: 3 }));
    expect(recipients).toHaveLength(3);
    for (const description of recipients) expectSame((await received(description)).content, content);
    const again = receiveFile(receiving({ description: recipients[0]! }));
    await expect(again).rejects.toMatchObject({ code: 'REFUSED', error: { type: 'AUTH' } });
  });

  it('goes to several servers, and is collected from them', async () => {
    const both = [await newServer(), await newServer()];
    const content = contentOf(1_200_000);
    let turn = 0;
    const { recipients, sender } = await sendFile(sending(content, { servers: both.map(({ address }) => address), random: () => (turn++ % 2) / 2 }));
    expect(both.map(({ chunks }) => chunks.size)).toEqual([1, 1]);
    expect(fileInfo(sender).servers).toHaveLength(2);
    expectSame((await received(recipients[0]!)).content, content);
  });

  it('survives its descriptions being written down', async () => {
    const server = await newServer();
    const content = contentOf(SEVERAL);
    const { recipients } = await sendFile(sending(content, { servers: [server.address] }));
    expectSame((await received(parseDescription(formatDescription(recipients[0]!)))).content, content);
  });

  it('is sent with the password, which no description has', async () => {
    const server = await newServer({ password: 'secret' });
    const { recipients, sender } = await sendFile(sending(contentOf(1), { servers: [server.address] }));
    expect([...recipients, sender].map(formatDescription).join()).not.toContain('secret');
    const without = sendFile(sending(contentOf(1), { servers: [{ ...server.address, password: null }] }));
    await expect(without).rejects.toMatchObject({ code: 'REFUSED', error: { type: 'AUTH' } });
  });

  it('is acknowledged where it came from, and kept where that is wanted', async () => {
    const server = await newServer();
    const { recipients } = await sendFile(sending(contentOf(SEVERAL), { servers: [server.address], recipients: 2 }));
    await received(recipients[0]!, { acknowledge: false });
    expect(server.count('FACK')).toBe(0);
    await received(recipients[0]!);
    expect(server.count('FACK')).toBe(recipients[0]!.chunks.length);
  });

  it('is received also where it cannot be acknowledged', async () => {
    const server = await newServer({ behaviour: ({ tag }) => (tag === 'FACK' ? { type: 'INTERNAL' } : null) });
    const { recipients } = await sendFile(sending(contentOf(SEVERAL), { servers: [server.address] }));
    const { unacknowledged } = await receiveFile(receiving({ description: recipients[0]! }));
    expect(unacknowledged).toBe(recipients[0]!.chunks.length);
  });

  it('tells how far it is', async () => {
    const server = await newServer();
    const told: TransferProgress[] = [];
    const onProgress = (progress: TransferProgress): void => void told.push(progress);
    const { recipients } = await sendFile(sending(contentOf(SEVERAL), { servers: [server.address], onProgress }));
    await received(recipients[0]!, { onProgress });
    for (const phase of ['encrypting', 'uploading', 'downloading', 'decrypting'] as const) {
      const steps = told.filter((step) => step.phase === phase).map(({ done }) => done);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      expect(told.findLast((step) => step.phase === phase)).toEqual({ phase, done: recipients[0]!.size, total: recipients[0]!.size });
    }
  });
});

describe('what cannot be sent', () => {
  it.each([
    ['too many recipients', { recipients: 1001 }, 'PLAN'],
    ['no recipient', { recipients: 0 }, 'PLAN'],
    ['no server', { servers: [] }, 'PLAN'],
    ['a name that is too long', { source: sourceOf(contentOf(1), 'ä'.repeat(128)) }, 'PLAN'],
    ['a file that is too large', { source: { ...sourceOf(contentOf(1)), size: 6 * 1024 ** 3 } }, 'TOO_LARGE'],
    ['a file that grows', { source: { ...sourceOf(contentOf(10)), size: 9 } }, 'CHANGED'],
    ['a file that shrinks', { source: { ...sourceOf(contentOf(10)), size: 11 } }, 'CHANGED'],
  ])('%s', async (_name, options, code) => {
    const server = await newServer();
    await expect(sendFile(sending(contentOf(1), { servers: [server.address], ...options }))).rejects.toMatchObject({ code });
    expect(server.connections).toBe(0);
  });
});

describe('what does not become a file', () => {
  const flipped = (body: Uint8Array): Uint8Array => body.with(1000, body[1000]! ^ 1);

  it.each<[string, FileServerScript, object]>([
    ['chunks with other content', { plain: flipped }, { code: 'DIGEST' }],
    ['chunks with a wrong tag', { cipher: flipped }, { code: 'CRYPTO' }],
    ['chunks that are too short', { plain: (body) => body.subarray(1) }, { code: 'SIZE' }],
    ['chunks that are too long', { cipher: (body) => Uint8Array.from([...body, 1]) }, { code: 'SIZE' }],
    ['a file that has expired', { behaviour: ({ tag }) => (tag === 'FGET' ? { type: 'AUTH' } : null) }, { error: { type: 'AUTH' } }],
    ['a file that is blocked', { behaviour: ({ tag }) => (tag === 'FGET' ? { type: 'BLOCKED', info: { reason: 'content', notice: null } } : null) }, { error: { type: 'BLOCKED' } }],
    ['a file that was not uploaded yet', { behaviour: ({ tag }) => (tag === 'FGET' ? { type: 'NO_FILE' } : null) }, { error: { type: 'NO_FILE' } }],
  ])('%s', async (_name, script, failure) => {
    const server = await newServer(script);
    const { recipients } = await sendFile(sending(contentOf(SEVERAL), { servers: [server.address] }));
    const output = new TestOutput();
    await expect(receiveFile(receiving({ description: recipients[0]!, output }))).rejects.toMatchObject(failure);
    expect([output.name, output.content.length]).toEqual([null, 0]);
    expect(server.count('FACK')).toBe(0);
  });

  it.each([
    ['another digest', (description: FileDescription) => ({ ...description, digest: description.digest.with(0, description.digest[0]! ^ 1) }), 'DIGEST'],
    ['another key', (description: FileDescription) => ({ ...description, key: description.key.with(0, description.key[0]! ^ 1) }), 'CRYPTO'],
    ['another nonce', (description: FileDescription) => ({ ...description, nonce: description.nonce.with(0, description.nonce[0]! ^ 1) }), 'CRYPTO'],
    ['another size', (description: FileDescription) => ({ ...description, size: description.size + 1 }), 'SIZE'],
    ['the sender’s side', (description: FileDescription) => ({ ...description, party: 'sender' as const }), 'PARTY'],
  ])('a file whose description has %s', async (_name, change, code) => {
    const server = await newServer();
    const { recipients } = await sendFile(sending(contentOf(1000), { servers: [server.address] }));
    const output = new TestOutput();
    await expect(receiveFile(receiving({ description: change(recipients[0]!), output }))).rejects.toMatchObject({ code });
    expect(output.name).toBeNull();
  });

  it('the file of another server', async () => {
    const server = await newServer();
    const { recipients } = await sendFile(sending(contentOf(1000), { servers: [server.address] }));
    const elsewhere = await ScriptedFileServer.start();
    servers.push(elsewhere);
    const [chunk] = recipients[0]!.chunks;
    const { port } = elsewhere.address;
    const moved = { ...recipients[0]!, chunks: [{ ...chunk!, replicas: chunk!.replicas.map((replica) => ({ ...replica, server: { ...replica.server, port } })) }] };
    await expect(receiveFile(receiving({ description: moved }))).rejects.toMatchObject({ code: 'IDENTITY' });
  });
});

describe('names', () => {
  it.each([
    ['../../etc/passwd', '....etcpasswd'],
    ['..\\boot.ini', '..boot.ini'],
    ['a\u0000b\n', 'a_b_'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['..', 'download'],
    ['', 'download'],
  ])('%j becomes %j', async (name, safe) => {
    const server = await newServer();
    const { recipients } = await sendFile(sending(contentOf(10), { source: sourceOf(contentOf(10), name), servers: [server.address] }));
    expect((await received(recipients[0]!)).name).toBe(safe);
  });
});

describe('replicas', () => {
  /** The same file on both, as a description with two replicas of each chunk. */
  async function onTwo(first: FileServerScript) {
    const both = [await newServer(first), await newServer()];
    const content = contentOf(SEVERAL);
    const { recipients: [one] } = await sendFile(sending(content, { servers: [both[0]!.address] }));
    for (const [id, chunk] of both[0]!.chunks) both[1]!.chunks.set(id, { ...chunk, recipients: new Map(chunk.recipients) });
    const chunks = one!.chunks.map(({ replicas, ...chunk }) => ({ ...chunk, replicas: [...replicas, { ...replicas[0]!, server: both[1]!.address }] }));
    return { both, content, description: { ...one!, chunks } };
  }

  it.each<[string, FileServerScript]>([
    ['refuses', { behaviour: ({ tag }) => (tag === 'FGET' ? { type: 'AUTH' } : null) }],
    ['hangs up', { behaviour: ({ tag }) => (tag === 'FGET' ? 'hangUp' : null) }],
    ['lies', { plain: (body) => body.with(0, body[0]! ^ 1) }],
  ])('further ones are used when the first server %s', async (_name, script) => {
    const { both, content, description } = await onTwo(script);
    expectSame((await received(description)).content, content);
    expect([both[1]!.count('FGET'), both[1]!.count('FACK')]).toEqual([description.chunks.length, description.chunks.length]);
  });

  it('are not needed when the first one is good, and a server that is down is tried in one round only', async () => {
    const good = await onTwo({});
    await received(good.description);
    expect(good.both[1]!.count('FGET')).toBe(0);
    const { both, content, description } = await onTwo({});
    await both[0]!.stop();
    const retries: unknown[] = [];
    expectSame((await received(description, { onRetry: (notice) => retries.push(notice) })).content, content);
    expect(retries).toHaveLength(QUICK.attempts! - 1);
  });

  it('all fail with what the first one said', async () => {
    const { both, description } = await onTwo({ behaviour: ({ tag }) => (tag === 'FGET' ? { type: 'NO_FILE' } : null) });
    both[1]!.chunks.clear();
    await expect(received(description)).rejects.toMatchObject({ error: { type: 'NO_FILE' } });
  });
});

it('a place that belongs to another transfer is refused', async () => {
  const server = await newServer();
  const place = new TestPlace();
  const { recipients } = await sendFile(sending(contentOf(10), { servers: [server.address], place }));
  await expect(receiveFile(receiving({ description: recipients[0]!, place }))).rejects.toMatchObject({ code: 'JOURNAL' });
  place.lines = ['no json'];
  await expect(sendFile(sending(contentOf(10), { servers: [server.address], place }))).rejects.toMatchObject({ code: 'JOURNAL' });
});
