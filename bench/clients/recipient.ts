/** Receives and acknowledges what comes through many queues, and tells how long after they were due messages came. */
import { type Channel, pair } from '../lib/channels.ts';
import { answerWith, monotonicMs } from '../lib/client-process.ts';
import type { Pace, RecipientQuestion, Target } from '../lib/prepared-load.ts';

let channels: readonly Channel[] = [];

answerWith(async (question: RecipientQuestion) => {
  if ('receive' in question) return receive(question.receive, question.pace);
  const { address, version, pairs } = question.connect;
  channels = (await Promise.all(Array.from({ length: pairs }, () => pair({ sender: address, recipient: address, version })))).flat();
  return channels.map(({ queue, key }): Target => ({ senderId: queue.senderId, key: key.privateKey }));
});

/** A queue's messages are those whose turn was its, in order. */
function receive(messages: number, pace: Pace | null): Promise<readonly number[]> {
  const delivered: number[] = [];
  return new Promise((resolve) => {
    channels.forEach((channel, i) => {
      let next = i;
      channel.arrived = (msgId) => {
        if (pace !== null) delivered.push(monotonicMs() - pace.start - next * pace.intervalMs);
        next += channels.length;
        acknowledge(channel, msgId, () => {
          if (--messages === 0) resolve(delivered);
        });
      };
    });
  });
}

function acknowledge({ recipient, queue, arrived }: Channel, msgId: Uint8Array, done: () => void): void {
  void recipient.request({ tag: 'ACK', msgId }, { entityId: queue.recipientId, key: queue.key }).then((answer) => {
    done();
    if (answer.tag === 'MSG') arrived(Uint8Array.from(answer.msgId));
    else if (answer.tag !== 'OK') throw new Error(`ACK was answered ${answer.tag}`);
  });
}
