/** How a client gets its connection: injected, and by default over TLS. */
import type { BlockConnection } from '@polyplex/protocol-common';
import { type Credentials, dialTls, type SocksProxy } from '@polyplex/transport-tls';

export interface DialTarget {
  readonly host: string;
  readonly port: number;
  /** Of the relay's identity certificate; the dialer checks it and validates the chain. */
  readonly fingerprint: Uint8Array;
  /** Offered protocols; null for no ALPN extension. */
  readonly alpn: readonly string[] | null;
  readonly credentials: Credentials | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Size of blocks; default 16384. */
  readonly blockBytes?: number;
}

/** Rejects with a `CodedError`: `NETWORK`, `TIMEOUT`, `TLS`, `IDENTITY`, `HOST`, `ABORTED`. */
export type Dial = (target: DialTarget) => Promise<BlockConnection>;

export interface TlsDialOptions {
  readonly socks?: SocksProxy | undefined;
  /** Whether a resolved address may be connected to. */
  readonly allowAddress?: ((address: string) => boolean) | undefined;
}

export function tlsDial({ socks, allowAddress }: TlsDialOptions = {}): Dial {
  return ({ host, port, fingerprint, alpn, credentials, timeoutMs, signal, blockBytes }) =>
    dialTls({
      host, port, fingerprint, alpn, socks, allowAddress, signal, blockBytes,
      connectTimeoutMs: timeoutMs,
      ...(credentials === null ? {} : { credentials }),
    });
}
