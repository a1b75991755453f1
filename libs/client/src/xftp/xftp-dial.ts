/** How an XFTP client gets its connection: injected, and by default HTTP/2 over TLS without SNI (XFTP §2.1). */
import { dialHttp2, type HttpClientConnection } from '@polyplex/transport-http2';
import type { DialTarget, TlsDialOptions } from '../dial.ts';

export type XftpDialTarget = Omit<DialTarget, 'credentials'>;

/** Rejects with a `CodedError`: `NETWORK`, `TIMEOUT`, `TLS`, `IDENTITY`, `HOST`, `ABORTED`. */
export type XftpDial = (target: XftpDialTarget) => Promise<HttpClientConnection>;

/** `socks` and `allowAddress` as for `tlsDial`. */
export function http2Dial({ socks, allowAddress }: TlsDialOptions = {}): XftpDial {
  return ({ timeoutMs, ...target }) => dialHttp2({ ...target, socks, allowAddress, connectTimeoutMs: timeoutMs });
}
