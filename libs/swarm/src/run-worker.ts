/**
 * A worker as a process of its own, one for each core: it is told what to do by its parent's first message, tells its URL, and
 * ends when the parent says so or is gone.
 */
import type { AddressText } from '@polyplex/protocol-common';
import { Swarm } from './swarm.ts';
import { serveWorker } from './worker-server.ts';

/** Passed over the channel between the processes, so that no password stands among a process's arguments. */
export interface WorkerOrder {
  readonly address: AddressText;
  readonly files: AddressText | null;
  readonly timeoutMs: number;
  readonly token: string;
}

/** The part of `process` that is needed. */
export interface ParentChannel {
  on(event: 'message', listener: (order: WorkerOrder) => void): unknown;
  once(event: 'disconnect', listener: () => void): unknown;
  send?: (message: unknown) => unknown;
}

/** Resolves when the parent is gone and all connections are closed. */
export async function runWorker(parent: ParentChannel): Promise<void> {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  parent.once('disconnect', resolve);
  const order = await new Promise<WorkerOrder>((given) => parent.on('message', given));
  const swarm = new Swarm(order);
  const server = await serveWorker(swarm, order.token);
  parent.send?.({ url: server.url });
  await gone;
  await server.close();
  await swarm.close();
}
