/**
 * One connection to one Redis server, made when it is first needed and again after it was lost. Commands of one turn of
 * the event loop go out together. A server that has stopped answering is given up, so that nobody waits without bound.
 */
import { SECOND } from '@polyplex/base';
import { createClient, RESP_TYPES } from 'redis';
import { storeError } from '@polyplex/store-common';
import type { Reply } from './redis-reply.ts';
import { allScripts } from './scripts.ts';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ServerCredentials {
  readonly username: string | null;
  readonly password: string | null;
  /** PEM of the CA when the connection is over TLS with a CA of the operator's; '' for the system's; null: no TLS. */
  readonly ca: string | null;
}

export type Argument = string | Buffer;

/** A server that has work and says nothing for so long has stopped. */
const STALL_MS = 3 * SECOND;
const CONNECT_MS = 2 * SECOND;
/** After a failed attempt. */
const RECONNECT_MS = 150;
const STALL_CHECK_MS = 500;

const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } as const;

type Client = ReturnType<typeof createClient>;

export class Connection {
  readonly address: ServerAddress;
  private readonly credentials: ServerCredentials;
  private client: Client | null = null;
  private connecting: Promise<Client> | null = null;
  private failedAt = 0;
  private waiting = 0;
  private heardAt = 0;
  private checkedAt = 0;
  private watch: NodeJS.Timeout | null = null;
  private closed = false;
  /** Which connection to the server it is, counted from 1. */
  generation = 0;
  /** How often a command was sent, for benchmarks and tests. */
  sent = 0;
  /** Called when an established connection is lost. */
  onLost: () => void = () => undefined;

  constructor(address: ServerAddress, credentials: ServerCredentials) {
    this.address = address;
    this.credentials = credentials;
  }

  get connected(): boolean {
    return this.client !== null;
  }

  /** Rejects with an error reply of the server, or with any other error when the connection is lost. */
  send(args: readonly Argument[]): Promise<Reply> {
    return this.client === null ? this.connect().then((client) => this.sendBy(client, args)) : this.sendBy(this.client, args);
  }

  /** Gives up the connection; the next command makes another. */
  drop(): void {
    const { client } = this;
    this.client = null;
    if (client?.isOpen === true) client.destroy();
  }

  close(): void {
    this.closed = true;
    if (this.watch !== null) clearInterval(this.watch);
    this.drop();
  }

  private sendBy(client: Client, args: readonly Argument[]): Promise<Reply> {
    this.sent++;
    if (this.waiting++ === 0) this.heardAt = performance.now();
    const reply = client.sendCommand(args, AS_BYTES) as unknown as Promise<Reply>;
    reply.then(this.heard, this.heard);
    return reply;
  }

  private readonly heard = (): void => {
    this.waiting--;
    this.heardAt = performance.now();
  };

  private connect(): Promise<Client> {
    if (this.closed) return Promise.reject(new Error('closed'));
    this.connecting ??= this.open().finally(() => (this.connecting = null));
    return this.connecting;
  }

  private async open(): Promise<Client> {
    const pause = this.failedAt + RECONNECT_MS - performance.now();
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    const client = this.makeClient();
    try {
      await client.connect();
      await Promise.all(allScripts.map(({ source }) => client.sendCommand(['SCRIPT', 'LOAD', source])));
    } catch (error) {
      this.failedAt = performance.now();
      if (client.isOpen) client.destroy();
      throw error;
    }
    if (this.closed) {
      client.destroy();
      throw storeError('UNAVAILABLE');
    }
    this.client = client;
    this.generation++;
    this.checkedAt = performance.now();
    this.watch ??= setInterval(() => this.checkStall(), STALL_CHECK_MS).unref();
    return client;
  }

  private makeClient(): Client {
    const { host, port } = this.address;
    const { username, password, ca } = this.credentials;
    const base = { host, port, connectTimeout: CONNECT_MS, reconnectStrategy: false as const };
    const socket = ca === null ? base : { ...base, tls: true as const, ...(ca === '' ? {} : { ca }) };
    const client = createClient({
      RESP: 2,
      socket,
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      disableOfflineQueue: true,
      // A timer for each command costs as much as the command; `checkStall` does the same for all.
      commandOptions: { timeout: 0 },
      disableClientInfo: true,
    });
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    return client as unknown as Client;
  }

  private lost(client: unknown): void {
    if (this.client !== client || client === null) return;
    this.drop();
    this.failedAt = performance.now();
    if (!this.closed) this.onLost();
  }

  /** Where this check comes late, this process stood still: the server's answers may lie here unread. */
  private checkStall(): void {
    const now = performance.now();
    if (now - this.checkedAt > 2 * STALL_CHECK_MS) this.heardAt = Math.max(this.heardAt, now - STALL_CHECK_MS);
    this.checkedAt = now;
    if (this.client === null || this.waiting === 0 || now - this.heardAt < STALL_MS) return;
    const { client } = this;
    this.lost(client);
  }
}
