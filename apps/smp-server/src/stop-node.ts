/**
 * The end of a node, in order: no new connections, the sessions drained, the admin port (which says "draining" until
 * then), the store. A step that fails does not keep the next from being taken: the store is closed in any case.
 */
import { errorText, SECOND } from '@polyplex/base';
import type { AdminApp } from '@polyplex/nest';
import type { SmpServer } from '@polyplex/server-smp';
import type { QueueStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { TlsListener } from '@polyplex/transport-tls';

/** What runs; a node that fails to start stops what it has got so far. */
export interface NodeParts {
  readonly store?: QueueStore;
  readonly server?: SmpServer;
  readonly listener?: TlsListener;
  readonly admin?: AdminApp;
}

export interface StopOptions {
  readonly log: Logger;
  /** Over which the server spreads the closing of connections. */
  readonly drainMs: number;
}

/** Beyond what a step gives itself, for work that does not end. */
const EXTRA_MS = 10 * SECOND;
/** The listener's own closing of connections stays behind the server's, which answers what is in flight first. */
const LISTENER_GRACE_MS = 24 * 60 * 60 * SECOND;

/** Never rejects; failures are logged. */
export async function stopNode({ store, server, listener, admin }: NodeParts, { log, drainMs }: StopOptions): Promise<void> {
  const closed = listener?.close({ graceMs: LISTENER_GRACE_MS });
  await step('sessions', async () => {
    if (server !== undefined) await inTime(server.drain(), drainMs + EXTRA_MS);
  });
  for (const connection of listener?.connections ?? []) connection.destroy('drain');
  await step('ports', async () => closed);
  await step('admin port', async () => {
    if (admin !== undefined) await inTime(admin.close(), EXTRA_MS);
  });
  await step('store', async () => store?.close());

  async function step(name: string, task: () => Promise<void>): Promise<void> {
    await task().catch((error: unknown) => log.error('did not stop cleanly', { part: name, error: errorText(error) }));
  }
}

async function inTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
