/**
 * Does the same small computation again and again, which takes as long every time on a machine that has its processors to itself. On a
 * virtual one it shows where the host ran something else, which the guest's clocks count as its own work.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerWith } from '../lib/client-process.ts';

const STEPS = 5000;
const PAUSE_MS = 5;

let taken: number[] = [];

answerWith(() => {
  const times = taken;
  taken = [];
  return times;
});

function compute(): number {
  let hash = 1;
  for (let i = 0; i < STEPS; i++) hash = Math.imul(hash ^ i, 16_777_619);
  return hash;
}

for (;;) {
  const start = performance.now();
  const result = compute();
  // What it is does not matter, but nobody may leave the computation out.
  taken.push(performance.now() - start + 0 * result);
  await sleep(PAUSE_MS);
}
