/**
 * The load under which faults happen: queues with senders and recipients on connections through the balancer, and for
 * some queues rivals, which take them again and again from their recipients, who take them back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectSmp, createQueue, secureBySender, tlsDial } from '@polyplex/client';
import { generateKeyPair } from '@polyplex/crypto';
import type { AddressText } from '@polyplex/protocol-common';
import { type Channel, type Pace, Recipient, Sender } from './clients.ts';
import { History } from './history.ts';

/** Of how many queues each recipient's connection takes care: alone, few, and more than the relay reads at once. */
const GROUPS = [1, 1, 1, 1, 4, 4, 4, 8, 16];
const SENDERS_SHARE = 4;
const RIVALS = 3;
const RIVAL_EVERY_MS = 1500;
/** Every so often a rival comes on a connection of its own. */
const RENEW_EVERY = 3;
const SETTLE_MS = 15_000;

export interface LoadOptions {
  readonly queues: number;
  readonly pace: Pace;
}

export interface Load {
  readonly history: History;
  /** All clients come on new connections, which the balancer spreads over the nodes. */
  reconnect(): void;
  /** Whether what arrives is left unacknowledged. */
  holdBack(isHeld: boolean): void;
  /** No more messages; resolves when each that was sent is answered or given up. */
  pauseSenders(): Promise<void>;
  resumeSenders(): void;
  /** Pauses the senders and waits until everything that was accepted has arrived; false when that takes too long. */
  settle(): Promise<boolean>;
  stop(): Promise<void>;
}

/** `address` with the password, so that queues can be created. */
export async function startLoad(address: AddressText, { queues, pace }: LoadOptions): Promise<Load> {
  const history = new History(queues);
  const channels = await createChannels(address, history);
  const recipients = groups(channels).map((group) => new Recipient(address, history, group, 'subscribe again'));
  const senders = chunks(channels, SENDERS_SHARE).map((some) => new Sender(address, history, some, pace));
  const rivals = new Rivals(address, history, channels);

  async function pauseSenders(): Promise<void> {
    for (const sender of senders) sender.isPaused = true;
    while (!senders.every(({ isIdle }) => isIdle)) await sleep(20);
  }
  return {
    history, pauseSenders,
    reconnect() {
      for (const { line } of [...recipients, ...rivals.recipients, ...senders]) line.reconnect();
    },
    holdBack(isHeld) {
      for (const recipient of [...recipients, ...rivals.recipients]) recipient.isPaused = isHeld;
    },
    resumeSenders() {
      for (const sender of senders) sender.isPaused = false;
    },
    async settle() {
      await pauseSenders();
      const until = performance.now() + SETTLE_MS;
      const isSettled = (): boolean => history.queues.every(({ waiting }) => waiting.size === 0);
      while (!isSettled() && performance.now() < until) await sleep(20);
      const settled = isSettled();
      // What is lost is lost once.
      for (const { waiting } of history.queues) waiting.clear();
      return settled;
    },
    async stop() {
      await rivals.stop();
      await Promise.all([...senders.map((sender) => sender.stop()), ...recipients.map(({ line }) => line.stop())]);
    },
  };
}

/** Takes queues from their recipients until it is stopped. */
class Rivals {
  readonly recipients: readonly Recipient[];
  private stopped = false;
  private readonly done: Promise<unknown>;

  /** Some queues of every kind of recipient. */
  constructor(address: AddressText, history: History, channels: readonly Channel[]) {
    this.recipients = Array.from({ length: RIVALS }, (_, rival) => new Recipient(
      address, history, channels.filter((__, index) => index % 9 === rival * 2), 'let it go',
    ));
    this.done = Promise.all(this.recipients.map((recipient) => this.run(recipient)));
  }

  private async run(rival: Recipient): Promise<void> {
    for (let turn = 1; !this.stopped; turn++) {
      await sleep(RIVAL_EVERY_MS * (0.5 + Math.random()));
      const { current } = rival.line;
      if (turn % RENEW_EVERY === 0) rival.line.renew();
      else if (current !== null) await Promise.race([rival.subscribe(current), current.over]);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    // First: a rival that gets errors tries again as long as it has a connection.
    await Promise.all(this.recipients.map(({ line }) => line.stop()));
    await this.done;
  }
}

async function createChannels(address: AddressText, history: History): Promise<readonly Channel[]> {
  const client = await connectSmp({ address, dial: tlsDial({ allowAddress: () => true }) });
  const channels: Channel[] = [];
  for (const queueHistory of history.queues) {
    const queue = await createQueue(client, { password: address.password, subscribe: false });
    const senderKey = generateKeyPair('ed25519');
    await secureBySender(client, queue.senderId, senderKey);
    channels.push({ queue, senderKey, history: queueHistory, next: 0 });
  }
  client.close();
  return channels;
}

function groups(channels: readonly Channel[]): Channel[][] {
  const result: Channel[][] = [];
  for (let at = 0, i = 0; at < channels.length; at += GROUPS[i++ % GROUPS.length]!) result.push(channels.slice(at, at + GROUPS[i % GROUPS.length]!));
  return result;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
