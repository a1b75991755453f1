/**
 * Senders and recipients that survive the death of their relay and remember what was promised to them: which SENDs
 * were answered OK, what was delivered in which order, and which ACKs were answered.
 */
import { connectSmp, createQueue, openMessage, type RecipientQueue, type SmpClient, SmpClientError, tlsDial } from '@polyplex/client';
import { generateKeyPair, type KeyPair } from '@polyplex/crypto';
import type { AddressText } from '@polyplex/protocol-common';
import type { ReplyOf, SmpReply } from '@polyplex/protocol-smp';

const BODY_BYTES = 16_000;

export interface Channel {
  readonly queue: RecipientQueue;
  readonly key: KeyPair<'ed25519'>;
  next: number;
  /** Numbers whose SEND was answered OK. */
  readonly accepted: number[];
  /** Numbers in the order of their first delivery. */
  readonly delivered: number[];
  readonly acknowledged: Set<number>;
  /** Deliveries of what had been acknowledged. */
  repeated: number;
}

function connect(address: AddressText, onEvent?: (entityId: Uint8Array, reply: SmpReply) => void): Promise<SmpClient> {
  return connectSmp({ address, dial: tlsDial({ allowAddress: () => true }), ...(onEvent === undefined ? {} : { onEvent }) });
}

export async function createChannels(address: AddressText, count: number): Promise<readonly Channel[]> {
  const client = await connect(address);
  const channels: Channel[] = [];
  for (let i = 0; i < count; i++) {
    const queue = await createQueue(client, { password: address.password, subscribe: false });
    const key = generateKeyPair('ed25519');
    const secured = await client.request({ tag: 'SKEY', senderKey: key.publicKey }, { entityId: queue.senderId, key: key.privateKey });
    if (secured.tag !== 'OK') throw new Error(`SKEY was answered ${secured.tag}`);
    channels.push({ queue, key, next: 0, accepted: [], delivered: [], acknowledged: new Set(), repeated: 0 });
  }
  client.close();
  return channels;
}

function body(number: number): Uint8Array {
  const bytes = new Uint8Array(BODY_BYTES);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function numberOf(queue: RecipientQueue, message: ReplyOf<'MSG'>): number | 'quota' {
  const opened = openMessage(queue, message);
  return opened.kind === 'quota' ? 'quota' : new DataView(Uint8Array.from(opened.body).buffer).getUint32(0);
}

/** A command whose relay died has no answer: that is null. */
async function answered(request: Promise<SmpReply>): Promise<SmpReply | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof SmpClientError) return null;
    throw error;
  }
}

async function keepSending(client: SmpClient, channel: Channel, goOn: () => boolean): Promise<void> {
  while (goOn()) {
    const number = channel.next++;
    const command = { tag: 'SEND', notify: false, body: body(number) } as const;
    const reply = await answered(client.request(command, { entityId: channel.queue.senderId, key: channel.key.privateKey }));
    if (reply === null) return;
    if (reply.tag === 'OK') channel.accepted.push(number);
    else await new Promise((resolve) => setTimeout(resolve, 20)); // QUOTA: the recipient is behind
  }
}

/** Sends so many messages on each channel; all must be accepted. */
export async function sendAll(address: AddressText, channels: readonly Channel[], count: number): Promise<void> {
  const client = await connect(address);
  for (const channel of channels) {
    for (let i = 0; i < count; i++) {
      const number = channel.next++;
      const reply = await client.request(
        { tag: 'SEND', notify: false, body: body(number) }, { entityId: channel.queue.senderId, key: channel.key.privateKey },
      );
      if (reply.tag !== 'OK') throw new Error(`SEND was answered ${reply.tag}`);
      channel.accepted.push(number);
    }
  }
  client.close();
}

function note(channel: Channel, number: number): void {
  if (channel.acknowledged.has(number)) channel.repeated++;
  if (!channel.delivered.includes(number)) channel.delivered.push(number);
}

/** Acknowledges a message and what its answer brings, until the queue is empty or the relay gone. */
async function receive(client: SmpClient, channel: Channel, first: ReplyOf<'MSG'>): Promise<void> {
  let message: ReplyOf<'MSG'> | null = first;
  while (message !== null) {
    const number = numberOf(channel.queue, message);
    if (number !== 'quota') note(channel, number);
    const { recipientId: entityId, key } = channel.queue;
    const reply = await answered(client.request({ tag: 'ACK', msgId: Uint8Array.from(message.msgId) }, { entityId, key }));
    if (reply !== null && reply.tag !== 'ERR' && number !== 'quota') channel.acknowledged.add(number);
    message = reply?.tag === 'MSG' ? reply : null;
  }
}

async function subscribed(address: AddressText, channels: readonly Channel[]): Promise<SmpClient> {
  const byId = new Map(channels.map((channel) => [Buffer.from(channel.queue.recipientId).toString('hex'), channel]));
  const client: SmpClient = await connect(address, (entityId, reply) => {
    const channel = byId.get(Buffer.from(entityId).toString('hex'));
    if (reply.tag === 'MSG' && channel !== undefined) void receive(client, channel, { ...reply, msgId: Uint8Array.from(reply.msgId) });
  });
  const requests = channels.map(({ queue }) => ({ command: { tag: 'SUB' } as const, entityId: queue.recipientId, key: queue.key }));
  await client.requestBatch(requests);
  return client;
}

/** Sends and receives on all channels until `until` settles (then usually with the relay dead). */
export async function traffic(address: AddressText, channels: readonly Channel[], until: Promise<unknown>): Promise<void> {
  let stopped = false;
  const [sender, recipient] = await Promise.all([connect(address), subscribed(address, channels)]);
  const sending = channels.map((channel) => keepSending(sender, channel, () => !stopped));
  await until;
  stopped = true;
  await Promise.all(sending);
  sender.close();
  recipient.close();
}

/** Receives until everything that was accepted has been delivered and nothing more comes. */
export async function drain(address: AddressText, channels: readonly Channel[], waitMs = 20_000): Promise<void> {
  const client = await subscribed(address, channels);
  const missing = (): boolean => channels.some(({ accepted, acknowledged }) => accepted.some((number) => !acknowledged.has(number)));
  const until = Date.now() + waitMs;
  while (missing() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 300));
  client.close();
}
