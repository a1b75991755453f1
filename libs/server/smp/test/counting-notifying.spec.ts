/**
 * What notifications and services move, and that they move nothing else (SMP §9.6 columns 10-14, 48-50, 62-96).
 */
import { generateKeyPair } from '@polyplex/crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { type Row, World } from './support/counting.ts';
import { nkey, nsub, nsubs, service } from './support/notifier.ts';
import { createQueue, send, text } from './support/queue.ts';

const world = new World();
beforeAll(() => world.start());
afterAll(() => world.stop());

const keyPair = () => generateKeyPair('ed25519');

const notifying: Readonly<Record<string, Row>> = {
  'NKEY': { commands: { NKEY: 1 }, by: { ntfCreated: 1 }, when: async () => { const queue = await world.queueOf(); return () => nkey(world.recipient, queue); } },
  'NDEL': { commands: { NDEL: 1 }, by: { ntfDeleted: 1, ntfDeletedB: 1 }, when: async () => { const queue = await world.queueOf(); await nkey(world.recipient, queue); return () => world.ask(queue, { tag: 'NDEL' }); } },
  'NDEL without a notifier': { commands: { NDEL: 1 }, by: { ntfDeletedB: 1 }, when: async () => { const queue = await world.queueOf(); return () => world.ask(queue, { tag: 'NDEL' }); } },
  'NSUB': { commands: { NSUB: 1 }, by: { ntfSub: 1, ntfSubB: 1 }, when: async () => { const notifier = await nkey(world.recipient, await world.queueOf()); return () => nsub(world.sender, notifier); } },
  'NSUB again': {
    commands: { NSUB: 1 }, by: { ntfSubDuplicate: 1, ntfSubB: 1 },
    when: async () => { const notifier = await nkey(world.recipient, await world.queueOf()); await nsub(world.sender, notifier); return () => nsub(world.sender, notifier); },
  },
  'NSUB with a wrong key': {
    commands: { NSUB: 1 }, by: { ntfSubAuth: 1, ntfSubB: 1, 'error AUTH': 1 },
    when: async () => { const notifier = await nkey(world.recipient, await world.queueOf()); return () => nsub(world.sender, { ...notifier, key: keyPair().privateKey }); },
  },
  'NSUB elsewhere': {
    commands: { NSUB: 1 }, by: { ntfSub: 1, ntfSubB: 1, qSubEnd: 1, qSubEndB: 1, ended: 1 },
    when: async () => { const notifier = await nkey(world.recipient, await world.queueOf()); await nsub(await world.fresh(), notifier); return () => nsub(world.sender, notifier); },
  },
  'a notification that is heard': {
    commands: { SEND: 1 }, by: { msgSent: 1, msgSentNtf: 1, msgNtfs: 1, msgNtfsB: 1 },
    when: async () => { const queue = await world.queueOf(); await nsub(await world.fresh(), await nkey(world.recipient, queue)); return () => send(world.sender, queue, text('x'), undefined, true); },
  },
  'a notification without a subscriber': {
    commands: { SEND: 1 }, by: { msgSent: 1, msgSentNtf: 1, msgNtfNoSub: 1 },
    when: async () => { const queue = await world.queueOf(); await nkey(world.recipient, queue); return () => send(world.sender, queue, text('x'), undefined, true); },
  },
  'NSUB that finds notifications': {
    commands: { NSUB: 1 }, by: { ntfSub: 1, ntfSubB: 1, msgNtfs: 2, msgNtfsB: 1 },
    when: async () => {
      const queue = await world.queueOf();
      const notifier = await nkey(world.recipient, queue);
      for (let i = 0; i < 2; i++) await send(world.sender, queue, text('x'), undefined, true);
      const client = await world.fresh();
      return () => nsub(client, notifier);
    },
  },
};

const services: Readonly<Record<string, Row>> = {
  'NSUB of a service': {
    commands: { NSUB: 1 }, by: { ntfSub: 1, ntfSubB: 1, 'ntfServices.assocNew': 1 },
    when: async () => { const [client, notifier] = [await service().connect(world.relay), await nkey(world.recipient, await world.queueOf())]; return () => nsub(client, notifier, true); },
  },
  'NSUB of the same service': {
    commands: { NSUB: 1 }, by: { ntfSubDuplicate: 1, ntfSubB: 1, 'ntfServices.assocDuplicate': 1 },
    when: async () => { const [client, notifier] = [await service().connect(world.relay), await nkey(world.recipient, await world.queueOf())]; await nsub(client, notifier, true); return () => nsub(client, notifier, true); },
  },
  'NSUB of another service': {
    commands: { NSUB: 1 }, by: { ntfSub: 1, ntfSubB: 1, qSubEnd: 1, qSubEndB: 1, ended: 1, 'ntfServices.assocUpdatedt': 1 },
    when: async () => {
      const [first, second] = [await service().connect(world.relay), await service().connect(world.relay)];
      const notifier = await nkey(world.recipient, await world.queueOf());
      await nsub(first, notifier, true);
      return () => nsub(second, notifier, true);
    },
  },
  'NSUB without the service': {
    commands: { NSUB: 1 }, by: { ntfSub: 1, ntfSubB: 1, qSubEnd: 1, qSubEndB: 1, ended: 1, 'ntfServices.assocRemoved': 1 },
    when: async () => { const [client, notifier] = [await service().connect(world.relay), await nkey(world.recipient, await world.queueOf())]; await nsub(client, notifier, true); return () => nsub(world.sender, notifier); },
  },
  'NSUBS': {
    commands: { NSUBS: 1 }, by: { 'ntfServices.subCount': 1, 'ntfServices.subQueues': 2 },
    when: async () => {
      const client = await service().connect(world.relay);
      for (let i = 0; i < 2; i++) await nsub(client, await nkey(world.recipient, await world.queueOf()), true);
      return () => nsubs(client);
    },
  },
  'NSUBS again': { commands: { NSUBS: 1 }, by: { 'ntfServices.subDuplicate': 1 }, when: async () => { const client = await service().connect(world.relay); await nsubs(client); return () => nsubs(client); } },
  'NSUBS of another session': {
    commands: { NSUBS: 1 }, by: { 'ntfServices.subCount': 1, 'ntfServices.subEnd': 1 },
    when: async () => { const { connect } = service(); await nsubs(await connect(world.relay)); const client = await connect(world.relay); return () => nsubs(client); },
  },
  'NEW and SUB of a messaging service': {
    commands: { NEW: 1, SUB: 1 }, by: { qCreated: 1, qSubAllB: 1 },
    when: async () => {
      const [client, queue] = [await service().connect(world.relay, 'M'), await world.queueOf()];
      return async () => {
        await createQueue(client, { withService: true });
        await client.ask({ tag: 'SUB' }, queue.recipientId, queue.recipientKey, true);
      };
    },
  },
};

describe.each(Object.entries({ notifying, services }))('%s', (_, rows) => world.check(rows));
