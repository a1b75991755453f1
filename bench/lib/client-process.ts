/** Clients in a process of their own: what others are busy with does not count there, nor what they have in memory. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ask } from './ask-child.ts';

export interface ClientProcess {
  readonly pid: number;
  /** One question after another; the process answers each. */
  ask<T>(question: object): Promise<T>;
  end(): Promise<void>;
}

/** Few collections, and short ones: what is measured waits for them. */
const NODE_FLAGS = ['--initial-heap-size=256', '--max-semi-space-size=32'];

/** Starts `bench/clients/<name>.ts`. */
export function startClient(name: string): ClientProcess {
  const path = fileURLToPath(new URL(`../clients/${name}.ts`, import.meta.url));
  const child = fork(path, { execArgv: NODE_FLAGS, serialization: 'advanced' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid!,
    ask: (question) => ask(child, name, question),
    async end() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** In such a process: answers what is asked, one thing after another, until whoever asks is gone. Both ends know what that may be. */
export function answerWith(answer: (question: never) => unknown): void {
  process.on('message', (question) => {
    void Promise.resolve(answer(question as never)).then((told) => process.send!(told ?? null));
  });
  process.on('disconnect', () => process.exit(0));
}

/** The same clock in all processes; milliseconds. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
