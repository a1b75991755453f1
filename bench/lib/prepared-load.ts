/**
 * A load that costs its process little while it runs: blocks of all its SENDs are made beforehand, so that sending a message is writing
 * one, and what is measured waits for the relay and not for the clients.
 */
import { connectSmp, createQueue, type Dial, type RecipientQueue, type SmpClient, tlsDial } from '@polyplex/client';
import { generateKeyPair, type KeyPair } from '@polyplex/crypto';
import type { BlockConnection, ServerAddress } from '@polyplex/protocol-common';
import type { SmpReply } from '@polyplex/protocol-smp';

const QUEUES_A_PAIR = 20;
/** Requests wait from when their blocks are made. */
const REQUESTS = { requestTimeoutMs: 600_000, maxPending: 1_000_000 };

/** One that keeps the blocks that it is given, while `held` is a list. */
interface HeldConnection {
  readonly dial: Dial;
  held: Uint8Array[] | null;
  write(block: Uint8Array): void;
}

interface Queue {
  readonly connection: HeldConnection;
  readonly sender: SmpClient;
  readonly recipient: SmpClient;
  readonly queue: RecipientQueue;
  readonly key: KeyPair<'x25519'>;
  /** When each message that is under way was due; `performance.now()`. */
  readonly due: number[];
}

export interface PreparedLoad {
  readonly queues: number;
  /** Makes so many more SENDs, which `send` then takes in turn. */
  prepare(messages: number, body: Uint8Array): void;
  /** The next message, which was due at this time. */
  send(due: number): void;
  /** Called with milliseconds from when each was due until its recipient had it, and again when its ACK is answered. */
  onArrival: (milliseconds: number) => void;
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
  const queues = (await Promise.all(Array.from({ length: pairs }, () => pairOf(address, version, arrived)))).flat();
  const blocks: (() => void)[] = [];
  let [made, sent] = [0, 0];
  return Object.assign(load, {
    queues: queues.length,
    prepare(messages: number, body: Uint8Array): void {
      for (let i = 0; i < messages; i++) blocks.push(blockOf(queues[made++ % queues.length]!, body));
    },
    send(due: number): void {
      queues[sent % queues.length]!.due.push(due);
      const write = blocks[sent]!;
      blocks[sent++] = () => undefined;
      write();
    },
    close: () => queues.forEach(({ sender, recipient }) => (sender.close(), recipient.close())),
  });
}

/** What writes one SEND. */
function blockOf({ connection, sender, queue, key }: Queue, body: Uint8Array): () => void {
  connection.held = [];
  void sender.request({ tag: 'SEND', notify: false, body }, { entityId: queue.senderId, key: key.privateKey }).then(expectOk);
  const [block] = connection.held;
  connection.held = null;
  return () => connection.write(block!);
}

async function pairOf(address: ServerAddress, version: number, arrived: (queue: Queue, msgId: Uint8Array) => void): Promise<readonly Queue[]> {
  const queues = new Map<string, Queue>();
  const versions = { min: 6, max: version };
  const recipient = await connectSmp({
    address, versions, dial: tlsDial({ allowAddress: () => true }),
    onEvent(entityId, reply) {
      if (reply.tag === 'MSG') arrived(queues.get(Buffer.from(entityId).toString('latin1'))!, Uint8Array.from(reply.msgId));
    },
  });
  const connection = heldConnection();
  const sender = await connectSmp({ ...REQUESTS, address, versions, dial: connection.dial });
  for (let i = 0; i < QUEUES_A_PAIR; i++) {
    const queue = await createQueue(recipient, { keyKind: 'x25519' });
    const key = generateKeyPair('x25519');
    await sender.request({ tag: 'SKEY', senderKey: key.publicKey }, { entityId: queue.senderId, key: key.privateKey });
    queues.set(Buffer.from(queue.recipientId).toString('latin1'), { connection, sender, recipient, queue, key, due: [] });
  }
  return [...queues.values()];
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
