/** From a push proxy's address to a session with it (NTF §1, §8): host, connection, handshake, all under one deadline. */
import { type Clock, SECOND, systemClock } from '@polyplex/base';
import type { BlockConnection, CloseReason, ServerAddress, VersionRange } from '@polyplex/protocol-common';
import { NTF_BLOCK_BYTES, NTF_VERSIONS } from '@polyplex/protocol-ntf';
import { chooseHost, type HostChoice } from '../choose-host.ts';
import { dialFailure, SmpClientError } from '../client-error.ts';
import { type Dial, tlsDial } from '../dial.ts';
import { type NtfClient, NtfSession } from './ntf-client.ts';
import { answerNtfHello } from './ntf-handshake.ts';

export const NTF_PORT = 443;

export interface ConnectNtfOptions {
  readonly address: ServerAddress;
  /** Default: TLS without SOCKS proxy. */
  readonly dial?: Dial;
  /** Default 1-3. */
  readonly versions?: VersionRange;
  /** Default `['ntf/1']`; null for no ALPN, upon which proxies offer version 1 only. */
  readonly alpn?: readonly string[] | null;
  readonly hosts?: HostChoice;
  /** For connection and handshake together; default 15 s. */
  readonly connectTimeoutMs?: number;
  /** For each command; default 10 s. */
  readonly requestTimeoutMs?: number;
  /** Requests that may wait for answers; default 1024. */
  readonly maxPending?: number;
  readonly clock?: Clock;
  /** Gives the attempt up with `CLOSED`; of no effect once connected. */
  readonly signal?: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 15 * SECOND;
const REQUEST_TIMEOUT_MS = 10 * SECOND;
const MAX_PENDING = 1024;

/** Connects and shakes hands. Rejects with `SmpClientError`; no connection is left behind then. */
export async function connectNtf(options: ConnectNtfOptions): Promise<NtfClient> {
  const { address, dial = tlsDial(), alpn = ['ntf/1'], clock = systemClock, signal } = options;
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const deadline = clock.now() + timeoutMs;
  const target = { ...chooseHost(address, options.hosts, NTF_PORT), fingerprint: address.keyHash, alpn, timeoutMs, signal };
  const connection = await dial({ ...target, credentials: null, blockBytes: NTF_BLOCK_BYTES }).catch((error: unknown) => {
    throw dialFailure(error);
  });
  return shakeHands(connection, options, deadline);
}

function shakeHands(connection: BlockConnection, options: ConnectNtfOptions, deadline: number): Promise<NtfClient> {
  const { clock = systemClock, signal } = options;
  const { promise, resolve, reject } = Promise.withResolvers<NtfClient>();
  let session: NtfSession | null = null;
  const fail = (reason: CloseReason, error: SmpClientError): void => {
    done();
    reject(error);
    connection.destroy(reason);
  };
  const abort = (): void => fail('local', new SmpClientError('CLOSED', 'the attempt was given up'));
  const cancel = clock.after(Math.max(0, deadline - clock.now()), () => fail('timeout', new SmpClientError('TIMEOUT', 'no handshake in time')));
  signal?.addEventListener('abort', abort);
  function done(): void {
    cancel();
    signal?.removeEventListener('abort', abort);
  }
  const hello = (block: Uint8Array): void => {
    try {
      session = answerHello(block, connection, options);
      done();
      resolve(session);
    } catch (error) {
      if (!(error instanceof SmpClientError)) throw error;
      fail('handshake', error);
    }
  };
  connection.start({
    block: (block) => (session === null ? hello(block) : session.received(block)),
    drained: () => session?.drained(),
    closed(reason) {
      done();
      reject(new SmpClientError('NETWORK', 'closed during the handshake'));
      session?.ended(reason);
    },
  });
  if (signal?.aborted === true) abort();
  return promise;
}

function answerHello(block: Uint8Array, connection: BlockConnection, options: ConnectNtfOptions): NtfSession {
  const { address, versions = NTF_VERSIONS, clock = systemClock } = options;
  const { hello, session } = answerNtfHello(block, connection, { versions, keyHash: address.keyHash });
  connection.write(hello);
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, maxPending = MAX_PENDING } = options;
  return new NtfSession(connection, session, { clock, requestTimeoutMs, maxPending });
}
