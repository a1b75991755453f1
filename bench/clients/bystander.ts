/** A client of its own process that delivers one message after the other, and tells how long each took. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerAddress } from '@polyplex/protocol-common';
import { deliver, pair } from '../lib/channels.ts';

const PAUSE_MS = 5;
const BODY = new Uint8Array(16_000);

process.on('disconnect', () => process.exit(0));
const address = await new Promise<ServerAddress>((resolve) => process.once('message', (given) => resolve(given as ServerAddress)));
const [channel] = await pair({ sender: address, recipient: address, version: 18 });
let delivered: number[] = [];
let whole: number[] = [];
process.on('message', () => {
  process.send!({ delivered, whole });
  [delivered, whole] = [[], []];
});
process.send!({ delivered, whole });
for (;;) {
  const start = performance.now();
  const arrival = new Promise<Uint8Array>((resolve) => {
    channel!.arrived = (msgId) => {
      delivered.push(performance.now() - start);
      resolve(msgId);
    };
  });
  await deliver(channel!, arrival, BODY);
  whole.push(performance.now() - start);
  await sleep(PAUSE_MS);
}
