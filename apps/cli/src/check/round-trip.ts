/**
 * A full round trip through any SMP server, as an app would make it: connect, create a queue, secure it as its
 * sender, send, receive, acknowledge, delete.
 */
import {
  acknowledge, connectSmp, type ConnectSmpOptions, createQueue, deleteQueue, openMessage, type RecipientQueue, secureBySender, secureQueue, sendMessage,
  type SmpClient,
} from '@polyplex/client';
import { equalBytes, SECOND } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { AddressText } from '@polyplex/protocol-common';
import { maxBodyBytes, type ReplyOf, SENDER_CAN_SECURE_VERSION } from '@polyplex/protocol-smp';
import { type CheckedClient, type CheckReport, inTime, runSteps, type Step, type StepResult } from './steps.ts';

export interface CheckOptions {
  readonly address: AddressText;
  readonly connect: Omit<ConnectSmpOptions, 'address' | 'onEvent'> & {
    /** For each command, and for the delivery of the message. */
    readonly requestTimeoutMs: number;
  };
  /** Called as each step ends. */
  readonly onStep: (step: StepResult) => void;
}

/** How long a check that failed tries to take its queue away again. */
const CLEAN_UP_MS = 2 * SECOND;

class Arrivals {
  private readonly arrived = Promise.withResolvers<ReplyOf<'MSG'>>();

  event(reply: { readonly tag: string }): void {
    if (reply.tag === 'MSG') this.arrived.resolve(reply as ReplyOf<'MSG'>);
  }

  first(timeoutMs: number): Promise<ReplyOf<'MSG'>> {
    return inTime(this.arrived.promise, timeoutMs, 'the message was not delivered in time');
  }
}

/** What failed is in the last step of the report. */
export function roundTrip({ address, connect, onStep }: CheckOptions): Promise<CheckReport> {
  return runSteps(onStep, (step, clients) => journey(address, connect, step, clients));
}

async function journey(address: AddressText, connect: CheckOptions['connect'], step: Step, clients: CheckedClient[]): Promise<void> {
  const arrivals = new Arrivals();
  const open = async (): Promise<SmpClient> => {
    const client = await connectSmp({ ...connect, address, onEvent: (_, reply) => arrivals.event(reply) });
    clients.push(client);
    return client;
  };
  const recipient = await step('connect (TLS, certificates, handshake)', open);
  const sender = await step('connect as sender', open);
  const queue = await step('create a queue', () => createQueue(recipient, { password: address.password }));
  try {
    await deliver({ recipient, sender, queue, message: () => arrivals.first(connect.requestTimeoutMs) }, step);
  } catch (error) {
    // A queue that a check leaves behind stays on the server for ever; one that is silent keeps nobody waiting.
    await inTime(deleteQueue(recipient, queue), CLEAN_UP_MS, 'not deleted in time').catch(() => undefined);
    throw error;
  }
  await step('delete the queue', () => deleteQueue(recipient, queue));
}

interface Delivery {
  readonly recipient: SmpClient;
  readonly sender: SmpClient;
  readonly queue: RecipientQueue;
  readonly message: () => Promise<ReplyOf<'MSG'>>;
}

async function deliver({ recipient, sender, queue, message }: Delivery, step: Step): Promise<void> {
  const keys = generateKeyPair('ed25519');
  await step('secure the queue', () => secure(recipient, sender, queue, keys));
  const body = randomBytes(maxBodyBytes(sender.version));
  const sent = performance.now();
  await step('send a message', () => sendMessage(sender, { senderId: queue.senderId, key: keys.privateKey }, body));
  // It may have come before the sender had its answer.
  const received = await step('receive it (since it was sent)', message, sent);
  await step('decrypt and compare', async () => Promise.resolve(compare(queue, received, body)));
  await step('acknowledge it', () => acknowledge(recipient, queue, received.msgId));
}

/** By the sender where the relay says the queue's mode, else by the recipient, as apps do. */
function secure(recipient: SmpClient, sender: SmpClient, queue: RecipientQueue, keys: ReturnType<typeof generateKeyPair<'ed25519'>>): Promise<void> {
  const bySender = queue.mode === 'M' && sender.version >= SENDER_CAN_SECURE_VERSION;
  return bySender ? secureBySender(sender, queue.senderId, keys) : secureQueue(recipient, queue, keys.publicKey);
}

function compare(queue: RecipientQueue, message: ReplyOf<'MSG'>, sent: Uint8Array): void {
  const opened = openMessage(queue, message);
  if (opened.kind !== 'message' || !equalBytes(opened.body, sent)) throw new Error('the message that came is not the one that was sent');
}
