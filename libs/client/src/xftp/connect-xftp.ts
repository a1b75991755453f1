/** From a file server's address to a session with it (XFTP §2): host, connection, handshake, all under one deadline. */
import { type Clock, SECOND, systemClock } from '@polyplex/base';
import type { ServerAddress, VersionRange } from '@polyplex/protocol-common';
import { XFTP_VERSIONS } from '@polyplex/protocol-xftp';
import { chooseHost, type HostChoice } from '../choose-host.ts';
import { DEFAULT_XFTP_TIMEOUTS, type XftpClient, XftpSessionClient, type XftpTimeouts } from './xftp-client.ts';
import { http2Dial, type XftpDial } from './xftp-dial.ts';
import { hostFailure, xftpDialFailure } from './xftp-error.ts';
import { shakeHandsAsBrowser } from './web-handshake.ts';
import { shakeHands } from './xftp-handshake.ts';
import { XftpSession } from './xftp-session.ts';

export interface ConnectXftpOptions {
  readonly address: ServerAddress;
  /** Default: HTTP/2 over TLS without SOCKS proxy. */
  readonly dial?: XftpDial;
  /** Default 1-3. */
  readonly versions?: VersionRange;
  /** Default `['xftp/1']`; null for no ALPN, upon which the session is one of version 1 without handshake. */
  readonly alpn?: readonly string[] | null;
  /** Whether the connection is a browser's, for the server and for `dial`: with SNI, and nothing known of its TLS (§2.4); default false. */
  readonly web?: boolean;
  readonly hosts?: HostChoice;
  /** For connection and handshake together; default 45 s. */
  readonly connectTimeoutMs?: number;
  readonly timeouts?: Partial<XftpTimeouts>;
  readonly clock?: Clock;
  /** Gives the attempt up with `CLOSED`; of no effect once connected. */
  readonly signal?: AbortSignal | undefined;
}

export const XFTP_PORT = 443;
const CONNECT_TIMEOUT_MS = 45 * SECOND;
const DEFAULT_ALPN: readonly string[] = ['xftp/1'];

/** Connects and shakes hands. Rejects with `XftpClientError` or `XftpRefusedError`; no connection is left behind then. */
export async function connectXftp(options: ConnectXftpOptions): Promise<XftpClient> {
  const { address, dial = http2Dial(), alpn = DEFAULT_ALPN, versions = XFTP_VERSIONS, clock = systemClock, signal } = options;
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const deadline = clock.now() + timeoutMs;
  const target = { ...hostOf(options), fingerprint: address.keyHash, alpn, timeoutMs, signal };
  const connection = await dial(target).catch((error: unknown) => {
    throw xftpDialFailure(error);
  });
  try {
    const shake = options.web === true ? shakeHandsAsBrowser : shakeHands;
    const agreement = await shake(connection, { keyHash: address.keyHash, versions, clock, timeoutMs: Math.max(0, deadline - clock.now()), signal });
    return new XftpSessionClient(new XftpSession(connection, agreement, clock), { ...DEFAULT_XFTP_TIMEOUTS, ...options.timeouts });
  } catch (error) {
    connection.close();
    throw error;
  }
}

function hostOf({ address, hosts }: ConnectXftpOptions): { readonly host: string; readonly port: number } {
  try {
    return chooseHost(address, hosts, XFTP_PORT);
  } catch (error) {
    throw hostFailure(error);
  }
}
