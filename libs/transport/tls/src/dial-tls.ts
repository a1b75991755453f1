/**
 * The client's end of TLS (SMP §2, §10): no SNI, since with SNI a shared port answers as a web server (§2.7); no
 * resumption (§2.5); the server is known by the fingerprint of its identity certificate (§2.3) and by nothing else.
 */
import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { SECOND, systemClock } from '@polyplex/base';
import { validateChain } from '@polyplex/crypto';
import type { BlockConnection, ConnectionFacts } from '@polyplex/protocol-common';
import { connectTcp, type TcpTarget } from './connect-tcp.ts';
import { clientFacts } from './connection-facts.ts';
import type { Credentials } from './credentials.ts';
import { type DialAttempt, dialAttempt } from './dial-attempt.ts';
import { DialError } from './dial-error.ts';
import { addressKeyOf } from './ip-address.ts';
import type { ConnectionOptions } from './socket-connection.ts';
import { TlsConnection } from './tls-connection.ts';
import { STRICT_PARAMETERS } from './tls-parameters.ts';

export interface DialTlsOptions extends Omit<TcpTarget, 'keepAliveMs'>, ConnectionOptions {
  /** SHA-256 of the server's identity certificate; 32 bytes. Null: whoever answers, the caller looks at `peerChain`. */
  readonly fingerprint: Uint8Array | null;
  /** Default `['smp/1']`; null or empty sends no ALPN extension, upon which relays offer version 6 only (SMP §2.2). */
  readonly alpn?: readonly string[] | null;
  /** A service client's certificate (SMP §3.5). */
  readonly credentials?: Credentials;
  /** For TCP, SOCKS and TLS together; default 15 s. */
  readonly connectTimeoutMs?: number;
  /** Default 30 s. */
  readonly keepAliveMs?: number;
  /** Gives up with `ABORTED`; of no effect once connected. */
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_TIMEOUT_MS = 15 * SECOND;
const KEEP_ALIVE_MS = 30 * SECOND;
const DEFAULT_ALPN: readonly string[] = ['smp/1'];

/** Connects; rejects with `DialError`. The connection is made, and its server identified, when this resolves. */
export async function dialTls(options: DialTlsOptions): Promise<BlockConnection> {
  return dialSecure(options, async ({ socket, facts }) => new TlsConnection(socket, facts, options));
}

export interface SecureSocket {
  readonly socket: TLSSocket;
  readonly facts: ConnectionFacts;
}

/** As `dialTls`, with `finish` making the connection, still under the deadline. */
export function dialSecure<C>(
  options: DialTlsOptions,
  finish: (secure: SecureSocket, attempt: DialAttempt) => Promise<C>,
): Promise<C> {
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, keepAliveMs = KEEP_ALIVE_MS, signal, clock } = options;
  return dialAttempt({ timeoutMs: connectTimeoutMs, signal, clock }, async (attempt) => {
    const tcp = await connectTcp({ ...options, keepAliveMs }, attempt);
    const socket = await secure(tcp, options, attempt);
    return finish({ socket, facts: identify(socket, options) }, attempt);
  });
}

async function secure(tcp: Socket, options: DialTlsOptions, attempt: DialAttempt): Promise<TLSSocket> {
  const { alpn = DEFAULT_ALPN, credentials } = options;
  const socket = attempt.own(
    connect({
      socket: tcp,
      secureContext: contextFor(credentials),
      // No root store knows the chain; `identify` checks it.
      rejectUnauthorized: false,
      ...(alpn === null || alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
    }),
  );
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.once('close', () => reject(new DialError('NETWORK', 'closed during the TLS handshake')));
    socket.once('secureConnect', resolve);
  });
  return socket;
}

function identify(socket: TLSSocket, { credentials, fingerprint, clock = systemClock }: DialTlsOptions): ConnectionFacts {
  const ownChain = credentials?.chain ?? [];
  const facts = clientFacts(socket, { ownChain, addressKey: addressKeyOf(socket.remoteAddress) });
  if (facts === null) throw new DialError('NETWORK', 'closed during the TLS handshake');
  if (fingerprint === null) return facts;
  const result = validateChain(facts.peerChain, { expectedFingerprint: fingerprint, now: clock.now() });
  if (result !== 'ok') throw new DialError('IDENTITY', `the server's certificates are not acceptable: ${result.error}`);
  return facts;
}

/** Building a context costs more than a handshake; there is one, and one per service certificate. */
let plainContext: SecureContext | null = null;
const serviceContexts = new WeakMap<Credentials, SecureContext>();

function contextFor(credentials: Credentials | undefined): SecureContext {
  if (credentials === undefined) return (plainContext ??= createSecureContext(STRICT_PARAMETERS));
  let context = serviceContexts.get(credentials);
  if (context === undefined) {
    const { certificate: cert, key } = credentials.pem;
    context = createSecureContext({ ...STRICT_PARAMETERS, cert, key });
    serviceContexts.set(credentials, context);
  }
  return context;
}
