/**
 * Lines to file servers that come back: one connection a server, made when it is first needed, and made anew, after waits
 * that grow, when something temporary went wrong (XFTP §8.3). All else fails at once.
 */
import { type Clock, systemClock } from '@polyplex/base';
import { formatAddress, type ServerAddress } from '@polyplex/protocol-common';
import { type BackoffOptions, backoffMs, DEFAULT_BACKOFF } from '../backoff.ts';
import { connectXftp, type ConnectXftpOptions } from './connect-xftp.ts';
import type { XftpClient } from './xftp-client.ts';
import { givenUp, isTemporary } from './xftp-error.ts';

export interface RetryNotice {
  readonly address: ServerAddress;
  /** Why it is tried again. */
  readonly error: unknown;
  /** How long before that. */
  readonly waitMs: number;
}

export interface ServerLinesOptions {
  /** How servers are reached; all but the address. */
  readonly connect?: Omit<ConnectXftpOptions, 'address' | 'signal' | 'clock'>;
  /** How often something is tried in all, one after the other; default 6. */
  readonly attempts?: number;
  /** Between attempts; default 2 s, doubled each time up to 60 s. */
  readonly backoff?: Partial<BackoffOptions>;
  readonly clock?: Clock;
  /** In [0, 1); default Math.random: it spreads load and keeps no secret. */
  readonly random?: () => number;
  readonly onRetry?: (notice: RetryNotice) => void;
}

const DEFAULT_ATTEMPTS = 6;
const RETRY_BACKOFF: BackoffOptions = { ...DEFAULT_BACKOFF, initialMs: 2000, maxMs: 60_000, factor: 2 };

/** What makes two addresses the same server for a client: their text (XFTP §1.3). */
export function serverKey(address: ServerAddress): string {
  return formatAddress(address, 'xftp');
}

export class ServerLines {
  private readonly options: ServerLinesOptions;
  private readonly lines = new Map<string, ServerLine>();

  constructor(options: ServerLinesOptions) {
    this.options = options;
  }

  /** Does something with a server, again where it may help. Rejects with what went wrong last. */
  run<T>(address: ServerAddress, signal: AbortSignal | undefined, task: (client: XftpClient) => Promise<T>): Promise<T> {
    const key = serverKey(address);
    let line = this.lines.get(key);
    if (line === undefined) this.lines.set(key, (line = new ServerLine(address, this.options)));
    return line.run(signal, task);
  }

  close(): void {
    for (const line of this.lines.values()) line.close();
  }
}

class ServerLine {
  private readonly address: ServerAddress;
  private readonly options: ServerLinesOptions;
  private readonly clock: Clock;
  private current: Promise<XftpClient> | null = null;
  private readonly closing = new AbortController();

  constructor(address: ServerAddress, options: ServerLinesOptions) {
    this.address = address;
    this.options = options;
    this.clock = options.clock ?? systemClock;
  }

  async run<T>(signal: AbortSignal | undefined, task: (client: XftpClient) => Promise<T>): Promise<T> {
    const { attempts = DEFAULT_ATTEMPTS } = this.options;
    for (let attempt = 1; ; attempt++) {
      demandWanted(signal);
      const connecting = this.connection();
      try {
        return await task(await unlessGivenUp(connecting, signal));
      } catch (error) {
        if (!isTemporary(error) || attempt >= attempts || signal?.aborted === true) throw error;
        await this.drop(connecting);
        await this.wait(attempt - 1, error, signal);
      }
    }
  }

  close(): void {
    this.closing.abort();
    if (this.current !== null) void this.drop(this.current);
  }

  /** Whoever comes first connects, for all: its own signal must not take the connection from the others. */
  private connection(): Promise<XftpClient> {
    if (this.current !== null) return this.current;
    const { address, clock } = this;
    const connecting = connectXftp({ ...this.options.connect, address, clock, signal: this.closing.signal });
    this.current = connecting;
    connecting.then(
      (client) => client.closed.then(() => this.forget(connecting)),
      () => this.forget(connecting),
    );
    return connecting;
  }

  private forget(connecting: Promise<XftpClient>): void {
    if (this.current === connecting) this.current = null;
  }

  private async drop(connecting: Promise<XftpClient>): Promise<void> {
    this.forget(connecting);
    const client = await connecting.catch(() => null);
    client?.close();
  }

  private wait(attempt: number, error: unknown, signal: AbortSignal | undefined): Promise<void> {
    const { random = Math.random, backoff, onRetry } = this.options;
    const waitMs = backoffMs({ ...RETRY_BACKOFF, ...backoff }, attempt, random());
    onRetry?.({ address: this.address, error, waitMs });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = this.clock.after(waitMs, resolve);
    const giveUp = (): void => {
      cancel();
      reject(givenUp());
    };
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted === true) giveUp();
    return promise.finally(() => signal?.removeEventListener('abort', giveUp));
  }
}

/** Whoever does not want it any more does not wait for a connection, which others may still want. */
async function unlessGivenUp<T>(waited: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return waited;
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(givenUp());
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([waited, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function demandWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw givenUp();
}
