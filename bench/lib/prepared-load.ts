/**
 * A load that costs its process little while it runs: blocks of all its SENDs are made beforehand, so that sending a message is writing
 * one, and what is measured waits for the relay and not for the clients.
 */
import { type Dial, tlsDial } from '@polyplex/client';
import { type BlockConnection, BLOCK_SIZE_BYTES, giveBlock, type ServerAddress } from '@polyplex/protocol-common';
import type { SmpReply } from '@polyplex/protocol-smp';
import { type Channel, closeAll, pair } from './channels.ts';

/** Requests wait from when their blocks are made. */
const REQUESTS = { requestTimeoutMs: 600_000, maxPending: 1_000_000 };

/** One that keeps the blocks that it is given, while `held` is a list. */
interface HeldConnection {
  readonly dial: Dial;
  held: Uint8Array[] | null;
  write(block: Uint8Array): void;
}

interface Queue extends Channel {
  readonly connection: HeldConnection;
  /** When each message that is under way was due; `performance.now()`. */
  readonly due: number[];
}

export interface PreparedLoad {
  readonly queues: number;
  /** Makes so many SENDs, which `send` then takes in turn; those made before have been sent. */
  prepare(messages: number, body: Uint8Array): void;
  /** The next message, which was due at this time. */
  send(due: number): void;
  /** Called when a recipient has a message: how long after it was due. */
  onArrival: (milliseconds: number) => void;
  /** Called when its ACK is answered. */
  onDone: () => void;
  close(): void;
}

export async function prepareLoad(address: ServerAddress, version: number, pairs: number): Promise<PreparedLoad> {
  const load: { onArrival: PreparedLoad['onArrival']; onDone: () => void } = { onArrival: () => undefined, onDone: () => undefined };
  const arrived = (queue: Queue, msgId: Uint8Array): void => {
    load.onArrival(performance.now() - queue.due.shift()!);
    void queue.recipient.request({ tag: 'ACK', msgId }, { entityId: queue.queue.recipientId, key: queue.queue.key }).then((answer) => {
      load.onDone();
      if (answer.tag === 'MSG') arrived(queue, Uint8Array.from(answer.msgId));
      else expectOk(answer);
    });
  };
  const queues = (await Promise.all(Array.from({ length: pairs }, () => queuesOf(address, version, arrived)))).flat();
  let blocks: { readonly queue: Queue; readonly block: Uint8Array }[] = [];
  let sent = 0;
  return Object.assign(load, {
    queues: queues.length,
    prepare(messages: number, body: Uint8Array): void {
      // In one piece of memory: tens of thousands of blocks of their own keep the collector busy while times are taken.
      const slab = Buffer.allocUnsafeSlow(messages * BLOCK_SIZE_BYTES);
      blocks = Array.from({ length: messages }, (_, i) => {
        const queue = queues[i % queues.length]!;
        const block = slab.subarray(i * BLOCK_SIZE_BYTES, (i + 1) * BLOCK_SIZE_BYTES);
        const made = blockOf(queue, body);
        block.set(made);
        giveBlock(made);
        return { queue, block };
      });
      sent = 0;
    },
    send(due: number): void {
      const { queue, block } = blocks[sent++]!;
      queue.due.push(due);
      queue.connection.write(block);
    },
    close: () => closeAll(queues),
  });
}

/** Of one SEND. */
function blockOf({ connection, sender, queue, key }: Queue, body: Uint8Array): Uint8Array {
  connection.held = [];
  void sender.request({ tag: 'SEND', notify: false, body }, { entityId: queue.senderId, key: key.privateKey }).then(expectOk);
  const [block] = connection.held;
  connection.held = null;
  return block!;
}

async function queuesOf(address: ServerAddress, version: number, arrived: (queue: Queue, msgId: Uint8Array) => void): Promise<readonly Queue[]> {
  const connection = heldConnection();
  const channels = await pair({ sender: address, recipient: address, version, sending: { ...REQUESTS, dial: connection.dial } });
  return channels.map((channel) => {
    const queue = Object.assign(channel, { connection, due: [] });
    queue.arrived = (msgId) => arrived(queue, msgId);
    return queue;
  });
}

function heldConnection(): HeldConnection {
  const dial = tlsDial({ allowAddress: () => true });
  let write: BlockConnection['write'] = () => true;
  const held: HeldConnection = {
    held: null,
    write: (block) => void write(block),
    async dial(target) {
      const connection = await dial(target);
      write = connection.write.bind(connection);
      connection.write = (block) => (held.held === null ? write(block) : held.held.push(block) > 0);
      return connection;
    },
  };
  return held;
}

/** Anything else ends the benchmark. */
function expectOk({ tag }: SmpReply): void {
  if (tag !== 'OK') throw new Error(`answered ${tag}`);
}
