/** Pairs of clients with queues between them, and messages through them from SEND to the answer of the ACK. */
import { connectSmp, createQueue, type RecipientQueue, type SmpClient, tlsDial } from '@polyplex/client';
import { generateKeyPair, type KeyPair } from '@polyplex/crypto';
import type { ServerAddress } from '@polyplex/protocol-common';
import { spread } from './measure.ts';

const QUEUES_A_PAIR = 20;

export interface Channel {
  readonly sender: SmpClient;
  readonly recipient: SmpClient;
  readonly queue: RecipientQueue;
  readonly key: KeyPair<'x25519'>;
  arrived: (msgId: Uint8Array) => void;
}

export interface Between {
  readonly sender: ServerAddress;
  readonly recipient: ServerAddress;
  readonly version: number;
}

/** A sender at one address and a recipient at another of the same relay. */
export async function pair({ sender: senderAt, recipient: recipientAt, version }: Between): Promise<readonly Channel[]> {
  const channels = new Map<string, Channel>();
  const options = { dial: tlsDial({ allowAddress: () => true }), versions: { min: 6, max: version } };
  const recipient = await connectSmp({
    ...options,
    address: recipientAt,
    onEvent(entityId, reply) {
      if (reply.tag === 'MSG') channels.get(Buffer.from(entityId).toString('latin1'))!.arrived(Uint8Array.from(reply.msgId));
    },
  });
  const sender = await connectSmp({ ...options, address: senderAt });
  for (let i = 0; i < QUEUES_A_PAIR; i++) {
    const queue = await createQueue(recipient, { keyKind: 'x25519' });
    const key = generateKeyPair('x25519');
    await sender.request({ tag: 'SKEY', senderKey: key.publicKey }, { entityId: queue.senderId, key: key.privateKey });
    channels.set(Buffer.from(queue.recipientId).toString('latin1'), { sender, recipient, queue, key, arrived: () => undefined });
  }
  return [...channels.values()];
}

/** One message from SEND to the answer of its ACK. */
export async function deliver({ sender, recipient, queue, key }: Channel, arrival: Promise<Uint8Array>, body: Uint8Array): Promise<void> {
  const sent = await sender.request({ tag: 'SEND', notify: false, body }, { entityId: queue.senderId, key: key.privateKey });
  if (sent.tag !== 'OK') throw new Error(`SEND was answered ${sent.tag}`);
  const msgId = await arrival;
  const acknowledged = await recipient.request({ tag: 'ACK', msgId }, { entityId: queue.recipientId, key: queue.key });
  if (acknowledged.tag !== 'OK') throw new Error(`ACK was answered ${acknowledged.tag}`);
}

export async function run(channels: readonly Channel[], messages: number, body: Uint8Array): Promise<void> {
  const share = messages / channels.length;
  await spread(channels.length, channels.length, async (i) => {
    const channel = channels[i]!;
    for (let n = 0; n < share; n++) {
      const arrival = new Promise<Uint8Array>((resolve) => (channel.arrived = resolve));
      await deliver(channel, arrival, body);
    }
  });
}

export function closeAll(channels: readonly Channel[]): void {
  for (const { sender, recipient } of channels) {
    sender.close();
    recipient.close();
  }
}
