/** A relay in a process of its own with many queues in use, and what a delivered message costs it. */
import { randomBytes } from '@polyplex/crypto';
import { maxBodyBytes } from '@polyplex/protocol-smp';
import { type Channel, closeAll, pair, run } from './channels.ts';
import { cpuEach } from './measure.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const PAIRS = 10;

export interface RelayLoad {
  readonly server: ServerProcess;
  /** Messages under way at one time, in rounds. */
  readonly inFlight: number;
  /** Microseconds of the relay's CPU for each of so many messages, one at a time in each queue. */
  round(messages: number): Promise<number>;
  /** The same, one at a time in all. */
  lone(messages: number): Promise<number>;
  stop(): Promise<void>;
}

/** Bodies are as large as they may be at `version`. `args`: those of the relay's process. */
export async function loadRelay(version: number, ...args: readonly string[]): Promise<RelayLoad> {
  const server = await startServer('relay', ...args);
  const channels = (await Promise.all(Array.from({ length: PAIRS }, () => pair({ sender: server.address, recipient: server.address, version })))).flat();
  const body = randomBytes(maxBodyBytes(version));
  const through = (some: readonly Channel[]) => (messages: number) => cpuEach(server, messages, () => run(some, messages, body));
  return {
    server,
    inFlight: channels.length,
    round: through(channels),
    lone: through(channels.slice(0, 1)),
    async stop() {
      closeAll(channels);
      await server.stop();
    },
  };
}
