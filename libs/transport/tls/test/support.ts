/** Real listeners, peers and identities for the tests of this library; everything opened here is closed after the test. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions, type TLSSocket } from 'node:tls';
import type { Clock } from '@polyplex/base';
import { fingerprintOf, type SignatureKind } from '@polyplex/crypto';
import type { BlockConnection, CloseReason } from '@polyplex/protocol-common';
import { afterEach } from 'vitest';
import {
  type Credentials,
  dialTls,
  type DialTlsOptions,
  type Endpoint,
  type IssuedCertificate,
  issueCa,
  issueServerCertificate,
  listenTls,
  type ListenTlsOptions,
  readCredentials,
  type TlsListener,
} from '../src/index.ts';
import { STRICT_PARAMETERS } from '../src/tls-parameters.ts';

const cleanups: (() => unknown)[] = [];

/** Runs after the test, last one first. */
export function cleanup(task: () => unknown): void {
  cleanups.push(task);
}

afterEach(async () => {
  for (const task of cleanups.splice(0).reverse()) await task();
});

export interface Identity {
  readonly ca: IssuedCertificate;
  readonly leaf: IssuedCertificate;
  readonly credentials: Credentials;
  readonly fingerprint: Uint8Array;
}

export function newIdentity(algorithm: SignatureKind = 'ed25519'): Identity {
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  const credentials = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key });
  return { ca, leaf, credentials, fingerprint: fingerprintOf(credentials.chain)! };
}

/** One for all tests that need just any. */
export const IDENTITY = newIdentity();

export interface TestListener {
  readonly listener: TlsListener;
  readonly port: number;
  /** Connections in the order they came; a promise for the next one. */
  readonly accepted: BlockConnection[];
  next(): Promise<BlockConnection>;
}

let ownRecords = false;

/** From here on listeners do the records of TLS 1.3 themselves. */
export function useOwnRecords(): void {
  ownRecords = true;
}

type ListenOptions = Partial<ListenTlsOptions> & { readonly kind?: Endpoint['kind'] };

export async function listen({ kind = 'smp', ...options }: ListenOptions = {}): Promise<TestListener> {
  const accepted: BlockConnection[] = [];
  const waiting: ((connection: BlockConnection) => void)[] = [];
  const listener = await listenTls({
    endpoints: [{ kind, host: '127.0.0.1', port: 0 }],
    credentials: { smp: IDENTITY.credentials },
    ownRecords,
    onConnection: (connection) => {
      accepted.push(connection);
      waiting.shift()?.(connection);
    },
    ...options,
  });
  cleanup(() => listener.close());
  const next = (): Promise<BlockConnection> => new Promise((resolve) => waiting.push(resolve));
  return { listener, port: listener.endpoints[0]!.port, accepted, next };
}

export function dialOptions(port: number, options: Partial<DialTlsOptions> = {}): DialTlsOptions {
  return { host: '127.0.0.1', port, fingerprint: IDENTITY.fingerprint, ...options };
}

export async function dial(port: number, options: Partial<DialTlsOptions> = {}): Promise<BlockConnection> {
  const connection = await dialTls(dialOptions(port, options));
  cleanup(() => connection.destroy('local'));
  return connection;
}

export interface Pair {
  readonly client: BlockConnection;
  readonly server: BlockConnection;
  readonly listener: TlsListener;
}

/** A connection over real sockets, seen from both ends. */
export async function connectedPair(options: ListenOptions = {}, dialing: Partial<DialTlsOptions> = {}): Promise<Pair> {
  const { listener, port, next } = await listen(options);
  const accepted = next();
  const client = await dial(port, dialing);
  return { client, server: await accepted, listener };
}

export interface Inbox {
  readonly blocks: Uint8Array[];
  readonly closed: Promise<CloseReason>;
  drained: number;
  /** Resolves when this many blocks have come in all. */
  count(blocks: number): Promise<void>;
}

/** Starts a connection and keeps what it says. */
export function open(connection: BlockConnection): Inbox {
  const waiting: { count: number; resolve: () => void }[] = [];
  const closed = Promise.withResolvers<CloseReason>();
  const inbox: Inbox = {
    blocks: [],
    closed: closed.promise,
    drained: 0,
    count: (count) =>
      new Promise((resolve) => {
        if (inbox.blocks.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
  connection.start({
    block: (block) => {
      inbox.blocks.push(block);
      for (const each of waiting) if (inbox.blocks.length >= each.count) each.resolve();
    },
    drained: () => inbox.drained++,
    closed: closed.resolve,
  });
  return inbox;
}

export function block(fill: number): Uint8Array {
  return new Uint8Array(16_384).fill(fill);
}

/** A plain TCP peer. */
export async function rawPeer(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connectTcp({ port, host });
  cleanup(() => socket.destroy());
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

/** Resolves when the other end has closed the socket, however. */
export function ended(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** A TLS client other than ours; resolves with its socket after the handshake, rejects with the error before it. */
export async function tlsPeer(port: number, options: TlsOptions & { localAddress?: string } = {}): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', ...STRICT_PARAMETERS, rejectUnauthorized: false, ...options });
  cleanup(() => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    socket.once('secureConnect', resolve);
  });
  return socket;
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export interface FakeClock extends Clock {
  /** Moves time and runs what has become due, in order. */
  advance(ms: number): void;
}

export function fakeClock(): FakeClock {
  let now = Date.now();
  const tasks = new Set<{ at: number; everyMs: number | null; task: () => void }>();
  const add = (delayMs: number, everyMs: number | null, task: () => void): (() => void) => {
    const entry = { at: now + delayMs, everyMs, task };
    tasks.add(entry);
    return () => tasks.delete(entry);
  };
  return {
    now: () => now,
    after: (delayMs, task) => add(delayMs, null, task),
    every: (intervalMs, task) => add(intervalMs, intervalMs, task),
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [due] = [...tasks].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (due === undefined) break;
        now = Math.max(now, due.at);
        if (due.everyMs === null) tasks.delete(due);
        else due.at += due.everyMs;
        due.task();
      }
      now = end;
    },
  };
}
