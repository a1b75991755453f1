/**
 * Every command in every version, over real TLS, and over a WebSocket in the newest: what each is answered (SMP §5.1),
 * with the differences that versions make to encodings (§12.1) and to nothing else: tags are known in every version
 * (§3.7). Each test notes which commands it sent, and fails if the table of commands has one that it did not send.
 */
import { EMPTY_BYTES } from '@polyplex/base';
import { tlsDial } from '@polyplex/client';
import { agree, boxKeyOf, decodeSignedKey, generateKeyPair, randomBytes } from '@polyplex/crypto';
import { type AuthKey, readTransmission, signedPart, writeTransmission } from '@polyplex/protocol-common';
import {
  encodeCommand, openForwardedResponse, openInnerResponse, openNotification, readReply, sealForwarded, sealInner, type SmpCommand, smpCommands, type
  SmpReply,
} from '@polyplex/protocol-smp';
import { dialWebSocket, issueServiceCertificate, readCredentials } from '@polyplex/transport-tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relayDialer } from '../src/index.ts';
import { acknowledge, bodyOf, createQueue, createWithLink, LINK_DATA, send, type TestQueue, text } from './support/queue.ts';
import { RawClient, type RawClientOptions, said } from './support/raw-client.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

const VERSIONS = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];
const PROXIED = { min: 8, max: 17 };

let relay: TestRelay;
let webSocketRelay: TestRelay;
const dialRelay = relayDialer({ dial: tlsDial({ allowAddress: () => true }), allowedPorts: null });
beforeAll(async () => {
  relay = await startRelay({ dialRelay });
  webSocketRelay = await startRelay({ dialRelay, kind: 'websocket' });
});
afterAll(async () => {
  await relay.stop();
  await webSocketRelay.stop();
});

/** Sends commands over one transport and remembers which. */
class Journey {
  readonly sent = new Set<string>();
  readonly version: number;
  private readonly options: RawClientOptions;
  private readonly clients: RawClient[] = [];

  constructor(options: RawClientOptions & { readonly version: number }) {
    this.version = options.version;
    this.options = options;
  }

  async connect(service?: RawClientOptions['service']): Promise<RawClient> {
    const client = await RawClient.connect(service === undefined ? this.options : { ...this.options, service });
    const transmission = client.transmission.bind(client);
    client.transmission = (command, ...rest) => {
      this.sent.add(command.tag);
      return transmission(command, ...rest);
    };
    this.clients.push(client);
    return client;
  }

  close(): void {
    for (const client of this.clients) client.close();
  }

  /** What SUB and NSUB are answered in this version. */
  get subscribed(): string {
    return this.version >= 16 ? 'SOK' : 'OK';
  }
}

const keyPair = () => generateKeyPair('ed25519');
const asRecipient = (client: RawClient, queue: TestQueue, command: SmpCommand): Promise<SmpReply> =>
  client.ask(command, queue.recipientId, queue.recipientKey);

/** PING; a contact address with a link: NEW, LSET, LGET, RKEY, KEY, LDEL. */
async function contactAddress(journey: Journey): Promise<void> {
  const { version } = journey;
  const [owner, other] = [await journey.connect(), await journey.connect()];
  expect(said(await owner.ask({ tag: 'PING' }))).toBe('PONG');
  const queue = await createWithLink(owner, 'C');
  const { ids } = queue;
  expect(ids.mode).toBe(version >= 9 ? 'C' : null);
  expect(ids.linkId !== null).toBe(version >= 15);
  const linkId = ids.linkId ?? randomBytes(24);
  const updated = { ...LINK_DATA, userData: text('updated') };
  expect(said(await asRecipient(owner, queue, { tag: 'LSET', linkId, data: updated }))).toBe('OK');
  expect(await other.ask({ tag: 'LGET' }, linkId)).toEqual({ tag: 'LNK', senderId: queue.senderId, data: updated });
  const keys = keyPair();
  const replaced = await asRecipient(owner, queue, { tag: 'RKEY', recipientKeys: [keys.publicKey, generateKeyPair('x25519').publicKey] });
  expect(said(replaced)).toBe(version >= 9 ? 'OK' : 'ERR AUTH'); // not known to be a contact address
  const now = version >= 9 ? { ...queue, recipientKey: keys.privateKey } : queue;
  expect(said(await asRecipient(owner, queue, { tag: 'QUE' }))).toBe(version >= 9 ? 'ERR AUTH' : 'INFO');
  expect(said(await asRecipient(owner, now, { tag: 'KEY', senderKey: keyPair().publicKey }))).toBe('OK');
  expect(said(await asRecipient(owner, now, { tag: 'LDEL' }))).toBe('OK');
  expect(said(await other.ask({ tag: 'LGET' }, linkId))).toBe('ERR AUTH');
}

/** A one-time invitation: NEW, LKEY, SKEY. */
async function invitation(journey: Journey): Promise<void> {
  const { version } = journey;
  const [owner, other] = [await journey.connect(), await journey.connect()];
  const queue = await createWithLink(owner, 'M');
  const { ids } = queue;
  const linkId = ids.linkId ?? randomBytes(24);
  if (ids.linkId === null) expect(said(await asRecipient(owner, queue, { tag: 'LSET', linkId, data: LINK_DATA }))).toBe('OK');
  const keys = keyPair();
  const secured = version >= 9;
  const linked = await other.ask({ tag: 'LKEY', senderKey: keys.publicKey }, linkId, keys.privateKey);
  expect(said(linked)).toBe(secured ? 'LNK' : 'ERR AUTH'); // only of queues known to be for messaging
  expect(said(await other.ask({ tag: 'SKEY', senderKey: keys.publicKey }, queue.senderId, keys.privateKey))).toBe(secured ? 'OK' : 'ERR AUTH');
  expect(said(await send(other, queue, text('x'), secured ? keys.privateKey : undefined))).toBe('OK');
}

/** Receiving: SEND, SUB, MSG, ACK, GET, QUE, OFF, DEL. */
async function receiving(journey: Journey): Promise<void> {
  const [recipient, other] = [await journey.connect(), await journey.connect()];
  const queue = await createQueue(recipient, { subMode: 'C' });
  for (const body of ['one', 'two']) expect(said(await send(other, queue, text(body)))).toBe('OK');
  expect(said(await asRecipient(recipient, queue, { tag: 'SUB' }))).toBe(journey.subscribed);
  const first = await recipient.next();
  expect([first.corrId.length, bodyOf(queue, first.reply)]).toEqual([0, 'one']);
  expect(bodyOf(queue, await acknowledge(recipient, queue, first.reply))).toBe('two');
  const got = await asRecipient(other, queue, { tag: 'GET' });
  expect(bodyOf(queue, got)).toBe('two');
  expect(said(await acknowledge(other, queue, got))).toBe('OK');
  expect(said(await asRecipient(other, queue, { tag: 'GET' }))).toBe('OK');
  expect(said(await asRecipient(recipient, queue, { tag: 'QUE' }))).toBe('INFO');
  expect(said(await asRecipient(recipient, queue, { tag: 'OFF' }))).toBe('OK');
  expect(said(await send(other, queue, text('late')))).toBe('ERR AUTH');
  expect(said(await asRecipient(recipient, queue, { tag: 'DEL' }))).toBe('OK');
}

/** Notifications: NKEY (or NEW with credentials), NSUB, NMSG, NDEL. */
async function notifications(journey: Journey): Promise<void> {
  const { version } = journey;
  const [recipient, notifier] = [await journey.connect(), await journey.connect()];
  const [keys, dh] = [keyPair(), generateKeyPair('x25519')];
  const credentials = { notifierKey: keys.publicKey as AuthKey, dhKey: dh.publicKey };
  const queue = await createQueue(recipient, { subMode: 'C', notifier: credentials });
  expect(queue.ids.notifier !== null).toBe(version >= 17);
  const fresh = await asRecipient(recipient, queue, { tag: 'NKEY', ...credentials });
  if (fresh.tag !== 'NID') throw new Error(said(fresh));
  const notifierId = Uint8Array.from(fresh.notifierId);
  expect(said(await notifier.ask({ tag: 'NSUB' }, notifierId, keys.privateKey))).toBe(journey.subscribed);
  expect(said(await send(recipient, queue, text('x'), undefined, true))).toBe('OK');
  const { reply } = await notifier.next();
  expect(reply.tag === 'NMSG' && openNotification(boxKeyOf(agree(dh.privateKey, fresh.dhKey)!), reply.nonce, reply.encMeta)).toBeTruthy();
  expect(said(await asRecipient(recipient, queue, { tag: 'NDEL' }))).toBe('OK');
  expect(said((await notifier.next()).reply)).toBe(version >= 10 ? 'DELD' : 'END');
}

/** SUBS and NSUBS: of services only, which exist from version 16 on. */
async function services(journey: Journey): Promise<void> {
  const plain = await journey.connect();
  for (const tag of ['SUBS', 'NSUBS'] as const) {
    expect(said(await plain.ask({ tag }, randomBytes(24), keyPair().privateKey))).toBe('ERR SERVICE');
  }
  if (journey.version < 16) return;
  const issued = issueServiceCertificate({ commonName: 'service', algorithm: 'ed25519' });
  const credentials = readCredentials({ certificatePem: issued.certificate, keyPem: issued.key, allowSelfSigned: true });
  const service = await journey.connect({ credentials, role: 'N' });
  service.send(service.serviceTransmission({ tag: 'NSUBS' }, service.serviceId!));
  expect((await service.next()).reply).toEqual({ tag: 'SOKS', count: 0 });
}

/** What a client and a proxy know of a relay, and the keys that an inner command is sealed with. */
interface Route {
  readonly sessionId: Uint8Array;
  readonly relayKey: Parameters<typeof agree>[1];
  readonly version: number;
}

/** An inner LGET, sealed for the relay, and how its answer is opened. */
function sealedInner({ sessionId, relayKey, version }: Route) {
  const [keys, corrId, linkId] = [generateKeyPair('x25519'), randomBytes(24), randomBytes(24)];
  const boxKey = boxKeyOf(agree(keys.privateKey, relayKey)!);
  const signed = signedPart(corrId, linkId, encodeCommand({ tag: 'LGET' }, version));
  const inner = writeTransmission({ auth: EMPTY_BYTES, serviceSignature: null, sessionId, signed }, version);
  const open = (encResponse: Uint8Array): string => {
    const opened = openInnerResponse(boxKey, corrId, encResponse);
    if ('error' in opened) throw new Error(opened.error);
    return said(readReply(readTransmission(opened.transmission, version)!.command, version)!);
  };
  return { corrId, key: keys.publicKey, encTransmission: sealInner(boxKey, corrId, inner), open };
}

/** PRXY and PFWD through the relay to itself, then RFWD as a proxy would send it. */
async function routing(journey: Journey): Promise<void> {
  const { version } = journey;
  const client = await journey.connect();
  const pkey = await client.ask({ tag: 'PRXY', server: relay.address, password: null });
  if (pkey.tag !== 'PKEY') throw new Error(said(pkey));
  expect(pkey.versions).toEqual(PROXIED);
  const forwarded = Math.min(Math.max(version, PROXIED.min), PROXIED.max);
  const { sessionId } = pkey;
  const inner = sealedInner({ sessionId, relayKey: keyOf(pkey.key.signedKey), version: forwarded });
  // Routing began with version 8: below 7, where transmissions repeat the session id, a whole one does not fit.
  const fits = version >= 7;
  const encTransmission = fits ? inner.encTransmission : randomBytes(100);
  client.send(client.transmission({ tag: 'PFWD', version: forwarded, key: inner.key, encTransmission }, sessionId, null, inner.corrId));
  const { reply } = await client.next();
  expect(said(reply)).toBe(fits ? 'PRES' : 'ERR PROXY PROTOCOL CRYPTO');
  if (reply.tag === 'PRES') expect(inner.open(reply.encResponse)).toBe('ERR AUTH');
  await asProxy(client, forwarded);
}

const keyOf = (signedKey: Uint8Array): Route['relayKey'] => decodeSignedKey(signedKey)!.key;

async function asProxy(client: RawClient, version: number): Promise<void> {
  const nonce = randomBytes(24);
  if (client.secret === null) {
    const refused = await client.ask({ tag: 'RFWD', encFwdTransmission: randomBytes(100) });
    expect(said(refused)).toBe('ERR PROXY BROKER TRANSPORT NO_AUTH'); // no session key in version 6
    return;
  }
  const outerKey = boxKeyOf(client.secret);
  const inner = sealedInner({ sessionId: client.connection.sessionId, relayKey: client.serverKey!, version });
  const encFwdTransmission = sealForwarded(outerKey, nonce, { corrId: inner.corrId, version, key: inner.key, encTransmission: inner.encTransmission });
  client.send(client.transmission({ tag: 'RFWD', encFwdTransmission }, EMPTY_BYTES, null, nonce));
  const { reply } = await client.next();
  if (reply.tag !== 'RRES') throw new Error(said(reply));
  expect(inner.open(openForwardedResponse(outerKey, nonce, reply.encFwdResponse)!.encResponse)).toBe('ERR AUTH');
}

async function everything(options: RawClientOptions & { readonly version: number }): Promise<void> {
  const journey = new Journey(options);
  try {
    for (const part of [contactAddress, invitation, receiving, notifications, services, routing]) await part(journey);
  } finally {
    journey.close();
  }
  expect([...journey.sent].sort()).toEqual(Object.keys(smpCommands).sort());
}

describe('every command', () => {
  test.each(VERSIONS)('version %i', (version) => everything({ ...relay, version }));

  test('over a WebSocket', () => everything({ ...webSocketRelay, dial: dialWebSocket, version: 18 }));
});
