/** From a relay's address to a session with it (SMP §10.1, §10.2): host, connection, handshake, all under one deadline. */
import { type Clock, SECOND, systemClock } from '@polyplex/base';
import type { BlockConnection, CloseReason, ServerAddress, VersionRange } from '@polyplex/protocol-common';
import { CLIENT_VERSIONS } from '@polyplex/protocol-smp';
import type { Credentials } from '@polyplex/transport-tls';
import { chooseHost, type HostChoice } from './choose-host.ts';
import { type AgreedSession, answerServerHello, type HandshakeOptions, readServiceResponse } from './client-handshake.ts';
import { dialFailure, SmpClientError } from './client-error.ts';
import { type Dial, tlsDial } from './dial.ts';
import { DEFAULT_KEEP_ALIVE, type KeepAliveOptions } from './keep-alive.ts';
import { MAX_PENDING, REQUEST_TIMEOUT_MS, type SmpClient, type SmpClientSettings, type SmpEventHandler, SmpSession } from './smp-client.ts';

export interface ConnectSmpOptions {
  readonly address: ServerAddress;
  /** Default: TLS without SOCKS proxy. */
  readonly dial?: Dial;
  /** Default 6-18. */
  readonly versions?: VersionRange;
  /** Default `['smp/1']`; null for no ALPN, upon which relays offer version 6 only. */
  readonly alpn?: readonly string[] | null;
  /** We are a relay acting as proxy (SMP §7.1): no block encryption. */
  readonly proxyServer?: boolean;
  /** A client service's role and certificate (SMP §3.5). */
  readonly service?: { readonly role: 'M' | 'N' | 'P'; readonly credentials: Credentials };
  readonly hosts?: HostChoice;
  /** For connection and handshake together; default 15 s. */
  readonly connectTimeoutMs?: number;
  /** For each command; default 30 s. */
  readonly requestTimeoutMs?: number;
  /** Requests that may wait for answers; default 16384. */
  readonly maxPending?: number;
  readonly keepAlive?: Partial<KeepAliveOptions>;
  readonly clock?: Clock;
  readonly onEvent?: SmpEventHandler;
  /** Gives the attempt up with `CLOSED`; of no effect once connected. */
  readonly signal?: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 15 * SECOND;

/** Connects and shakes hands. Rejects with `SmpClientError`; no connection is left behind then. */
export async function connectSmp(options: ConnectSmpOptions): Promise<SmpClient> {
  const { address, dial = tlsDial(), alpn = ['smp/1'], service, clock = systemClock, signal } = options;
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const deadline = clock.now() + timeoutMs;
  const target = { ...chooseHost(address, options.hosts), fingerprint: address.keyHash, alpn, timeoutMs, signal };
  const connection = await dial({ ...target, credentials: service?.credentials ?? null }).catch((error: unknown) => {
    throw dialFailure(error);
  });
  return shakeHands(connection, options, deadline);
}

function shakeHands(connection: BlockConnection, options: ConnectSmpOptions, deadline: number): Promise<SmpClient> {
  const { clock = systemClock, signal } = options;
  const { promise, resolve, reject } = Promise.withResolvers<SmpClient>();
  const fail = (reason: CloseReason, error: SmpClientError): void => {
    reject(error);
    connection.destroy(reason);
  };
  const abort = (): void => fail('local', new SmpClientError('CLOSED', 'the attempt was given up'));
  const cancel = clock.after(Math.max(0, deadline - clock.now()), () => fail('timeout', new SmpClientError('TIMEOUT', 'no handshake in time')));
  signal?.addEventListener('abort', abort);
  const done = (): void => {
    cancel();
    signal?.removeEventListener('abort', abort);
  };
  const handshake = new Handshake(connection, options, (client) => {
    done();
    resolve(client);
  });
  connection.start({
    block(block) {
      try {
        handshake.received(block);
      } catch (error) {
        if (!(error instanceof SmpClientError)) throw error;
        done();
        fail('handshake', error);
      }
    },
    drained: () => handshake.client?.drained(),
    closed(reason) {
      done();
      reject(new SmpClientError('NETWORK', 'closed during the handshake'));
      handshake.client?.ended(reason);
    },
  });
  if (signal?.aborted === true) abort();
  return promise;
}

/** Takes the blocks of one connection: hello, the answer to a service if there is one, then everything to the client. */
class Handshake {
  client: SmpSession | null = null;
  private agreed: AgreedSession | null = null;
  private failed = false;
  private readonly connection: BlockConnection;
  private readonly options: ConnectSmpOptions;
  private readonly ready: (client: SmpClient) => void;

  constructor(connection: BlockConnection, options: ConnectSmpOptions, ready: (client: SmpClient) => void) {
    this.connection = connection;
    this.options = options;
    this.ready = ready;
  }

  /** Throws `SmpClientError` when the handshake fails; blocks after that are dropped. */
  received(block: Uint8Array): void {
    if (this.client !== null) this.client.received(block);
    else if (!this.failed) this.shake(block);
  }

  private shake(block: Uint8Array): void {
    this.failed = true; // unless it gets to the end
    if (this.agreed !== null) this.finish(this.agreed, readServiceResponse(block));
    else this.answerHello(block);
    this.failed = false;
  }

  private answerHello(block: Uint8Array): void {
    const { hello, session } = answerServerHello(block, this.connection, handshakeOptions(this.options));
    this.agreed = session;
    this.connection.write(hello);
    if (session.service === null) this.finish(session, null);
  }

  private finish(session: AgreedSession, serviceId: Uint8Array | null): void {
    this.client = new SmpSession(this.connection, session, serviceId, settingsOf(this.options));
    this.ready(this.client);
  }
}

function handshakeOptions({ address, versions = CLIENT_VERSIONS, proxyServer = false, service }: ConnectSmpOptions): HandshakeOptions {
  const identity = service === undefined ? null : { role: service.role, chain: service.credentials.chain, privateKey: service.credentials.privateKey };
  return { keyHash: address.keyHash, versions, proxyServer, service: identity };
}

function settingsOf(options: ConnectSmpOptions): SmpClientSettings {
  return {
    clock: options.clock ?? systemClock,
    requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    maxPending: options.maxPending ?? MAX_PENDING,
    keepAlive: { ...DEFAULT_KEEP_ALIVE, ...options.keepAlive },
    onEvent: options.onEvent ?? (() => undefined),
  };
}
