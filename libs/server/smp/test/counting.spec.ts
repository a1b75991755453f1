/**
 * What each command moves, and that it moves nothing else (SMP §9.6, §9.7): one row a case, over a real relay.
 */
import { EMPTY_BYTES } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { afterAll, beforeAll, describe } from 'vitest';
import { QUOTA, type Row, World } from './support/counting.ts';
import { acknowledge, createQueue, createWithLink, newCommand, secure, send, text } from './support/queue.ts';

const world = new World();
beforeAll(() => world.start());
afterAll(() => world.stop());

const keyPair = () => generateKeyPair('ed25519');

const queues: Readonly<Record<string, Row>> = {
  'NEW': { commands: { NEW: 1 }, by: { qCreated: 1 }, when: async () => () => createQueue(world.recipient) },
  'NEW with notifier credentials': {
    commands: { NEW: 1 }, by: { qCreated: 1, ntfNewCreated: 1 },
    when: async () => () => createQueue(world.recipient, { notifier: { notifierKey: keyPair().publicKey, dhKey: generateKeyPair('x25519').publicKey } }),
  },
  'NEW with a wrong signature': {
    commands: { NEW: 1 }, by: { 'error AUTH': 1, 'refusedNew auth': 1 },
    when: async () => () => world.recipient.ask(newCommand(keyPair(), generateKeyPair('x25519')), EMPTY_BYTES, keyPair().privateKey),
  },
  'KEY': { commands: { KEY: 1 }, by: { qSecured: 1 }, when: async () => { const queue = await world.queueOf(); return () => secure(world.recipient, queue); } },
  'KEY again': {
    commands: { KEY: 1 }, by: {},
    when: async () => {
      const [queue, senderKey] = [await world.queueOf(), keyPair().publicKey];
      await world.ask(queue, { tag: 'KEY', senderKey });
      return () => world.ask(queue, { tag: 'KEY', senderKey });
    },
  },
  'KEY of a secured queue': {
    commands: { KEY: 1 }, by: { 'error AUTH': 1 },
    when: async () => { const queue = await world.queueOf(); await secure(world.recipient, queue); return () => world.ask(queue, { tag: 'KEY', senderKey: keyPair().publicKey }); },
  },
  'SKEY': {
    commands: { SKEY: 1 }, by: { qSecured: 1 },
    when: async () => { const [queue, keys] = [await world.queueOf(), keyPair()]; return () => world.sender.ask({ tag: 'SKEY', senderKey: keys.publicKey }, queue.senderId, keys.privateKey); },
  },
  'LKEY': {
    commands: { LKEY: 1 }, by: { qSecured: 1 },
    when: async () => { const [{ ids }, keys] = [await createWithLink(world.recipient, 'M'), keyPair()]; const linkId = Uint8Array.from(ids.linkId!); return () => world.sender.ask({ tag: 'LKEY', senderKey: keys.publicKey }, linkId, keys.privateKey); },
  },
  'DEL of a new queue': { commands: { DEL: 1 }, by: { qDeletedAll: 1, qDeletedNew: 1, qDeletedAllB: 1 }, when: async () => { const queue = await world.queueOf(); return () => world.ask(queue, { tag: 'DEL' }); } },
  'DEL of a secured queue': {
    commands: { DEL: 1 }, by: { qDeletedAll: 1, qDeletedSecured: 1, qDeletedAllB: 1 },
    when: async () => { const queue = await world.queueOf(); await secure(world.recipient, queue); return () => world.ask(queue, { tag: 'DEL' }); },
  },
  'DELs of one block': { commands: { DEL: 2 }, by: { qDeletedAll: 2, qDeletedNew: 2, qDeletedAllB: 1 }, when: async () => { const two = [await world.queueOf(), await world.queueOf()]; return () => world.together(world.recipient, two, { tag: 'DEL' }); } },
  'DEL with a wrong key': {
    commands: { DEL: 1 }, by: { qDeletedAllB: 1, 'error AUTH': 1 },
    when: async () => { const queue = await world.queueOf(); return () => world.recipient.ask({ tag: 'DEL' }, queue.recipientId, keyPair().privateKey); },
  },
};

const subscriptions: Readonly<Record<string, Row>> = {
  'SUB of an empty queue': { commands: { SUB: 1 }, by: { qSubAllB: 1 }, when: async () => { const queue = await world.queueOf(); return () => world.ask(queue, { tag: 'SUB' }); } },
  'SUB that finds a message': {
    commands: { SUB: 1 }, by: { qSub: 1, qSubAllB: 1, delivered: 1, unacknowledged: 1 },
    when: async () => { const [queue, client] = [await world.queueOf(1), await world.fresh()]; return () => world.ask(queue, { tag: 'SUB' }, client); },
  },
  'SUBs of one block': { commands: { SUB: 3 }, by: { qSubAllB: 1 }, when: async () => { const three = [await world.queueOf(), await world.queueOf(), await world.queueOf()]; return () => world.together(world.recipient, three, { tag: 'SUB' }); } },
  'SUB again': { commands: { SUB: 1 }, by: { qSubDuplicate: 1, qSubAllB: 1 }, when: async () => { const queue = await createQueue(world.recipient); return () => world.ask(queue, { tag: 'SUB' }); } },
  'SUB again with a message that waits for its ACK': {
    commands: { SUB: 1 }, by: { qSubDuplicate: 1, qSubAllB: 1, delivered: 1 },
    when: async () => { const client = await world.fresh(); const { queue } = await world.delivered(client); return () => world.ask(queue, { tag: 'SUB' }, client); },
  },
  'SUB with a wrong key': {
    commands: { SUB: 1 }, by: { qSubAuth: 1, qSubAllB: 1, 'error AUTH': 1 },
    when: async () => { const queue = await world.queueOf(); return () => world.recipient.ask({ tag: 'SUB' }, queue.recipientId, keyPair().privateKey); },
  },
  'SUB after GET': {
    commands: { SUB: 1 }, by: { qSubProhibited: 1, qSubAllB: 1, 'error CMD': 1 },
    when: async () => { const [queue, client] = [await world.queueOf(), await world.fresh()]; await world.ask(queue, { tag: 'GET' }, client); return () => world.ask(queue, { tag: 'SUB' }, client); },
  },
  'SUB elsewhere': {
    commands: { SUB: 1 }, by: { qSubAllB: 1, qSubEnd: 1, qSubEndB: 1, ended: 1 },
    when: async () => { const [queue, client] = [await createQueue(await world.fresh()), await world.fresh()]; return () => world.ask(queue, { tag: 'SUB' }, client); },
  },
  'SUBs elsewhere, two in a block': {
    commands: { SUB: 2 }, by: { qSubAllB: 1, qSubEnd: 2, qSubEndB: 1, ended: 2 },
    when: async () => { const [first, client] = [await world.fresh(), await world.fresh()]; const two = [await createQueue(first), await createQueue(first)]; return () => world.together(client, two, { tag: 'SUB' }); },
  },
  'DEL of another\'s subscription': {
    commands: { DEL: 1 }, by: { qDeletedAll: 1, qDeletedNew: 1, qDeletedAllB: 1, ended: 1 },
    when: async () => { const queue = await createQueue(await world.fresh()); return () => world.ask(queue, { tag: 'DEL' }); },
  },
};

const sending: Readonly<Record<string, Row>> = {
  'SEND': { commands: { SEND: 1 }, by: { msgSent: 1 }, when: async () => { const queue = await world.queueOf(); return () => send(world.sender, queue, text('x')); } },
  'SEND to a subscriber': {
    commands: { SEND: 1 }, by: { msgSent: 1, delivered: 1, unacknowledged: 1 },
    when: async () => { const queue = await createQueue(await world.fresh()); return () => send(world.sender, queue, text('x')); },
  },
  'SEND that notifies nobody': { commands: { SEND: 1 }, by: { msgSent: 1, msgSentNtf: 1 }, when: async () => { const queue = await world.queueOf(); return () => send(world.sender, queue, text('x'), undefined, true); } },
  'SEND without the key': {
    commands: { SEND: 1 }, by: { msgSentAuth: 1, 'error AUTH': 1 },
    when: async () => { const queue = await world.queueOf(); await secure(world.recipient, queue); return () => send(world.sender, queue, text('x')); },
  },
  'SEND to no queue': { commands: { SEND: 1 }, by: { msgSentAuth: 1, 'error AUTH': 1 }, when: async () => () => world.sender.ask({ tag: 'SEND', notify: false, body: text('x') }, randomBytes(24)) },
  'SEND to a suspended queue': {
    commands: { SEND: 1 }, by: { msgSentAuth: 1, 'error AUTH': 1 },
    when: async () => { const queue = await world.queueOf(); await world.ask(queue, { tag: 'OFF' }); return () => send(world.sender, queue, text('x')); },
  },
  'SEND to a full queue': { commands: { SEND: 1 }, by: { msgSentQuota: 1, 'error QUOTA': 1 }, when: async () => { const queue = await world.queueOf(QUOTA); return () => send(world.sender, queue, text('x')); } },
  'SEND that is too large': {
    commands: { SEND: 1 }, by: { msgSentLarge: 1, 'error LARGE_MSG': 1 },
    when: async () => { const queue = await world.queueOf(); return () => send(world.sender, queue, randomBytes(maxBodyBytes(18) + 1)); },
  },
  'SEND to a blocked queue': {
    commands: { SEND: 1 }, by: { msgSentBlock: 1, 'error BLOCKED': 1 },
    when: async () => { const queue = await world.queueOf(); await world.block(queue); return () => send(world.sender, queue, text('x')); },
  },
};

const receiving: Readonly<Record<string, Row>> = {
  'ACK': {
    commands: { ACK: 1 }, by: { msgRecv: 1, acknowledged: 1, unacknowledged: -1 },
    when: async () => { const client = await world.fresh(); const { queue, reply } = await world.delivered(client); return () => acknowledge(client, queue, reply); },
  },
  'ACK with another message after it': {
    commands: { ACK: 1 }, by: { msgRecv: 1, acknowledged: 1, delivered: 1 },
    when: async () => { const client = await world.fresh(); const { queue, reply } = await world.delivered(client); await send(world.sender, queue, text('y')); return () => acknowledge(client, queue, reply); },
  },
  'ACK of a message that notified': {
    commands: { ACK: 1 }, by: { msgRecv: 1, msgRecvNtf: 1, acknowledged: 1, unacknowledged: -1 },
    when: async () => { const client = await world.fresh(); const { queue, reply } = await world.delivered(client, true); return () => acknowledge(client, queue, reply); },
  },
  'ACK of the quota marker': {
    commands: { ACK: 1 }, by: { unacknowledged: -1 },
    when: async () => {
      const [client, queue] = [await world.fresh(), await world.queueOf(QUOTA)];
      await send(world.sender, queue, text('too much'));
      for (let i = 0; i < QUOTA; i++) await acknowledge(client, queue, await world.ask(queue, { tag: 'GET' }, client));
      const marker = await world.ask(queue, { tag: 'GET' }, client);
      return () => acknowledge(client, queue, marker);
    },
  },
  'ACK of nothing': { commands: { ACK: 1 }, by: { 'error NO_MSG': 1 }, when: async () => { const queue = await createQueue(world.recipient); return () => world.ask(queue, { tag: 'ACK', msgId: randomBytes(24) }); } },
  'GET': {
    commands: { GET: 1 }, by: { msgGet: 1, delivered: 1, unacknowledged: 1 },
    when: async () => { const [queue, client] = [await world.queueOf(1), await world.fresh()]; return () => world.ask(queue, { tag: 'GET' }, client); },
  },
  'GET again': {
    commands: { GET: 1 }, by: { msgGetDuplicate: 1, delivered: 1 },
    when: async () => { const [queue, client] = [await world.queueOf(1), await world.fresh()]; await world.ask(queue, { tag: 'GET' }, client); return () => world.ask(queue, { tag: 'GET' }, client); },
  },
  'GET of an empty queue': { commands: { GET: 1 }, by: { msgGetNoMsg: 1 }, when: async () => { const [queue, client] = [await world.queueOf(), await world.fresh()]; return () => world.ask(queue, { tag: 'GET' }, client); } },
  'GET with a wrong key': {
    commands: { GET: 1 }, by: { msgGetAuth: 1, 'error AUTH': 1 },
    when: async () => { const queue = await world.queueOf(); return () => world.recipient.ask({ tag: 'GET' }, queue.recipientId, keyPair().privateKey); },
  },
  'GET of a subscribed queue': { commands: { GET: 1 }, by: { msgGetProhibited: 1, 'error CMD': 1 }, when: async () => { const queue = await createQueue(world.recipient); return () => world.ask(queue, { tag: 'GET' }); } },
  'ACK after GET': {
    commands: { ACK: 1 }, by: { msgRecv: 1, msgRecvGet: 1, acknowledged: 1, unacknowledged: -1 },
    when: async () => { const [queue, client] = [await world.queueOf(1), await world.fresh()]; const reply = await world.ask(queue, { tag: 'GET' }, client); return () => acknowledge(client, queue, reply); },
  },
  'a client that goes with its message': {
    commands: {}, by: { unacknowledged: -1 },
    when: async () => { const client = await world.fresh(); await world.delivered(client); return async () => client.close(); },
  },
};

describe.each(Object.entries({ queues, subscriptions, sending, receiving }))('%s', (_, rows) => world.check(rows));
