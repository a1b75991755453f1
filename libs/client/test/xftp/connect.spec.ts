/** A session with a file server: the checks of its hello, every command, and what a server does that it should not (XFTP §2.4, §3). */
import { afterEach, describe, expect, it } from 'vitest';
import { EMPTY_BYTES, utf8 } from '@polyplex/base';
import { encodeSignedKey, generateKeyPair, type KeyKind, randomBytes, sha256 } from '@polyplex/crypto';
import { bareErrorBlock, type XftpServerHello } from '@polyplex/protocol-xftp';
import { createFakeClock } from '@polyplex/testing';
import { connectXftp, type ConnectXftpOptions, type EntityKey, http2Dial, isTemporary, type XftpClient } from '../../src/index.ts';
import { type FileServerScript, newCredentials, ScriptedFileServer } from './scripted-file-server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function stage(script: FileServerScript = {}, options: Partial<ConnectXftpOptions> = {}): Promise<{ server: ScriptedFileServer; client: XftpClient }> {
  const server = await ScriptedFileServer.start(script);
  cleanups.push(() => server.stop());
  const client = await connectXftp({ address: server.address, ...options });
  cleanups.push(() => client.close());
  return { server, client };
}

const CHUNK_BYTES = 65_536;

interface Chunk {
  readonly content: Uint8Array;
  readonly sender: EntityKey;
  readonly recipients: readonly EntityKey[];
}

async function createChunk(client: XftpClient, kind: 'ed25519' | 'ed448' | 'x25519' = 'ed25519', recipients = 1): Promise<Chunk> {
  const content = randomBytes(CHUNK_BYTES);
  const sender = generateKeyPair(kind);
  const keys = Array.from({ length: recipients }, () => generateKeyPair(kind));
  const { senderId, recipientIds } = await client.createChunk({
    sender, size: content.length, digest: sha256(content), recipientKeys: keys.map(({ publicKey }) => publicKey), password: null,
  });
  return {
    content,
    sender: { id: senderId, key: sender.privateKey },
    recipients: recipientIds.map((id, i) => ({ id, key: keys[i]!.privateKey })),
  };
}

async function download(client: XftpClient, recipient: EntityKey, content: Uint8Array): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await client.downloadChunk(recipient, { size: content.length, digest: sha256(content) }, (piece) => void pieces.push(piece));
  return Uint8Array.from(Buffer.concat(pieces));
}

describe('commands', () => {
  it.each(['ed25519', 'ed448', 'x25519'] as const satisfies readonly KeyKind[])('all of them, with %s keys', async (kind) => {
    const { client, server } = await stage();
    expect(client.version).toBe(3);
    await client.ping();
    const { content, sender, recipients } = await createChunk(client, kind);
    const added = generateKeyPair(kind);
    const [addedId] = await client.addRecipients(sender, [added.publicKey]);
    await client.uploadChunk(sender, content.length, [content.subarray(0, 1000), content.subarray(1000)]);
    for (const recipient of [recipients[0]!, { id: addedId!, key: added.privateKey }]) expect(await download(client, recipient, content)).toEqual(content);
    await client.acknowledgeChunk(recipients[0]!);
    await expect(client.acknowledgeChunk(recipients[0]!)).rejects.toMatchObject({ code: 'REFUSED', error: { type: 'AUTH' } });
    await client.deleteChunk(sender);
    expect(server.chunks.size).toBe(0);
  });

  it('asks for more than 200 recipients in several requests', async () => {
    const { client, server } = await stage();
    const { recipients } = await createChunk(client, 'ed25519', 450);
    expect([recipients.length, server.count('FNEW'), server.count('FADD')]).toEqual([450, 1, 2]);
    expect([...server.chunks.values()][0]!.recipients.size).toBe(450);
  });

  it('speaks version 1 without handshake where there is no ALPN', async () => {
    const { client } = await stage({}, { alpn: null });
    expect(client.version).toBe(1);
    const { content, sender, recipients } = await createChunk(client);
    await client.uploadChunk(sender, content.length, [content]);
    expect(await download(client, recipients[0]!, content)).toEqual(content);
    await expect(createChunk(client, 'x25519')).rejects.toMatchObject({ code: 'HANDSHAKE' });
  });

  it('may overlap', async () => {
    const { client } = await stage();
    const chunks = await Promise.all(Array.from({ length: 5 }, () => createChunk(client)));
    await Promise.all(chunks.map(({ sender, content }) => client.uploadChunk(sender, content.length, [content])));
    const received = await Promise.all(chunks.map(({ recipients, content }) => download(client, recipients[0]!, content)));
    expect(received).toEqual(chunks.map(({ content }) => content));
  });

  it('tells the server’s error', async () => {
    const { client } = await stage({ behaviour: ({ tag }) => (tag === 'FPUT' ? { type: 'QUOTA' } : tag === 'FGET' ? { type: 'BLOCKED', info: { reason: 'spam', notice: null } } : null) });
    const { sender, recipients, content } = await createChunk(client);
    await expect(client.uploadChunk(sender, content.length, [content])).rejects.toMatchObject({ error: { type: 'QUOTA' } });
    await expect(download(client, recipients[0]!, content)).rejects.toMatchObject({ error: { type: 'BLOCKED' }, message: expect.stringContaining('BLOCKED reason=spam') });
  });
});

describe('a hello is refused', () => {
  const other = newCredentials();
  const otherKey = encodeSignedKey(generateKeyPair('x25519').publicKey, other.privateKey);
  const withKey = (key: Partial<XftpServerHello['key']>) => (hello: XftpServerHello) => ({ ...hello, key: { ...hello.key, ...key } });

  it.each<[string, (hello: XftpServerHello) => XftpServerHello, string]>([
    ['of another session', (hello) => ({ ...hello, sessionId: randomBytes(32) }), 'HANDSHAKE'],
    ['of other versions', (hello) => ({ ...hello, versions: { min: 4, max: 5 } }), 'VERSION'],
    ['with one certificate', (hello) => withKey({ chain: hello.key.chain.slice(0, 1) })(hello), 'HANDSHAKE'],
    ['with three certificates', (hello) => withKey({ chain: [...hello.key.chain, hello.key.chain[1]!] })(hello), 'HANDSHAKE'],
    ['with the chain of another server', withKey({ chain: other.chain }), 'IDENTITY'],
    ['whose key another server signed', withKey({ signedKey: otherKey }), 'HANDSHAKE'],
  ])('%s', async (_name, hello, code) => {
    const server = await ScriptedFileServer.start({ hello });
    cleanups.push(() => server.stop());
    await expect(connectXftp({ address: server.address })).rejects.toMatchObject({ code });
  });

  it('when the answer to the handshake is not empty, or a bare error', async () => {
    await expect(stage({ handshakeAnswer: utf8('x') })).rejects.toMatchObject({ code: 'HANDSHAKE' });
    await expect(stage({ handshakeAnswer: bareErrorBlock('HANDSHAKE') })).rejects.toMatchObject({ code: 'REFUSED', error: { type: 'HANDSHAKE' } });
  });

  it('when TLS shows another identity', async () => {
    const server = await ScriptedFileServer.start();
    cleanups.push(() => server.stop());
    await expect(connectXftp({ address: { ...server.address, keyHash: new Uint8Array(32) } })).rejects.toMatchObject({ code: 'IDENTITY' });
  });
});

describe('a chunk is refused', () => {
  const flip = (bytes: Uint8Array): Uint8Array => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1);

  it.each<[string, FileServerScript, string]>([
    ['whose tag is wrong', { cipher: flip }, 'CRYPTO'],
    ['that is another one', { plain: flip }, 'DIGEST'],
    ['that is too short', { plain: (body) => body.subarray(1) }, 'SIZE'],
    ['that is too long', { plain: (body) => Uint8Array.from([...body, 0]) }, 'SIZE'],
    ['that has no bytes', { cipher: () => EMPTY_BYTES }, 'SIZE'],
  ])('%s', async (_name, script, code) => {
    const { client } = await stage(script);
    const { content, sender, recipients } = await createChunk(client);
    await client.uploadChunk(sender, content.length, [content]);
    const failed = await download(client, recipients[0]!, content).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code });
    expect(isTemporary(failed)).toBe(false);
    await client.ping();
  });
});

describe('time and connection', () => {
  it('gives a silent server up', async () => {
    const clock = createFakeClock();
    const { client } = await stage({ behaviour: () => 'silence' }, { clock });
    const pinged = client.ping().catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    clock.advance(29_000);
    clock.advance(1000);
    expect(await pinged).toMatchObject({ code: 'TIMEOUT' });
  });

  it('is told when the connection goes', async () => {
    const { client } = await stage({ behaviour: () => 'hangUp' });
    const failed = await client.ping().catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'NETWORK' });
    expect(isTemporary(failed)).toBe(true);
    await client.closed;
    await expect(client.ping()).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('gives up when it is told to', async () => {
    const script: FileServerScript = { behaviour: () => 'silence' };
    const { client } = await stage(script);
    const controller = new AbortController();
    const pinged = client.ping({ signal: controller.signal }).catch((error: unknown) => error);
    controller.abort();
    delete script.behaviour;
    expect(await pinged).toMatchObject({ code: 'CLOSED' });
    await expect(client.ping({ signal: controller.signal })).rejects.toMatchObject({ code: 'CLOSED' });
    await client.ping();
  });

  it('says when nobody is there, and when there is no host', async () => {
    const { server } = await stage();
    await expect(connectXftp({ address: { ...server.address, port: '1' } })).rejects.toMatchObject({ code: 'NETWORK' });
    await expect(connectXftp({ address: { ...server.address, hosts: [`${'a'.repeat(56)}.onion`] } })).rejects.toMatchObject({ code: 'HOST' });
    const refusing = http2Dial({ allowAddress: () => false });
    await expect(connectXftp({ address: server.address, dial: refusing })).rejects.toMatchObject({ code: 'HOST' });
  });
});
