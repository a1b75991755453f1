/**
 * A client's connection that comes back, as an app's does, only faster: when the relay ends it, or answers no PING. What it
 * gives up stays open for a while: a relay that was stopped and goes on must not treat it as if nothing had happened.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectSmp, type SmpClient, SmpClientError, tlsDial } from '@polyplex/client';
import type { AddressText } from '@polyplex/protocol-common';
import type { SmpReply } from '@polyplex/protocol-smp';
import { REDIS_TIMEOUT_MS } from './network.ts';

const PING_AFTER_MS = 1000;
/** Longer than a relay stands still in an ordinary fault. */
const PING_TIMEOUT_MS = 3000;
const CONNECT_TIMEOUT_MS = 2500;
/** Longer than a relay waits for Redis: what it leaves unanswered then is tried again. */
const REQUEST_TIMEOUT_MS = REDIS_TIMEOUT_MS + 2000;
const LEFTOVER_MS = 25_000;
const PAUSE_MS = 100;

export interface Connection {
  /** Of all lines. */
  readonly id: number;
  readonly client: SmpClient;
  /** False when the line has given it up. */
  isLive: boolean;
  /** Resolves when the line gives it up, or it was lost. */
  readonly over: Promise<void>;
}

export interface LineUser {
  opened(connection: Connection): void;
  /** Whatever the relay says unasked. */
  event(connection: Connection, entityId: Uint8Array, reply: SmpReply): void;
}

const SILENT: LineUser = { opened: () => undefined, event: () => undefined };
let made = 0;

export class Line {
  current: Connection | null = null;
  private readonly address: AddressText;
  private readonly user: LineUser;
  private readonly open = new Set<SmpClient>();
  private renewal = Promise.withResolvers<void>();
  private stopped = false;
  private readonly done: Promise<void>;

  constructor(address: AddressText, user: LineUser = SILENT) {
    this.address = address;
    this.user = user;
    this.done = this.run();
  }

  /** Makes another connection and leaves the present one open without using it. */
  renew(): void {
    this.renewal.resolve();
  }

  /** Closes the present connection, and makes another. */
  reconnect(): void {
    const { current } = this;
    this.current = null; // from now on nobody sends on it
    current?.client.close();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.renew();
    for (const client of this.open) client.close();
    await this.done;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const client = await this.connect();
      if (client === null) await this.pause();
      else await this.use(client.client, client.became);
    }
  }

  private async use(client: SmpClient, became: (connection: Connection) => void): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const connection: Connection = { id: ++made, client, isLive: true, over };
    became(connection);
    this.renewal = Promise.withResolvers();
    this.current = connection;
    this.user.opened(connection);
    const isLeft = await this.watched(client);
    connection.isLive = false;
    this.current = null;
    resolve();
    if (isLeft) setTimeout(() => client.close(), LEFTOVER_MS).unref();
    else await this.pause();
  }

  /** Resolves when the connection is to be given up: true when it is still open. */
  private async watched(client: SmpClient): Promise<boolean> {
    let isGone = false;
    const gone = client.closed.then(() => void (isGone = true));
    while (!this.stopped) {
      const isDue = await Promise.race([gone.then(() => false), this.renewal.promise.then(() => false), sleep(PING_AFTER_MS, true)]);
      if (!isDue) break;
      const isAlive = await client.request({ tag: 'PING' }, { timeoutMs: PING_TIMEOUT_MS }).then(() => true, () => false);
      if (!isAlive) break;
    }
    return !isGone;
  }

  /** Null when there is no connection to be had now. */
  private async connect(): Promise<{ client: SmpClient; became: (connection: Connection) => void } | null> {
    let connection: Connection | null = null;
    try {
      const client = await connectSmp({
        address: this.address,
        dial: tlsDial({ allowAddress: () => true }),
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        requestTimeoutMs: REQUEST_TIMEOUT_MS,
        onEvent: (entityId, reply) => {
          if (connection !== null) this.user.event(connection, entityId, reply);
        },
      });
      this.open.add(client);
      void client.closed.then(() => this.open.delete(client));
      if (this.stopped) client.close();
      return { client, became: (made) => (connection = made) };
    } catch (error) {
      if (error instanceof SmpClientError) return null;
      throw error;
    }
  }

  /** Clients of a relay that is gone shall not return all at once. */
  private async pause(): Promise<void> {
    if (!this.stopped) await sleep(PAUSE_MS * (1 + Math.random()));
  }
}
