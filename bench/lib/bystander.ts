/** A client in a process of its own with one message under way at a time: what another client is busy with does not count. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ServerProcess } from './server-process.ts';

/** Milliseconds from SEND on. */
interface BystanderTimes {
  /** Until the recipient had each message. */
  readonly delivered: readonly number[];
  /** Until its ACK was answered. */
  readonly whole: readonly number[];
}

interface Bystander {
  readonly pid: number;
  /** How long its messages took since it was asked last, the longest last. */
  times(): Promise<BystanderTimes>;
  end(): void;
}

export async function startBystander(node: ServerProcess): Promise<Bystander> {
  const child = fork(fileURLToPath(new URL('../clients/bystander.ts', import.meta.url)), { serialization: 'advanced' });
  const answer = (): Promise<BystanderTimes> => new Promise((resolve) => child.once('message', (times) => resolve(times as BystanderTimes)));
  const ready = answer();
  child.send(node.address);
  await ready;
  return {
    pid: child.pid!,
    async times() {
      const told = answer();
      child.send('times');
      const { delivered, whole } = await told;
      return { delivered: delivered.toSorted((a, b) => a - b), whole: whole.toSorted((a, b) => a - b) };
    },
    end: () => child.disconnect(),
  };
}
