/**
 * Messages through a relay while its nodes come and go, for `tools/test/compose.long.ts`, in the network of compose-up: each pair has a
 * sender and a recipient that come back by themselves. Ends when the standard input does; then waits until all that was answered OK has
 * come, as long as something still comes, and prints what did not.
 *
 *   node tools/compose/carry.ts ADDRESS
 */
import { acknowledge, connectSmp, createQueue, createReconnectingClient, openMessage, type ReconnectingClient, type RecipientQueue, RefusedError, SmpClientError, tlsDial } from '@polyplex/client';
import { parseAddress } from '@polyplex/protocol-common';
import type { ReplyOf, SmpReply } from '@polyplex/protocol-smp';

const PAIRS = 6;
const SEND_EVERY_MS = 40;
const QUIET_MS = 30_000;

const address = parseAddress(process.argv[2] ?? '')!;
const dial = tlsDial({ allowAddress: () => true });
let goOn = true;
const heard = { at: 0 };

type Message = ReplyOf<'MSG'>;

function reconnecting(onEvent: (reply: SmpReply) => void): ReconnectingClient {
  return createReconnectingClient({
    connect: (given, signal) => connectSmp({ address, dial, onEvent: given, signal }), onEvent: (_, reply) => onEvent(reply), backoff: { initialMs: 100, maxMs: 500 },
  });
}

/** Null for what a lost connection left without an answer. */
async function answered<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof SmpClientError) return null;
    throw error;
  }
}

class Pair {
  readonly accepted = new Set<number>();
  readonly received = new Set<number>();
  private readonly sender = reconnecting(() => undefined);
  private readonly recipient: ReconnectingClient;
  private readonly queue: RecipientQueue;

  constructor(queue: RecipientQueue) {
    this.queue = queue;
    this.recipient = reconnecting((reply) => {
      if (reply.tag === 'MSG') void this.receive({ ...reply, msgId: Uint8Array.from(reply.msgId), body: Uint8Array.from(reply.body) });
    });
    this.recipient.subscribe([{ kind: 'SUB', entityId: queue.recipientId, key: queue.key }]);
  }

  get missing(): number {
    return [...this.accepted].filter((number) => !this.received.has(number)).length;
  }

  async keepSending(): Promise<void> {
    for (let number = 0; goOn; number++) {
      const client = await this.sender.ready();
      const reply = await answered(client.request({ tag: 'SEND', notify: false, body: Uint8Array.of(number >> 8, number & 255) }, { entityId: this.queue.senderId }));
      if (reply?.tag === 'OK') this.accepted.add(number);
      await new Promise((resolve) => setTimeout(resolve, SEND_EVERY_MS));
    }
  }

  close(): void {
    this.sender.close();
    this.recipient.close();
  }

  /** What the relay does not acknowledge comes again on the next connection. */
  private async receive(first: Message): Promise<void> {
    for (let message: Message | null = first; message !== null;) {
      const opened = openMessage(this.queue, message);
      if (opened.kind === 'message') this.received.add(opened.body[0]! * 256 + opened.body[1]!);
      heard.at = performance.now();
      const client = this.recipient.current;
      if (client === null) return;
      try {
        message = await acknowledge(client, this.queue, opened.msgId);
      } catch (error) {
        if (!(error instanceof SmpClientError || error instanceof RefusedError)) throw error;
        client.close();
        return;
      }
    }
  }
}

const owner = await connectSmp({ address, dial });
const pairs: Pair[] = [];
for (let i = 0; i < PAIRS; i++) pairs.push(new Pair(await createQueue(owner, { subscribe: false, password: address.password })));
owner.close();
const sending = pairs.map((pair) => pair.keepSending());
process.stdout.write('sending\n');
process.stdin.resume().once('end', () => (goOn = false));
await Promise.all(sending);
heard.at = performance.now();
const missing = (): number => pairs.reduce((sum, pair) => sum + pair.missing, 0);
while (missing() > 0 && performance.now() - heard.at < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, 100));
for (const pair of pairs) pair.close();
process.stdout.write(`${JSON.stringify({ accepted: pairs.reduce((sum, { accepted }) => sum + accepted.size, 0), missing: missing() })}\n`);
process.exit(0);
