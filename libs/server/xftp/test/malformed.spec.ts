/** What bad input gets, row by row (XFTP §6). Status is always 200. */
import { concatBytes, EMPTY_BYTES, utf8 } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { encodeCommand, type XftpCommand } from '@polyplex/protocol-xftp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFile, newFile, SMALL, upload, uploadedFile } from './support/file.ts';
import { startFileServer, type TestFileServer } from './support/file-server.ts';
import { padded, RawClient, type Received, received, said, type Sent } from './support/raw-client.ts';

let server: TestFileServer;
let client: RawClient;
beforeAll(async () => {
  server = await startFileServer({ options: { password: 'secret' } });
  client = await RawClient.connect(server);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const PASSWORD = { password: 'secret' };
const CORR = Uint8Array.of(1, 2, 3);
const BLOCK_BYTES = 16_384;

function summary({ reply, corrId, entityId }: Received): string {
  return [said(reply), `corrId ${corrId.length}`, `entity ${entityId.length}`].join(', ');
}

describe('blocks', () => {
  const transmission = (): Uint8Array => {
    const { block } = { block: client.block({ tag: 'PING' }, { corrId: CORR }) };
    return block.subarray(5, 5 + ((block[3]! << 8) | block[4]!));
  };
  const batch = (count: number, item: Uint8Array, rest: Uint8Array = EMPTY_BYTES): Uint8Array =>
    padded(concatBytes(Uint8Array.of(count, item.length >> 8, item.length & 255), item, rest));

  it.each([
    ['empty', () => EMPTY_BYTES],
    ['shorter than a block', () => client.block({ tag: 'PING' }).subarray(0, BLOCK_BYTES - 1)],
    ['bad padding', () => padded(transmission(), 16_383)],
    ['count 0', () => batch(0, transmission())],
    ['count 2', () => batch(2, transmission())],
    ['two of them', () => batch(2, transmission(), concatBytes(Uint8Array.of(0, transmission().length), transmission()))],
    ['a large string cut short', () => padded(concatBytes(Uint8Array.of(1, 0x3f, 0), transmission()))],
    ['bytes after the batch', () => batch(1, transmission(), Uint8Array.of(0))],
    ['a transmission cut short', () => batch(1, transmission().subarray(0, 20))],
    ['no content', () => padded(EMPTY_BYTES)],
  ])('%s: BLOCK, with empty corrId and entity', async (_name, body) => {
    expect(summary(received(await client.post(body())))).toBe('ERR BLOCK, corrId 0, entity 0');
  });

  it('bytes after the block are ignored', async () => {
    expect(said((await client.send({ tag: 'PING' }, { body: randomBytes(100_000) })).reply)).toBe('PONG');
  });

  it.each([
    ['another one', randomBytes(32)],
    ['none', EMPTY_BYTES],
  ])('session id: %s', async (_name, sessionId) => {
    const answer = await client.send({ tag: 'PING' }, { corrId: CORR, sessionId, entityId: randomBytes(16) });
    expect(summary(answer)).toBe('ERR SESSION, corrId 3, entity 0');
    expect(answer.sessionId).toEqual(client.sessionId);
  });

  it.each([1, 63, 65, 79, 81, 113, 115, 255])('an authorisation of %d bytes', async (length) => {
    expect(summary(await client.send({ tag: 'FDEL' }, { corrId: CORR, entityId: randomBytes(16), auth: new Uint8Array(length) }))).toBe('ERR BLOCK, corrId 3, entity 0');
  });
});

describe('commands', () => {
  const SENDER = generateKeyPair('ed25519');
  const tag = (name: string, ...rest: readonly Uint8Array[]): Uint8Array => concatBytes(utf8(name), ...rest);
  const fnew = (): Uint8Array => encodeCommand(newFile(PASSWORD).command);
  /** FNEW with its list of recipient keys replaced. */
  const emptyList = (): Uint8Array => {
    const bytes = fnew();
    const at = 5 + 45 + 4 + 33;
    return concatBytes(bytes.subarray(0, at), Uint8Array.of(0), bytes.subarray(at + 46));
  };

  it.each([
    ['unknown', tag('FOO'), 'UNKNOWN'],
    ['none', EMPTY_BYTES, 'UNKNOWN'],
    ['lower case', tag('ping'), 'UNKNOWN'],
    ['a space before it', tag(' PING'), 'UNKNOWN'],
    ['FPUT with parameters', tag('FPUT '), 'SYNTAX'],
    ['PING with parameters', tag('PING x'), 'SYNTAX'],
    ['FNEW without parameters', tag('FNEW'), 'SYNTAX'],
    ['FNEW cut short', fnew().subarray(0, 100), 'SYNTAX'],
    ['FNEW with bytes left over', concatBytes(fnew(), Uint8Array.of(0)), 'SYNTAX'],
    ['FNEW with a bad key', fnew().fill(0, 6, 20), 'SYNTAX'],
    ['FNEW with an empty list', emptyList(), 'SYNTAX'],
    ['FADD with an empty list', tag('FADD ', Uint8Array.of(0)), 'SYNTAX'],
    ['FNEW with a password that no server has', concatBytes(fnew().subarray(0, -8), Uint8Array.of(0x31, 3), utf8('a b')), 'SYNTAX'],
    ['FGET with an Ed25519 key', tag('FGET ', fnew().subarray(5, 50)), 'SYNTAX'],
    ['FGET without a key', tag('FGET'), 'SYNTAX'],
  ])('%s: %s', async (_name, command, error) => {
    const answer = await client.sendBytes(command, { entityId: Uint8Array.of(9), key: SENDER.privateKey });
    expect(summary(answer)).toBe(`ERR CMD ${error}, corrId 0, entity 1`);
  });

  const dhKey = generateKeyPair('x25519').publicKey;
  const add = { tag: 'FADD', recipientKeys: [SENDER.publicKey] } as XftpCommand;
  const id = { entityId: randomBytes(16) };
  const auth = { auth: new Uint8Array(64) };
  it.each<[string, XftpCommand, Sent, string]>([
    ['FNEW without authorisation', newFile().command, {}, 'NO_AUTH'],
    ['FNEW with an entity', newFile().command, { ...id, ...auth }, 'HAS_AUTH'],
    ['PING with authorisation', { tag: 'PING' }, auth, 'HAS_AUTH'],
    ['PING with an entity', { tag: 'PING' }, id, 'HAS_AUTH'],
    ['FADD without authorisation', add, id, 'NO_AUTH'],
    ['FADD without entity', add, auth, 'NO_AUTH'],
    ['FPUT without authorisation', { tag: 'FPUT' }, id, 'NO_AUTH'],
    ['FPUT without entity', { tag: 'FPUT' }, auth, 'NO_AUTH'],
    ['FDEL without both', { tag: 'FDEL' }, {}, 'NO_AUTH'],
    ['FGET without authorisation', { tag: 'FGET', dhKey }, id, 'NO_AUTH'],
    ['FGET without entity', { tag: 'FGET', dhKey }, auth, 'NO_AUTH'],
    ['FACK without authorisation', { tag: 'FACK' }, id, 'NO_AUTH'],
  ])('%s', async (_name, command, sent, error) => {
    expect(said((await client.send(command, sent)).reply)).toBe(`ERR CMD ${error}`);
  });
});

describe('authorisation', () => {
  const KINDS = ['ed25519', 'ed448', 'x25519'] as const;

  it.each(KINDS)('another key, another kind of key, nothing there: AUTH (%s)', async (kind) => {
    const file = await uploadedFile(client, { ...PASSWORD, kind });
    const { id } = file.recipients[0]!;
    const dhKey = generateKeyPair('x25519').publicKey;
    const ofSender: readonly XftpCommand[] = [{ tag: 'FPUT' }, { tag: 'FDEL' }, { tag: 'FADD', recipientKeys: [generateKeyPair('ed25519').publicKey] }];
    const ofRecipient: readonly XftpCommand[] = [{ tag: 'FGET', dhKey }, { tag: 'FACK' }];
    for (const other of KINDS) {
      const key = generateKeyPair(other).privateKey;
      for (const command of ofSender) expect(said((await client.send(command, { entityId: file.senderId, key })).reply)).toBe('ERR AUTH');
      for (const command of ofRecipient) expect(said((await client.send(command, { entityId: id, key })).reply)).toBe('ERR AUTH');
      for (const command of [...ofSender, ...ofRecipient]) expect(said((await client.send(command, { entityId: randomBytes(16), key })).reply)).toBe('ERR AUTH');
    }
  });

  it('the id of the other party', async () => {
    const file = await uploadedFile(client, PASSWORD);
    const recipient = file.recipients[0]!;
    expect(said((await client.send({ tag: 'FDEL' }, { entityId: recipient.id, key: recipient.key })).reply)).toBe('ERR AUTH');
    expect(said((await client.send({ tag: 'FACK' }, { entityId: file.senderId, key: file.senderKey })).reply)).toBe('ERR AUTH');
  });

  it('a signature for something else', async () => {
    const file = await createFile(client, PASSWORD);
    const auth = client.block({ tag: 'FPUT' }, { entityId: file.senderId, key: file.senderKey }).subarray(6, 70);
    expect(said((await client.send({ tag: 'FDEL' }, { entityId: file.senderId, auth })).reply)).toBe('ERR AUTH');
  });

  it('FNEW: the key in the command counts', async () => {
    const { command } = newFile(PASSWORD);
    expect(said((await client.send(command, { key: generateKeyPair('ed25519').privateKey })).reply)).toBe('ERR AUTH');
  });

  it.each([null, 'Secret', 'secre', 'secrets'])('FNEW: password %s, before the size', async (password) => {
    const { command, sender } = newFile({ password, size: 1000 });
    expect(said((await client.send(command, { key: sender.privateKey })).reply)).toBe('ERR AUTH');
  });

  it.each([0, 1, 65_535, 65_537, 131_072, 4_194_305, 4_294_967_295])('FNEW: size %d', async (size) => {
    const { command, sender } = newFile({ ...PASSWORD, content: EMPTY_BYTES, size });
    expect(said((await client.send(command, { key: sender.privateKey })).reply)).toBe('ERR SIZE');
  });
});

describe('FNEW where it is', () => {
  it('switched off', async () => {
    const closed = await startFileServer({ options: { newFiles: false } });
    const other = await RawClient.connect(closed);
    const { command, sender } = newFile({ size: 1000 });
    expect(said((await other.send(command, { key: sender.privateKey })).reply)).toBe('ERR AUTH');
    other.close();
    await closed.stop();
  });

  it('open to all: any password will do', async () => {
    const open = await startFileServer();
    const other = await RawClient.connect(open);
    await createFile(other, { password: 'whatever' });
    other.close();
    await open.stop();
  });
});

describe('bodies', () => {
  it.each([
    ['none', 0],
    ['one byte', 1],
    ['one byte less', SMALL - 1],
    ['one byte more', SMALL + 1],
    ['much more', SMALL * 40],
  ])('FPUT with %s: SIZE, before and after the upload', async (_name, length) => {
    const file = await createFile(client, PASSWORD);
    const body = concatBytes(file.content, randomBytes(SMALL * 40)).subarray(0, length);
    expect(said((await upload(client, file, body)).reply)).toBe('ERR SIZE');
    expect(said((await upload(client, file)).reply)).toBe('OK');
    expect(said((await upload(client, file, body)).reply)).toBe('ERR SIZE');
  });

  it('FPUT with other content: DIGEST', async () => {
    const file = await createFile(client, PASSWORD);
    expect(said((await upload(client, file, randomBytes(SMALL))).reply)).toBe('ERR DIGEST');
  });

  it('FPUT of a digest that no content has: DIGEST', async () => {
    const { command, sender, content } = newFile(PASSWORD);
    const { reply } = await client.send({ ...command, digest: EMPTY_BYTES }, { key: sender.privateKey });
    if (reply.tag !== 'SIDS') throw new Error(said(reply));
    expect(said((await client.send({ tag: 'FPUT' }, { entityId: reply.senderId, key: sender.privateKey, body: content })).reply)).toBe('ERR DIGEST');
  });

  it('FGET before FPUT: NO_FILE', async () => {
    const file = await createFile(client, PASSWORD);
    const { id, key } = file.recipients[0]!;
    expect(said((await client.send({ tag: 'FGET', dhKey: generateKeyPair('x25519').publicKey }, { entityId: id, key })).reply)).toBe('ERR NO_FILE');
  });

  it('FGET with a key that agrees on nothing: AUTH', async () => {
    const file = await uploadedFile(client, PASSWORD);
    const { id, key } = file.recipients[0]!;
    const dhKey = { kind: 'x25519', raw: new Uint8Array(32) } as const;
    expect(said((await client.send({ tag: 'FGET', dhKey }, { entityId: id, key })).reply)).toBe('ERR AUTH');
  });

  it('a large one with a command that is refused is answered, and the connection goes on', async () => {
    const answer = await client.send({ tag: 'FPUT' }, { entityId: randomBytes(16), auth: new Uint8Array(64), body: randomBytes(4_194_304) });
    expect(said(answer.reply)).toBe('ERR AUTH');
    expect(said((await client.send({ tag: 'PING' })).reply)).toBe('PONG');
  });
});

it('nothing of this is an internal error, none left a body', async () => {
  expect(server.server.stats.internalErrors.value).toBe(0);
  const { uploaded, bytes } = await server.files.usage();
  expect(await server.bodies()).toHaveLength(uploaded);
  expect(bytes).toBe(uploaded * SMALL);
});
