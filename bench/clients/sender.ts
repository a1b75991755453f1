/** Sends blocks that were made beforehand: sending a message is writing one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectSmp, type Dial, tlsDial } from '@polyplex/client';
import { randomBytes } from '@polyplex/crypto';
import { type BlockConnection, BLOCK_SIZE_BYTES, giveBlock } from '@polyplex/protocol-common';
import { answerWith, monotonicMs } from '../lib/client-process.ts';
import type { LoadOptions, Pace, SenderQuestion, Target } from '../lib/prepared-load.ts';

/** A connection on which blocks are made without being written. */
interface Sender {
  /** The block of one SEND; they are to be written in this order. */
  make(target: Target): Uint8Array;
  write(block: Uint8Array): void;
}

/** Requests wait from when their blocks are made. */
const REQUESTS = { requestTimeoutMs: 600_000, maxPending: 1_000_000 };

let senders: readonly Sender[] = [];
let targets: readonly Target[] = [];
let toSend: (() => void)[] = [];
let answered: () => void = () => undefined;

answerWith(async (question: SenderQuestion) => {
  if ('connect' in question) {
    targets = question.targets;
    senders = await Promise.all(Array.from({ length: question.connect.pairs }, () => connect(question.connect)));
  } else if ('prepare' in question) prepare(question.prepare);
  else return question.send === null ? sendAnswered() : sendAt(question.send);
  return null;
});

async function connect({ address, version, bodyBytes }: LoadOptions): Promise<Sender> {
  let made: Uint8Array | null = null;
  let isMaking = false;
  let write: BlockConnection['write'] = () => true;
  const dial: Dial = async (target) => {
    const connection = await tlsDial({ allowAddress: () => true })(target);
    write = connection.write.bind(connection);
    connection.write = (block) => {
      if (!isMaking) return write(block);
      made = block;
      return true;
    };
    return connection;
  };
  const client = await connectSmp({ address, dial, versions: { min: 6, max: version }, ...REQUESTS });
  const body = randomBytes(bodyBytes);
  return {
    make({ senderId, key }) {
      isMaking = true;
      void client.request({ tag: 'SEND', notify: false, body }, { entityId: senderId, key }).then(({ tag }) => {
        if (tag !== 'OK') throw new Error(`SEND was answered ${tag}`);
        answered();
      });
      isMaking = false;
      return made!;
    },
    write: (block) => void write(block),
  };
}

function prepare(messages: number): void {
  // In one piece of memory: tens of thousands of blocks of their own keep the collector busy while times are taken.
  const slab = Buffer.allocUnsafeSlow(messages * BLOCK_SIZE_BYTES);
  toSend = Array.from({ length: messages }, (_, i) => {
    const to = i % targets.length;
    const sender = senders[Math.floor((to * senders.length) / targets.length)]!;
    const block = slab.subarray(i * BLOCK_SIZE_BYTES, (i + 1) * BLOCK_SIZE_BYTES);
    const made = sender.make(targets[to]!);
    block.set(made);
    giveBlock(made);
    return () => sender.write(block);
  });
}

/** One under way for each queue; until all are answered. */
function sendAnswered(): Promise<void> {
  const messages = toSend.length;
  return new Promise((resolve) => {
    let [sent, toAnswer] = [0, messages];
    answered = () => {
      if (sent < messages) toSend[sent++]!();
      if (--toAnswer === 0) resolve();
    };
    while (sent < Math.min(targets.length, messages)) toSend[sent++]!();
  });
}

/** At their times; answers how late each was, in milliseconds. */
async function sendAt({ start, intervalMs }: Pace): Promise<readonly number[]> {
  const late: number[] = [];
  let toAnswer = toSend.length;
  const done = new Promise<void>((resolve) => {
    answered = () => {
      if (--toAnswer === 0) resolve();
    };
  });
  while (late.length < toSend.length) {
    await sleep(1);
    for (let now = monotonicMs(); late.length < toSend.length; ) {
      const lateness = now - start - late.length * intervalMs;
      if (lateness < 0) break;
      toSend[late.length]!();
      late.push(lateness);
      now = monotonicMs();
    }
  }
  await done;
  return late;
}
