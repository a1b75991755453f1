/** A client of its own process that delivers one message after the other, and tells how long each took. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BystanderQuestion, BystanderTimes } from '../lib/bystander.ts';
import { type Channel, deliver, pair } from '../lib/channels.ts';
import { answerWith } from '../lib/client-process.ts';

const PAUSE_MS = 5;
const BODY = new Uint8Array(16_000);

let delivered: number[] = [];
let whole: number[] = [];

answerWith(async (question: BystanderQuestion) => {
  if ('connect' in question) {
    const [channel] = await pair({ sender: question.connect, recipient: question.connect, version: 18 });
    void goOn(channel!);
    return null;
  }
  const times: BystanderTimes = { delivered, whole };
  [delivered, whole] = [[], []];
  return times;
});

async function goOn(channel: Channel): Promise<void> {
  for (;;) {
    const start = performance.now();
    const arrival = new Promise<Uint8Array>((resolve) => {
      channel.arrived = (msgId) => {
        delivered.push(performance.now() - start);
        resolve(msgId);
      };
    });
    await deliver(channel, arrival, BODY);
    whole.push(performance.now() - start);
    await sleep(PAUSE_MS);
  }
}
