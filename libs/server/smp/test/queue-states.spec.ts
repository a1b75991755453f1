/**
 * What every command on a queue is answered in each of its states, as one table (SMP §5.1-5.4, §8.5). Each cell is a
 * queue of its own, brought into the state over the wire (blocking: by the operator, through the store).
 */
import { generateKeyPair, type PrivateKey, randomBytes } from '@polyplex/crypto';
import type { SmpCommand, SmpReply } from '@polyplex/protocol-smp';
import { resultOf } from '@polyplex/store-contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWithLink, LINK_DATA, send, type TestQueue, text } from './support/queue.ts';
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

/** A queue in some state, and the keys of everyone who may address it. */
interface Subject {
  readonly queue: TestQueue;
  readonly linkId: Uint8Array;
  readonly notifierId: Uint8Array;
  readonly notifierKey: PrivateKey;
  readonly senderKeys: ReturnType<typeof keyPair>;
  /** The first message, as the recipient has it; it waits for its ACK on no connection. */
  readonly msgId: Uint8Array;
  secured: boolean;
}

const keyPair = () => generateKeyPair('ed25519');
const byRecipient = ({ queue }: Subject, command: SmpCommand): Promise<SmpReply> => owner.ask(command, queue.recipientId, queue.recipientKey);

/** A queue with link data, notifier and one waiting message, to which nobody is subscribed. */
async function create(type: 'M' | 'C'): Promise<Subject> {
  const notifier = keyPair();
  const credentials = { notifierKey: notifier.publicKey, dhKey: generateKeyPair('x25519').publicKey };
  const queue = await createWithLink(owner, type, { notifier: credentials });
  expect(said(await send(other, queue, text('waiting')))).toBe('OK');
  const head = resultOf((await relay.store.heads([queue.recipientId], null))[0]!).head!;
  return {
    queue, linkId: Uint8Array.from(queue.ids.linkId!), notifierId: Uint8Array.from(queue.ids.notifier!.notifierId), notifierKey: notifier.privateKey,
    senderKeys: keyPair(), msgId: Uint8Array.from(head.msgId), secured: false,
  };
}

async function secure(subject: Subject): Promise<void> {
  expect(said(await byRecipient(subject, { tag: 'KEY', senderKey: subject.senderKeys.publicKey }))).toBe('OK');
  subject.secured = true;
}

async function byOperator(subject: Subject, action: 'block' | 'unblock'): Promise<void> {
  const record = resultOf((await relay.store.find('recipient', [subject.queue.recipientId]))[0]!);
  const done = action === 'block' ? await relay.store.block(record, { reason: 'spam', notice: { ttl: 60 } }) : await relay.store.unblock(record);
  expect(done.status).toBe('ok');
}

const STATES: Readonly<Record<string, (subject: Subject) => Promise<unknown>>> = {
  new: () => Promise.resolve(),
  secured: secure,
  off: (subject) => byRecipient(subject, { tag: 'OFF' }),
  'secured and off': async (subject) => {
    await secure(subject);
    await byRecipient(subject, { tag: 'OFF' });
  },
  blocked: (subject) => byOperator(subject, 'block'),
  'blocked and unblocked': async (subject) => {
    await byOperator(subject, 'block');
    await byOperator(subject, 'unblock');
  },
  deleted: (subject) => byRecipient(subject, { tag: 'DEL' }),
};

type Act = (subject: Subject) => Promise<SmpReply>;
const COMMANDS: Readonly<Record<string, Act>> = {
  SUB: async (subject) => {
    const reply = await byRecipient(subject, { tag: 'SUB' });
    if (reply.tag === 'SOK') expect((await owner.next()).reply.tag).toBe('MSG');
    return reply;
  },
  GET: (subject) => byRecipient(subject, { tag: 'GET' }),
  ACK: (subject) => byRecipient(subject, { tag: 'ACK', msgId: subject.msgId }),
  'KEY, another': (subject) => byRecipient(subject, { tag: 'KEY', senderKey: keyPair().publicKey }),
  'KEY, the same': (subject) => byRecipient(subject, { tag: 'KEY', senderKey: subject.senderKeys.publicKey }),
  RKEY: (subject) => byRecipient(subject, { tag: 'RKEY', recipientKeys: [keyPair().publicKey] }),
  LSET: (subject) => byRecipient(subject, { tag: 'LSET', linkId: subject.linkId, data: { ...LINK_DATA, userData: text('new') } }),
  LDEL: (subject) => byRecipient(subject, { tag: 'LDEL' }),
  NKEY: (subject) => byRecipient(subject, { tag: 'NKEY', notifierKey: keyPair().publicKey, dhKey: generateKeyPair('x25519').publicKey }),
  NDEL: (subject) => byRecipient(subject, { tag: 'NDEL' }),
  OFF: (subject) => byRecipient(subject, { tag: 'OFF' }),
  DEL: (subject) => byRecipient(subject, { tag: 'DEL' }),
  QUE: (subject) => byRecipient(subject, { tag: 'QUE' }),
  SEND: ({ queue, secured, senderKeys }) => send(other, queue, text('x'), secured ? senderKeys.privateKey : undefined),
  'SEND, of the wrong kind': ({ queue, secured, senderKeys }) => send(other, queue, text('x'), secured ? undefined : senderKeys.privateKey),
  'SEND, too long': ({ queue, secured, senderKeys }) => send(other, queue, randomBytes(16_049), secured ? senderKeys.privateKey : undefined),
  'SKEY, another': ({ queue }) => {
    const keys = keyPair();
    return other.ask({ tag: 'SKEY', senderKey: keys.publicKey }, queue.senderId, keys.privateKey);
  },
  'SKEY, the same': ({ queue, senderKeys }) => other.ask({ tag: 'SKEY', senderKey: senderKeys.publicKey }, queue.senderId, senderKeys.privateKey),
  'LKEY, the same': ({ linkId, senderKeys }) => other.ask({ tag: 'LKEY', senderKey: senderKeys.publicKey }, linkId, senderKeys.privateKey),
  LGET: ({ linkId }) => other.ask({ tag: 'LGET' }, linkId),
  NSUB: ({ notifierId, notifierKey }) => other.ask({ tag: 'NSUB' }, notifierId, notifierKey),
};

const BLOCKED = 'ERR BLOCKED reason=spam,notice={"ttl":60}';
const AUTH = 'ERR AUTH';
const LARGE = 'ERR LARGE_MSG';
/** Columns: new, secured, off, secured and off, blocked, blocked and unblocked, deleted. */
const MESSAGING: Readonly<Record<string, readonly string[]>> = {
  SUB: ['SOK', 'SOK', 'SOK', 'SOK', BLOCKED, 'SOK', AUTH],
  GET: ['MSG', 'MSG', 'MSG', 'MSG', BLOCKED, 'MSG', AUTH],
  ACK: ['ERR NO_MSG', 'ERR NO_MSG', 'ERR NO_MSG', 'ERR NO_MSG', BLOCKED, 'ERR NO_MSG', AUTH],
  'KEY, another': ['OK', AUTH, 'OK', AUTH, BLOCKED, 'OK', AUTH],
  'KEY, the same': ['OK', 'OK', 'OK', 'OK', BLOCKED, 'OK', AUTH],
  RKEY: [AUTH, AUTH, AUTH, AUTH, BLOCKED, AUTH, AUTH],
  LSET: ['OK', AUTH, 'OK', AUTH, BLOCKED, 'OK', AUTH],
  LDEL: ['OK', 'OK', 'OK', 'OK', BLOCKED, 'OK', AUTH],
  NKEY: ['NID', 'NID', 'NID', 'NID', BLOCKED, 'NID', AUTH],
  NDEL: ['OK', 'OK', 'OK', 'OK', BLOCKED, 'OK', AUTH],
  OFF: ['OK', 'OK', 'OK', 'OK', 'OK', 'OK', AUTH],
  DEL: ['OK', 'OK', 'OK', 'OK', 'OK', 'OK', AUTH],
  QUE: ['INFO', 'INFO', 'INFO', 'INFO', BLOCKED, 'INFO', AUTH],
  SEND: ['OK', 'OK', AUTH, AUTH, BLOCKED, 'OK', AUTH],
  'SEND, of the wrong kind': [AUTH, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH],
  'SEND, too long': [LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, AUTH],
  'SKEY, another': ['OK', AUTH, 'OK', AUTH, BLOCKED, 'OK', AUTH],
  'SKEY, the same': ['OK', 'OK', 'OK', 'OK', BLOCKED, 'OK', AUTH],
  'LKEY, the same': ['LNK', 'LNK', 'LNK', 'LNK', BLOCKED, 'LNK', AUTH],
  LGET: [AUTH, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH],
  NSUB: ['SOK', 'SOK', 'SOK', 'SOK', 'SOK', 'SOK', AUTH],
};

/** A contact address is read by anyone, its keys may change, and senders cannot secure it. */
const CONTACT: typeof MESSAGING = {
  ...MESSAGING,
  RKEY: ['OK', 'OK', 'OK', 'OK', BLOCKED, 'OK', AUTH],
  LSET: ['OK', 'OK', 'OK', 'OK', BLOCKED, 'OK', AUTH],
  'SKEY, another': [AUTH, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH],
  'SKEY, the same': [AUTH, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH],
  'LKEY, the same': [AUTH, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH],
  LGET: ['LNK', 'LNK', 'LNK', 'LNK', BLOCKED, 'LNK', AUTH],
};

describe.each([['messaging', 'M', MESSAGING], ['contact', 'C', CONTACT]] as const)('a %s queue', (_name, type, table) => {
  test('every command has its row', () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  test.each(Object.entries(COMMANDS))('%s', async (name, act) => {
    const answers: string[] = [];
    for (const reach of Object.values(STATES)) {
      const subject = await create(type);
      await reach(subject);
      answers.push(said(await act(subject)));
    }
    expect(answers).toEqual(table[name]);
  });
});

describe('blocking', () => {
  const VERSIONS = [6, 10, 11, 12, 17, 18];
  test.each(VERSIONS)('is said as version %i knows it, and the subscriber hears of it', async (version) => {
    const client = await RawClient.connect({ ...relay, version });
    const subject = await create('M');
    const { recipientId, recipientKey } = subject.queue;
    expect(said(await client.ask({ tag: 'SUB' }, recipientId, recipientKey))).toBe(version >= 16 ? 'SOK' : 'OK');
    await client.next();
    await byOperator(subject, 'block');
    const blocked = version >= 18 ? BLOCKED : version >= 12 ? 'ERR BLOCKED reason=spam' : AUTH;
    const event = await client.next();
    expect([said(event.reply), event.corrId.length, Buffer.from(event.entityId).equals(recipientId)]).toEqual([blocked, 0, true]);
    expect(said(await client.ask({ tag: 'SUB' }, recipientId, recipientKey))).toBe(blocked);
    expect(said(await client.ask({ tag: 'SEND', notify: false, body: text('x') }, subject.queue.senderId))).toBe(blocked);
    client.close();
  });
});
