/** A relay and its parties, for tables of what each command counts: a row prepares, then acts while the counters are watched. */
import { expect, test } from 'vitest';
import type { SmpCommand } from '@polyplex/protocol-smp';
import { resultOf } from '@polyplex/store-contract';
import { expectMoves, type Moves } from './moved.ts';
import { createQueue, send, type TestQueue, text } from './queue.ts';
import { RawClient, said } from './raw-client.ts';
import { startRelay, type TestRelay } from './relay.ts';

/** Messages that a queue holds. */
export const QUOTA = 2;

export interface Row {
  /** The commands that are sent, which count themselves and their times. */
  readonly commands: Moves;
  /** All else that moves. */
  readonly by: Moves;
  /** Prepares, then answers what is watched. */
  readonly when: () => Promise<() => Promise<unknown>>;
}

export class World {
  relay!: TestRelay;
  recipient!: RawClient;
  sender!: RawClient;

  async start(): Promise<void> {
    this.relay = await startRelay({ options: { messageQuota: QUOTA, notificationIntervalMs: 20 } });
    this.recipient = await this.fresh();
    this.sender = await this.fresh();
  }

  async stop(): Promise<void> {
    this.recipient.close();
    this.sender.close();
    await this.relay.stop();
  }

  fresh(): Promise<RawClient> {
    return RawClient.connect(this.relay);
  }

  ask({ recipientId, recipientKey }: TestQueue, command: SmpCommand, client = this.recipient) {
    return client.ask(command, recipientId, recipientKey);
  }

  /** A queue that nobody is subscribed to, with so many messages. */
  async queueOf(messages = 0, notify = false): Promise<TestQueue> {
    const queue = await createQueue(this.recipient, { subMode: 'C' });
    for (let i = 0; i < messages; i++) expect(said(await send(this.sender, queue, text('x'), undefined, notify))).toBe('OK');
    return queue;
  }

  /** A queue whose subscriber `client` has a message that it has not acknowledged. */
  async delivered(client: RawClient, notify = false) {
    const queue = await this.queueOf(1, notify);
    await this.ask(queue, { tag: 'SUB' }, client);
    return { queue, reply: (await client.next()).reply };
  }

  /** Asks by several commands in one block. */
  async together(client: RawClient, queues: readonly TestQueue[], command: SmpCommand): Promise<void> {
    client.send(...queues.map(({ recipientId, recipientKey }) => client.transmission(command, recipientId, recipientKey)));
    for (const _ of queues) await client.next();
  }

  async block({ recipientId }: TestQueue): Promise<void> {
    const [found] = await this.relay.store.find('recipient', [recipientId]);
    await this.relay.store.block(resultOf(found!), { reason: 'spam', notice: null });
  }

  /** A test for each row. */
  check(rows: Readonly<Record<string, Row>>): void {
    test.each(Object.entries(rows))('%s', async (_, { commands, by, when }) => {
      const act = await when();
      const themselves = Object.entries(commands).flatMap(([tag, count]) => [[`command ${tag}`, count], [`timed ${tag}`, count]] as const);
      await expectMoves(this.relay, act, { ...by, ...Object.fromEntries(themselves) });
    });
  }
}
