/** What bad input gets, exactly (SMP §4.5, §8.2): one line for each malformed transmission. */
import { concatBytes, EMPTY_BYTES, equalBytes, utf8 } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { signedPart, writeTransmission } from '@polyplex/protocol-common';
import { encodeCommand } from '@polyplex/protocol-smp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createQueue, newCommand } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

let relay: TestRelay;
let client: RawClient;
beforeAll(async () => {
  relay = await startRelay();
  client = await RawClient.connect(relay);
});
afterAll(async () => {
  client.close();
  await relay.stop();
});

const corrId = randomBytes(24);
const id = randomBytes(24);
const key = generateKeyPair('ed25519');
const dh = generateKeyPair('x25519');
const sessionId = EMPTY_BYTES;
const signature = new Uint8Array(64);
const SEND = utf8('SEND F body');

interface Item {
  readonly auth?: Uint8Array;
  readonly entity?: Uint8Array;
  readonly command: Uint8Array | string;
}

const bytesOf = (command: Uint8Array | string): Uint8Array => (typeof command === 'string' ? utf8(command) : command);
const item = ({ auth = EMPTY_BYTES, entity = EMPTY_BYTES, command }: Item): Uint8Array =>
  writeTransmission({ auth, sessionId, signed: signedPart(corrId, entity, bytesOf(command)) }, 18);
const newQueue = encodeCommand(newCommand(key, dh), 18);
const x448 = generateKeyPair('x448');

const KEPT: readonly (readonly [name: string, item: Item, error: string])[] = [
  ['unknown tag', { auth: signature, entity: id, command: 'WHAT' }, 'ERR CMD UNKNOWN'],
  ['empty command', { auth: signature, entity: id, command: '' }, 'ERR CMD UNKNOWN'],
  ['tag of a response', { auth: signature, entity: id, command: 'OK' }, 'ERR CMD UNKNOWN'],
  ['lower case tag', { auth: signature, entity: id, command: 'sub' }, 'ERR CMD UNKNOWN'],
  ['very long tag', { auth: signature, entity: id, command: 'S'.repeat(5000) }, 'ERR CMD UNKNOWN'],
  ['trailing space after SUB', { auth: signature, entity: id, command: 'SUB ' }, 'ERR CMD SYNTAX'],
  ['parameters after PING', { command: 'PING x' }, 'ERR CMD SYNTAX'],
  ['ACK without parameters', { auth: signature, entity: id, command: 'ACK' }, 'ERR CMD SYNTAX'],
  ['ACK with a short id that is cut', { auth: signature, entity: id, command: concatBytes(utf8('ACK '), Uint8Array.of(24, 1, 2)) }, 'ERR CMD SYNTAX'],
  ['ACK with trailing bytes', { auth: signature, entity: id, command: concatBytes(utf8('ACK '), Uint8Array.of(1, 2, 3)) }, 'ERR CMD SYNTAX'],
  ['KEY with no key', { auth: signature, entity: id, command: concatBytes(utf8('KEY '), Uint8Array.of(0)) }, 'ERR CMD SYNTAX'],
  ['KEY with an X448 key', { auth: signature, entity: id, command: encodeCommand({ tag: 'KEY', senderKey: x448.publicKey as never }, 18) }, 'ERR CMD SYNTAX'],
  ['RKEY with an empty list', { auth: signature, entity: id, command: concatBytes(utf8('RKEY '), Uint8Array.of(0)) }, 'ERR CMD SYNTAX'],
  ['SEND with bad flags', { entity: id, command: 'SEND X body' }, 'ERR CMD SYNTAX'],
  ['SEND without a body separator', { entity: id, command: 'SEND T' }, 'ERR CMD SYNTAX'],
  ['NEW with a bad subscription mode', { auth: signature, command: newQueue.map((b, i) => (i === newQueue.length - 5 ? 0x58 : b)) }, 'ERR CMD SYNTAX'],
  ['NEW cut short', { auth: signature, command: newQueue.subarray(0, -1) }, 'ERR CMD SYNTAX'],
  ['NEW with trailing bytes', { auth: signature, command: concatBytes(newQueue, Uint8Array.of(0)) }, 'ERR CMD SYNTAX'],
  ['PRXY with no host', { command: concatBytes(utf8('PRXY '), Uint8Array.of(0, 0, 0, 0x30)) }, 'ERR CMD SYNTAX'],
  ['PFWD with an Ed25519 key', { entity: id, command: encodeCommand({ tag: 'PFWD', version: 17, key: key.publicKey as never, encTransmission: id }, 18) }, 'ERR CMD SYNTAX'],
  ['NEW without auth', { command: newQueue }, 'ERR CMD NO_AUTH'],
  ['NEW with an entity', { auth: signature, entity: id, command: newQueue }, 'ERR CMD HAS_AUTH'],
  ['SUB without auth', { entity: id, command: 'SUB' }, 'ERR CMD NO_AUTH'],
  ['SUB without entity', { auth: signature, command: 'SUB' }, 'ERR CMD NO_AUTH'],
  ['SUB with neither', { command: 'SUB' }, 'ERR CMD NO_AUTH'],
  ['NSUBS without auth', { entity: id, command: 'NSUBS' }, 'ERR CMD NO_AUTH'],
  ['SEND without entity', { command: SEND }, 'ERR CMD NO_ENTITY'],
  ['LGET without entity', { command: 'LGET' }, 'ERR CMD NO_ENTITY'],
  ['LGET with auth', { auth: signature, entity: id, command: 'LGET' }, 'ERR CMD HAS_AUTH'],
  ['LGET with auth and no entity', { auth: signature, command: 'LGET' }, 'ERR CMD NO_ENTITY'],
  ['PING with auth', { auth: signature, command: 'PING' }, 'ERR CMD HAS_AUTH'],
  ['PING with an entity', { entity: id, command: 'PING' }, 'ERR CMD HAS_AUTH'],
  ['RFWD with an entity', { entity: id, command: 'RFWD x' }, 'ERR CMD HAS_AUTH'],
  ['SUB of a missing queue', { auth: signature, entity: id, command: 'SUB' }, 'ERR AUTH'],
  ['SUB of an empty-looking id', { auth: signature, entity: Uint8Array.of(0), command: 'SUB' }, 'ERR AUTH'],
  ['SUB of a 255 byte id', { auth: signature, entity: randomBytes(255), command: 'SUB' }, 'ERR AUTH'],
  ['SEND to a missing queue', { entity: id, command: SEND }, 'ERR AUTH'],
  ['LGET of a missing link', { entity: id, command: 'LGET' }, 'ERR AUTH'],
  ['PFWD to an unknown session', { entity: id, command: encodeCommand({ tag: 'PFWD', version: 17, key: dh.publicKey, encTransmission: id }, 18) }, 'ERR PROXY NO_SESSION'],
  ['NSUBS outside a service session', { auth: signature, entity: id, command: 'NSUBS' }, 'ERR SERVICE'],
  ['SUBS outside a service session', { auth: signature, entity: id, command: 'SUBS' }, 'ERR SERVICE'],
  ['RFWD that does not decrypt', { command: 'RFWD x' }, 'ERR CRYPTO'],
];

describe('a malformed transmission keeps corrId and entity in its answer', () => {
  test.each(KEPT)('%s', async (_name, malformed, error) => {
    client.send(item(malformed));
    const { reply, corrId: answered, entityId } = await client.next();
    expect(said(reply)).toBe(error);
    expect(equalBytes(answered, corrId)).toBe(true);
    const { entity = EMPTY_BYTES } = malformed;
    const noEntity = error === 'ERR AUTH' && entity.length === 0;
    expect(noEntity || equalBytes(entityId, entity)).toBe(true);
  });
});

describe('an auth of a wrong size is a bad block that keeps only its corrId', () => {
  test.each([1, 16, 63, 65, 79, 81, 113, 115, 255])('%i bytes', async (length) => {
    client.send(item({ auth: new Uint8Array(length), entity: id, command: 'SUB' }));
    const { reply, corrId: answered, entityId } = await client.next();
    expect(said(reply)).toBe('ERR BLOCK');
    expect(equalBytes(answered, corrId)).toBe(true);
    expect(entityId.length).toBe(0);
  });
});

const UNSPLITTABLE: readonly (readonly [string, Uint8Array])[] = [
  ['empty item', EMPTY_BYTES],
  ['auth longer than the item', Uint8Array.of(64, 1, 2)],
  ['no corrId', Uint8Array.of(0)],
  ['corrId longer than the item', Uint8Array.of(0, 24, 1)],
  ['no entity', Uint8Array.of(0, 1, 1)],
  ['bad tag of the service signature', concatBytes(Uint8Array.of(64), signature, Uint8Array.of(0x39, 0, 0))],
  ['short service signature', concatBytes(Uint8Array.of(64), signature, Uint8Array.of(0x31, 2, 1, 1, 0, 0))],
];

describe('an item that cannot be split spoils only itself', () => {
  test.each(UNSPLITTABLE)('%s', async (_name, bad) => {
    client.sendItems([bad, item({ command: 'PING' })]);
    const [first, second] = [await client.next(), await client.next()];
    expect(said(first.reply)).toBe('ERR BLOCK');
    expect(first.corrId.length + first.entityId.length).toBe(0);
    expect(said(second.reply)).toBe('PONG');
  });
});

describe('a block that is no batch gets one ERR BLOCK and the connection stays', () => {
  const contents: readonly (readonly [string, Uint8Array])[] = [
    ['empty content', EMPTY_BYTES],
    ['count 0', Uint8Array.of(0)],
    ['truncated item', Uint8Array.of(1, 0, 9, 1)],
    ['fewer items than the count', concatBytes(Uint8Array.of(2, 0, 1, 0))],
    ['trailing bytes', Uint8Array.of(1, 0, 1, 0, 7)],
  ];
  test.each(contents)('%s', async (_name, content) => {
    client.sendContent(content);
    const { reply, corrId: answered, entityId } = await client.next();
    expect(said(reply)).toBe('ERR BLOCK');
    expect(answered.length + entityId.length).toBe(0);
    expect(said(await client.ask({ tag: 'PING' }))).toBe('PONG');
  });

  test('a block that does not decrypt', async () => {
    client.sendGarbage();
    expect(said((await client.next()).reply)).toBe('ERR BLOCK');
    expect(said(await client.ask({ tag: 'PING' }))).toBe('PONG');
  });

  test('version 6: a block that cannot be unpadded', async () => {
    const old = await RawClient.connect({ ...relay, version: 6 });
    old.connection.write(new Uint8Array(16_384).fill(0xff));
    expect(said((await old.next()).reply)).toBe('ERR BLOCK');
    expect(said(await old.ask({ tag: 'PING' }))).toBe('PONG');
    old.close();
  });
});

test('version 6: another session id gets ERR SESSION with its corrId', async () => {
  const old = await RawClient.connect({ ...relay, version: 6 });
  const signed = signedPart(corrId, id, utf8('SUB'));
  old.send(writeTransmission({ auth: signature, sessionId: randomBytes(32), signed }, 6));
  const { reply, corrId: answered, entityId } = await old.next();
  expect(said(reply)).toBe('ERR SESSION');
  expect(equalBytes(answered, corrId)).toBe(true);
  expect(entityId.length).toBe(0);
  old.close();
});

test('255 bad items in one block are answered one by one, and no other connection notices', async () => {
  const other = await RawClient.connect(relay);
  client.sendItems(Array.from({ length: 255 }, () => Uint8Array.of(9)));
  for (let i = 0; i < 255; i++) expect(said((await client.next()).reply)).toBe('ERR BLOCK');
  expect(said(await other.ask({ tag: 'PING' }))).toBe('PONG');
  other.close();
});

describe('an answer that would fit no block is ERR BLOCK, and the connection stays', () => {
  test('MSG with a corrId of 255 bytes', async () => {
    const queue = await createQueue(client);
    for (const body of ['first', 'second']) client.send(client.transmission({ tag: 'SEND', notify: false, body: utf8(body) }, queue.senderId));
    const message = [await client.next(), await client.next(), await client.next()].find(({ reply }) => reply.tag === 'MSG')!.reply;
    const ack = { tag: 'ACK', msgId: message.tag === 'MSG' ? message.msgId : id } as const;
    const long = randomBytes(255);
    client.send(client.transmission(ack, queue.recipientId, queue.recipientKey, long));
    const answer = await client.next();
    expect([said(answer.reply), equalBytes(answer.corrId, long)]).toEqual(['ERR BLOCK', true]);
    expect(said(await client.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey))).toBe('SOK');
    expect((await client.next()).reply.tag).toBe('MSG');
  });

  test('LNK with the largest link data and a corrId of 255 bytes', async () => {
    const queue = await createQueue(client, { request: { type: 'C', data: null }, subMode: 'C' });
    const linkId = randomBytes(24);
    const data = { fixedData: randomBytes(8000), userData: randomBytes(8170) };
    expect(said(await client.ask({ tag: 'LSET', linkId, data }, queue.recipientId, queue.recipientKey))).toBe('OK');
    client.send(client.transmission({ tag: 'LGET' }, linkId, null, randomBytes(255)));
    expect(said((await client.next()).reply)).toBe('ERR BLOCK');
    client.send(client.transmission({ tag: 'LGET' }, linkId));
    expect(said((await client.next()).reply)).toBe('LNK');
  });
});
