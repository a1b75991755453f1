/**
 * Nodes are ended and started one after another while clients send and receive (SMP §10.8): connections come back at
 * other nodes, nothing that was answered OK is lost, and what was acknowledged does not come again.
 */
import { acknowledge, connectSmp, createQueue, createReconnectingClient, openMessage, type ReconnectingClient, type RecipientQueue, SmpClientError, tlsDial } from '@polyplex/client';
import type { SmpReply } from '@polyplex/protocol-smp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestNetwork, type TestNetwork } from '../support/relay.ts';

const PAIRS = 9;
const dial = tlsDial({ allowAddress: () => true });
let network: TestNetwork;
beforeAll(async () => {
  network = await startTestNetwork();
});
afterAll(() => network.stop());

function reconnecting(onEvent: (reply: SmpReply) => void = () => undefined): ReconnectingClient {
  return createReconnectingClient({
    connect: (given, signal) => connectSmp({ address: network.address, dial, onEvent: given, signal }),
    onEvent: (_, reply) => onEvent(reply),
    backoff: { initialMs: 100, maxMs: 500 },
  });
}

/** A request that a lost connection leaves unanswered is null. */
async function answered<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof SmpClientError) return null;
    throw error;
  }
}

/** A queue with its sender and its recipient, each of which comes back by itself. */
class Pair {
  /** Numbers whose SEND was answered OK. */
  readonly accepted: number[] = [];
  readonly received: number[] = [];
  readonly acknowledged = new Set<number>();
  readonly repeated: number[] = [];
  readonly states: string[] = [];
  private readonly sender = reconnecting();
  private readonly recipient: ReconnectingClient;
  private readonly queue: RecipientQueue;
  private next = 0;

  constructor(queue: RecipientQueue) {
    this.queue = queue;
    this.recipient = reconnecting((reply) => {
      if (reply.tag === 'MSG') void this.receive(reply);
      else this.states.push(reply.tag);
    });
    this.recipient.subscribe([{ kind: 'SUB', entityId: queue.recipientId, key: queue.key }]);
  }

  async ready(): Promise<void> {
    await Promise.all([this.sender.ready(), this.recipient.ready()]);
  }

  async send(): Promise<void> {
    const number = this.next++;
    const client = await this.sender.ready();
    const body = Uint8Array.of(number >> 8, number & 255);
    const reply = await answered(client.request({ tag: 'SEND', notify: false, body }, { entityId: this.queue.senderId }));
    if (reply?.tag === 'OK') this.accepted.push(number);
  }

  close(): void {
    this.sender.close();
    this.recipient.close();
  }

  private async receive(first: SmpReply & { tag: 'MSG' }): Promise<void> {
    for (let message: typeof first | null = { ...first, msgId: Uint8Array.from(first.msgId), body: Uint8Array.from(first.body) }; message !== null;) {
      const opened = openMessage(this.queue, message);
      const number = opened.kind === 'message' ? opened.body[0]! * 256 + opened.body[1]! : -1;
      if (this.acknowledged.has(number)) this.repeated.push(number);
      if (!this.received.includes(number)) this.received.push(number);
      const client = this.recipient.current;
      if (client === null) return;
      const reply: typeof first | null | 'lost' = await acknowledge(client, this.queue, opened.msgId).catch((error: unknown) => {
        if (error instanceof SmpClientError) return 'lost';
        throw error;
      });
      if (reply === 'lost') return;
      this.acknowledged.add(number);
      message = reply;
    }
  }
}

test('a rolling restart of all nodes', async () => {
  const owner = await connectSmp({ address: network.address, dial });
  const pairs: Pair[] = [];
  for (let i = 0; i < PAIRS; i++) pairs.push(new Pair(await createQueue(owner, { subscribe: false })));
  owner.close();
  await Promise.all(pairs.map((pair) => pair.ready()));
  let goOn = true;
  const sending = pairs.map(async (pair) => {
    while (goOn) {
      await pair.send();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  for (const index of [0, 1, 2]) {
    await network.end(index);
    await network.haproxy.reached(`node${index}`, 'down');
    await Promise.all(pairs.map((pair) => pair.ready()));
    const others = network.nodes.filter((_, other) => other !== index);
    expect(others.reduce((sum, { server }) => sum + server.gauges().sessions, 0)).toBe(2 * PAIRS);
    await network.begin(index);
    await network.haproxy.reached(`node${index}`, 'up');
  }
  goOn = false;
  await Promise.all(sending);
  for (const pair of pairs) {
    await expect.poll(() => pair.accepted.filter((number) => !pair.received.includes(number)), { timeout: 10_000 }).toEqual([]);
    expect([pair.states, pair.repeated, pair.received]).toEqual([[], [], pair.received.toSorted((a, b) => a - b)]);
    pair.close();
  }
});
