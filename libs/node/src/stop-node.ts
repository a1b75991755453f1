/**
 * The end of a node, in order: time for balancers to notice, no new connections, what is under way answered, the admin port (which says "draining" until
 * then), the stores. A step that fails does not keep the next from being taken: the stores are closed in any case.
 */
import { type Clock, errorText, SECOND, systemClock } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';

/** What runs; a node that fails to start stops what it has got so far. */
export interface StoppableParts {
  readonly server?: { drain(): Promise<void> };
  readonly listener?: {
    readonly connections: Iterable<{ destroy(reason: 'drain'): void }>;
    close(options: { readonly graceMs: number }): Promise<void>;
  };
  readonly admin?: { close(): Promise<void> };
}

export interface StopOptions {
  readonly log: Logger;
  /** How long it goes on as before, while its admin port says "draining" already. */
  readonly leaveMs?: number;
  /** What the server may take to close its connections and end what is under way. */
  readonly drainMs: number;
  /** What the server drains, for the log. */
  readonly work: string;
  /** By name, in the order in which they are closed. */
  readonly stores: Readonly<Record<string, { close(): Promise<void> } | undefined>>;
  readonly clock?: Clock;
}

/** Beyond what a step gives itself, for work that does not end. */
const EXTRA_MS = 10 * SECOND;
/** The listener's own closing of connections stays behind the server's, which answers what is in flight first. */
const LISTENER_GRACE_MS = 24 * 60 * 60 * SECOND;

/** Never rejects; failures are logged. */
export async function stopNode(parts: StoppableParts, { log, leaveMs = 0, drainMs, work, stores, clock = systemClock }: StopOptions): Promise<void> {
  const step = async (part: string, task: () => Promise<void> | undefined): Promise<void> => {
    try {
      await task();
    } catch (error) {
      log.error('did not stop cleanly', { part, error: errorText(error) });
    }
  };
  const { server, listener, admin } = parts;
  if (leaveMs > 0 && serves(parts)) await new Promise<void>((resolve) => void clock.after(leaveMs, resolve));
  const closed = listener?.close({ graceMs: LISTENER_GRACE_MS });
  await step(work, () => server && inTime(server.drain(), drainMs + EXTRA_MS));
  for (const connection of listener?.connections ?? []) connection.destroy('drain');
  await step('ports', () => closed);
  await step('admin port', () => admin && inTime(admin.close(), EXTRA_MS));
  for (const [name, store] of Object.entries(stores)) await step(name, () => store?.close());
}

/** Whoever failed to start has no admin port, and nobody to leave. */
function serves({ listener, admin }: StoppableParts): boolean {
  return listener !== undefined && admin !== undefined;
}

/** Resolves with the work, at the latest after that time. */
async function inTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
