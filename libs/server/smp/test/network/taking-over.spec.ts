/**
 * Clients at three nodes take one queue from each other again and again, at any moment of its traffic (SMP §6.3, §6.4).
 * What each of them was told is judged afterwards: at most one has the queue, nothing is lost, and order is kept.
 */
import { createMutator } from '@polyplex/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bodyOf, createQueue, type TestQueue, text } from '../support/queue.ts';
import { RawClient, said } from '../support/raw-client.ts';
import { startTestNetwork, type TestNetwork } from '../support/relay.ts';

const SEED = Number(process.env['TAKE_SEED'] ?? Date.now() % 1_000_000);
const ROUNDS = 400;
const RUNS = 3;

let network: TestNetwork;
beforeAll(async () => {
  network = await startTestNetwork({ options: { options: { messageQuota: 10_000 } } });
});
afterAll(() => network.stop());

/** Moments of one run, in the order in which this process saw them. */
class Moments {
  private last = 0;
  next(): number {
    return ++this.last;
  }
}

interface Heard {
  readonly at: number;
  readonly what: string;
}

/** One subscriber; acknowledges whatever it gets. */
class Taker {
  readonly heard: Heard[] = [];
  /** When each SUB was sent and answered. */
  readonly claims: { readonly asked: number; granted: number }[] = [];
  private answered: (() => void) | null = null;
  private readonly client: RawClient;
  private readonly queue: TestQueue;
  private readonly moments: Moments;

  constructor(client: RawClient, queue: TestQueue, moments: Moments) {
    this.client = client;
    this.queue = queue;
    this.moments = moments;
    void this.listen();
  }

  /** Resolves when SUB was answered. */
  take(): Promise<void> {
    this.claims.push({ asked: this.moments.next(), granted: Infinity });
    this.say({ tag: 'SUB' });
    return new Promise((resolve) => (this.answered = resolve));
  }

  get numbers(): number[] {
    return this.heard.filter(({ what }) => /^\d+$/.test(what)).map(({ what }) => Number(what));
  }

  private say(command: Parameters<RawClient['transmission']>[0]): void {
    this.client.send(this.client.transmission(command, this.queue.recipientId, this.queue.recipientKey));
  }

  private async listen(): Promise<void> {
    try {
      for (;;) this.hear((await this.client.next(60_000)).reply);
    } catch (error) {
      if (!String(error).includes('closed')) throw error;
    }
  }

  private hear(reply: Awaited<ReturnType<RawClient['next']>>['reply']): void {
    const at = this.moments.next();
    this.heard.push({ at, what: reply.tag === 'MSG' ? bodyOf(this.queue, reply) : said(reply) });
    if (reply.tag === 'MSG') this.say({ tag: 'ACK', msgId: reply.msgId });
    if (reply.tag !== 'SOK') return;
    this.claims.at(-1)!.granted = at;
    this.answered?.();
  }
}

/** One taking after the other, while messages are sent from a node of their own choice. */
async function play(below: (limit: number) => number, { takers, sendNext, moment }: Stage): Promise<Taker[]> {
  const holders: Taker[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let count = below(4); count > 0; count--) sendNext();
    for (let pause = below(2) * below(8); pause > 0; pause--) await moment();
    const taker = takers[below(takers.length)]!;
    await taker.take();
    holders.push(taker);
  }
  return holders;
}

interface Stage {
  readonly takers: readonly Taker[];
  readonly sendNext: () => void;
  readonly moment: () => Promise<void>;
}

/** What no taker may have been told; `sentAt` are the moments in which messages were sent. */
function judge(holders: readonly Taker[], sentAt: readonly number[]): string[] {
  const faults: string[] = [];
  const periods = holders.map((taker, i) => {
    const nth = holders.slice(0, i).filter((other) => other === taker).length;
    return { taker, ...taker.claims[nth]! };
  });
  periods.forEach(({ taker, granted }, i) => {
    const lostFrom = periods.slice(i + 1).find((later) => later.taker !== taker)?.asked ?? Infinity;
    const early = taker.heard.find(({ what, at }) => what === 'END' && at > granted && at < lostFrom);
    if (early !== undefined) faults.push(`round ${i}: END although nobody else had asked for the queue`);
  });
  for (const taker of new Set(holders)) {
    for (const { what, at } of taker.heard) {
      if (!/^\d+$/.test(what)) continue;
      const i = periods.findLastIndex((period) => period.taker === taker && period.asked < at);
      const end = periods.slice(i + 1).find((later) => later.taker !== taker)?.granted ?? Infinity;
      if (end < sentAt[Number(what)]!) faults.push(`message ${what} was sent after its reader had lost the queue`);
    }
    const { numbers } = taker;
    if (numbers.some((number, n) => n > 0 && number < numbers[n - 1]!)) faults.push('messages went back in time');
  }
  return faults;
}

test.each(Array.from({ length: RUNS }, (_, run) => SEED + run))('a queue that changes hands (TAKE_SEED=%i)', async (seed) => {
  const { below } = createMutator(seed);
  const moments = new Moments();
  const sender = await RawClient.connect(network.at(below(3)));
  const clients = await Promise.all([0, 1, 2].map((index) => RawClient.connect(network.at(index))));
  const queue = await createQueue(sender, { subMode: 'C' });
  const takers = clients.map((client) => new Taker(client, queue, moments));
  const sentAt: number[] = [];
  const sendNext = (): void => {
    const number = sentAt.push(moments.next()) - 1;
    sender.send(sender.transmission({ tag: 'SEND', notify: false, body: text(String(number)) }, queue.senderId));
  };
  const moment = () => new Promise<void>((resolve) => setImmediate(resolve));
  const holders = await play(below, { takers, sendNext, moment });
  sendNext();
  const last = holders.at(-1)!;
  await expect.poll(() => last.numbers.at(-1), { timeout: 10_000 }).toBe(sentAt.length - 1);
  for (const taker of takers.filter((one) => one !== last && holders.includes(one))) {
    await expect.poll(() => taker.heard.findLast(({ what }) => what === 'SOK' || what === 'END')?.what).toBe('END');
  }
  expect(new Set(takers.flatMap(({ numbers }) => numbers)).size).toBe(sentAt.length);
  expect(judge(holders, sentAt)).toEqual([]);
  for (const client of [sender, ...clients]) client.close();
});
