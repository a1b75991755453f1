/** Link data: NEW with data, LSET, LDEL, LKEY, LGET (SMP §5.2, §5.3). */
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { SmpReply } from '@polyplex/protocol-smp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askWithLink, send, type TestQueue, text } from './support/queue.ts';
import { RawClient, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

let relay: TestRelay;
let owner: RawClient;
let other: RawClient;
beforeAll(async () => {
  relay = await startRelay();
  owner = await RawClient.connect(relay);
  other = await RawClient.connect(relay);
});
afterAll(async () => {
  owner.close();
  other.close();
  await relay.stop();
});

const fixedData = randomBytes(2048);
const userData = randomBytes(13_000);

const create = (type: 'M' | 'C', options: Parameters<typeof askWithLink>[2] = {}) => askWithLink(owner, type, { data: { fixedData, userData }, ...options });

const lset = (queue: TestQueue, linkId: Uint8Array, data: { fixedData: Uint8Array; userData: Uint8Array }): Promise<SmpReply> =>
  owner.ask({ tag: 'LSET', linkId, data }, queue.recipientId, queue.recipientKey);

test('a one-time link: LKEY secures the queue and shows the data; LGET does not; the first SEND spends it', async () => {
  const { queue } = await create('M');
  const linkId = queue!.ids.linkId!;
  expect(said(await other.ask({ tag: 'LGET' }, linkId))).toBe('ERR AUTH');
  const keys = generateKeyPair('ed25519');
  const lkey = (pair = keys) => other.ask({ tag: 'LKEY', senderKey: pair.publicKey }, linkId, pair.privateKey);
  const shown = { tag: 'LNK', senderId: queue!.senderId, data: { fixedData, userData } };
  expect(await lkey()).toEqual(shown);
  expect(await lkey()).toEqual(shown);
  expect(said(await lkey(generateKeyPair('ed25519')))).toBe('ERR AUTH');
  expect(said(await lset(queue!, linkId, { fixedData, userData: text('new') }))).toBe('ERR AUTH');
  expect(said(await send(other, queue!, text('hello'), keys.privateKey))).toBe('OK');
  expect(said(await lkey())).toBe('ERR AUTH');
});

test('a contact link: anyone reads it, its owner updates user data only, and deletes it', async () => {
  const linkId = randomBytes(24);
  const { queue } = await create('C', { linkId });
  const shown = async () => other.ask({ tag: 'LGET' }, linkId);
  expect(await shown()).toMatchObject({ tag: 'LNK', data: { fixedData, userData } });
  expect(said(await lset(queue!, linkId, { fixedData, userData: text('updated') }))).toBe('OK');
  expect(await shown()).toMatchObject({ tag: 'LNK', data: { userData: text('updated') } });
  expect(said(await lset(queue!, linkId, { fixedData: text('changed'), userData }))).toBe('ERR AUTH');
  expect(said(await lset(queue!, randomBytes(24), { fixedData, userData }))).toBe('ERR AUTH');
  for (let time = 0; time < 2; time++) {
    expect(said(await owner.ask({ tag: 'LDEL' }, queue!.recipientId, queue!.recipientKey))).toBe('OK');
  }
  expect(said(await shown())).toBe('ERR AUTH');
  const keys = generateKeyPair('ed25519');
  expect(said(await other.ask({ tag: 'LKEY', senderKey: keys.publicKey }, linkId, keys.privateKey))).toBe('ERR AUTH');
});

test('ids that clients supply: the sender id is derived from the corrId, and taken ids are AUTH', async () => {
  expect(said((await create('M', { senderId: randomBytes(24) })).reply)).toBe('ERR CMD PROHIBITED');
  const corrId = randomBytes(24);
  expect((await create('M', { corrId })).reply.tag).toBe('IDS');
  expect(said((await create('M', { corrId })).reply)).toBe('ERR AUTH');
  const linkId = randomBytes(24);
  const { queue } = await create('C', { linkId });
  expect(said((await create('C', { linkId })).reply)).toBe('ERR AUTH');
  const second = await create('M');
  expect(said(await lset(second.queue!, linkId, { fixedData, userData }))).toBe('ERR AUTH');
  expect(queue!.ids.mode).toBe('C');
});
