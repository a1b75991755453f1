/** Senders and recipients that note what they are told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openMessage, type RecipientQueue, SmpClientError } from '@polyplex/client';
import type { KeyPair } from '@polyplex/crypto';
import type { AddressText } from '@polyplex/protocol-common';
import type { ReplyOf, SmpReply } from '@polyplex/protocol-smp';
import type { History, QueueHistory } from './history.ts';
import { type Connection, Line, type LineUser } from './line.ts';

const RETRY_MS = 200;
/** Some recipients take their time: others may take the queue, and more may be sent, while a message waits for its ACK. */
const SLOW_ACKS = 0.1;
const SLOW_ACK_MS = 500;
/** What has piled up is received quickly: only what has just been sent is taken slowly. */
const FRESH_MS = 1000;

/** A queue and what both of its ends know. */
export interface Channel {
  readonly queue: RecipientQueue;
  readonly senderKey: KeyPair<'ed25519'>;
  readonly history: QueueHistory;
  next: number;
}

/** A command without an answer is null; an answer that is none is an anomaly. */
async function answered(history: History, request: Promise<SmpReply>): Promise<SmpReply | null> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof SmpClientError)) throw error;
    if (error.code === 'RESPONSE' || error.code === 'UNEXPECTED' || error.code === 'TRANSPORT') history.anomalies.push(error.message);
    return null;
  }
}

/** Errors that a relay which is in trouble may answer; any other is about the queue, which is as good as lost. */
function noteError(history: History, command: string, reply: SmpReply): void {
  if (reply.tag !== 'ERR' || reply.error.type === 'QUOTA' || reply.error.type === 'STORE' || reply.error.type === 'NO_MSG') return;
  history.anomalies.push(`${command} was answered ERR ${reply.error.type}`);
}

export interface Pace {
  readonly pauseMs: number;
  readonly bodyBytes: number;
}

/** Sends on some channels over one connection, on each one message after the other. */
export class Sender {
  readonly line: Line;
  private readonly history: History;
  private readonly pace: Pace;
  private readonly loops: readonly Promise<void>[];
  private stopped = false;
  isPaused = false;
  private busy = 0;

  constructor(address: AddressText, history: History, channels: readonly Channel[], pace: Pace) {
    this.line = new Line(address);
    this.history = history;
    this.pace = pace;
    this.loops = channels.map((channel) => this.run(channel));
  }

  /** False while a message is waiting for its answer. */
  get isIdle(): boolean {
    return this.busy === 0;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.line.stop();
    await Promise.all(this.loops);
  }

  private async run(channel: Channel): Promise<void> {
    while (!this.stopped) {
      const { current } = this.line;
      if (current === null || this.isPaused) {
        await sleep(RETRY_MS / 10);
        continue;
      }
      this.busy++;
      await Promise.race([this.send(channel, current), current.over]);
      this.busy--;
      await sleep(this.pace.pauseMs * (0.5 + Math.random()));
    }
  }

  /** The answer may come when the connection was given up already: it counts all the same. */
  private async send(channel: Channel, { client }: Connection): Promise<void> {
    const { queue, senderKey, history } = channel;
    const body = new Uint8Array(this.pace.bodyBytes);
    const number = channel.next++;
    new DataView(body.buffer).setUint32(0, number);
    const send = history.sent(number);
    const reply = await answered(this.history, client.request({ tag: 'SEND', notify: false, body }, { entityId: queue.senderId, key: senderKey.privateKey }));
    if (reply === null) return;
    const refused = reply.tag === 'ERR' && reply.error.type === 'QUOTA' ? 'quota' : 'error';
    history.answered(send, reply.tag === 'OK' ? 'ok' : refused);
    noteError(this.history, 'SEND', reply);
  }
}

/** What a recipient does when it has lost a queue to another connection. */
export type OnEnd = 'subscribe again' | 'let it go';

/** Receives and acknowledges over one connection whatever comes on some channels. */
export class Recipient implements LineUser {
  readonly line: Line;
  private readonly history: History;
  private readonly channels: ReadonlyMap<string, Channel>;
  private readonly onEnd: OnEnd;
  /** Whether messages wait unacknowledged. */
  isPaused = false;

  constructor(address: AddressText, history: History, channels: readonly Channel[], onEnd: OnEnd) {
    this.history = history;
    this.channels = new Map(channels.map((channel) => [hex(channel.queue.recipientId), channel]));
    this.onEnd = onEnd;
    this.line = new Line(address, this);
  }

  /** Claims all queues; those for which the relay is in trouble again, until it answers or the connection is given up. */
  async subscribe(connection: Connection, channels: readonly Channel[] = [...this.channels.values()]): Promise<void> {
    const claims = channels.map(({ history }) => history.claiming(connection.id));
    const answers = await connection.client.requestBatch(channels.map(({ queue: { recipientId, key } }) => ({ command: { tag: 'SUB' }, entityId: recipientId, key })));
    const failed: Channel[] = [];
    const at = performance.now();
    for (const [i, answer] of answers.entries()) {
      if (!(answer instanceof SmpClientError) && answer.tag !== 'ERR') {
        claims[i]!.answeredAt = at;
        if (answer.tag === 'MSG') void this.receive(connection, channels[i]!, answer);
        continue;
      }
      if (!(answer instanceof SmpClientError)) noteError(this.history, 'SUB', answer);
      failed.push(channels[i]!);
    }
    if (failed.length === 0 || !connection.isLive) return;
    await sleep(RETRY_MS);
    if (connection.isLive) await this.subscribe(connection, failed);
  }

  opened(connection: Connection): void {
    void connection.client.closed.then(() => this.history.closed.set(connection.id, performance.now()));
    void this.subscribe(connection);
  }

  event(connection: Connection, entityId: Uint8Array, reply: SmpReply): void {
    const channel = this.channels.get(hex(entityId));
    if (channel === undefined) return;
    if (reply.tag === 'MSG') void this.receive(connection, channel, reply);
    else if (reply.tag === 'END') void this.ended(connection, channel);
    else if (reply.tag === 'DELD') this.history.anomalies.push('DELD of a queue that nobody deleted');
  }

  private async ended(connection: Connection, channel: Channel): Promise<void> {
    channel.history.ended(connection.id);
    if (this.onEnd === 'let it go') return;
    await sleep(RETRY_MS * (1 + Math.random()));
    if (connection.isLive) await this.subscribe(connection, [channel]);
  }

  /** Acknowledges a message and what its answer brings, until nothing more comes. */
  private async receive(connection: Connection, channel: Channel, first: ReplyOf<'MSG'>): Promise<void> {
    let next: ReplyOf<'MSG'> | null = first;
    while (next !== null) {
      const msgId: Uint8Array = Uint8Array.from(next.msgId);
      const opened = openMessage(channel.queue, next);
      const number = opened.kind === 'quota' ? null : new DataView(Uint8Array.from(opened.body).buffer).getUint32(0);
      if (number !== null) channel.history.delivered(number, connection.id, connection.isLive);
      const isFresh = number !== null && performance.now() - channel.history.sends.get(number)!.sentAt < FRESH_MS;
      if (isFresh && Math.random() < SLOW_ACKS) await Promise.race([sleep(SLOW_ACK_MS), connection.over]);
      next = connection.isLive ? await this.acknowledge(connection, channel, { msgId, number }) : null;
    }
  }

  /** Answers the next message, which comes with the answer. */
  private async acknowledge(connection: Connection, { queue, history }: Channel, { msgId, number }: { msgId: Uint8Array; number: number | null }): Promise<ReplyOf<'MSG'> | null> {
    while (connection.isLive) {
      if (this.isPaused) {
        await sleep(RETRY_MS / 10);
        continue;
      }
      const reply = await answered(this.history, connection.client.request({ tag: 'ACK', msgId }, { entityId: queue.recipientId, key: queue.key }));
      if (reply !== null && reply.tag !== 'ERR') {
        if (number !== null) history.acknowledged(number, connection.id);
        return reply.tag === 'MSG' ? reply : null;
      }
      if (reply?.tag === 'ERR') {
        noteError(this.history, 'ACK', reply);
        if (reply.error.type === 'NO_MSG') return null;
      }
      await sleep(RETRY_MS);
    }
    return null;
  }
}

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}
