/**
 * The client's end of TLS as public servers have it: SNI, a chain up to a root that is trusted, and the host's name in the
 * certificate. For push services, which are strangers: an address policy decides where a name may lead, and the address
 * that passed it is the one connected to.
 */
import { isIP } from 'node:net';
import { connect, createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from 'node:tls';
import { type Clock, SECOND } from '@polyplex/base';
import { connectTcp, type TcpTarget } from './connect-tcp.ts';
import { dialAttempt } from './dial-attempt.ts';
import { DialError } from './dial-error.ts';

/** Root certificates that servers are known by. Made once and shared: it costs more than a handshake. */
export interface PublicRoots {
  readonly context: SecureContext;
}

export interface DialPublicTlsOptions extends Omit<TcpTarget, 'keepAliveMs'> {
  readonly roots: PublicRoots;
  readonly alpn: readonly string[];
  /** For TCP, SOCKS and TLS together; default 15 s. */
  readonly connectTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

const CONNECT_TIMEOUT_MS = 15 * SECOND;
const KEEP_ALIVE_MS = 30 * SECOND;

/**
 * The roots that Node brings, and those of `extraPem` (PEM, any number) beside them: for servers of an operator's own.
 * Throws `DialError` with code `IDENTITY` when those cannot be read.
 */
export function publicRoots(extraPem: string | null = null): PublicRoots {
  const ca = extraPem === null ? {} : { ca: [...rootCertificates, extraPem] };
  try {
    return { context: createSecureContext({ minVersion: 'TLSv1.2', ...ca }) };
  } catch (cause) {
    throw new DialError('IDENTITY', 'the root certificates cannot be read', { cause });
  }
}

/** Connects; rejects with `DialError`: `IDENTITY` where the certificate is not acceptable, its message naming OpenSSL's reason. */
export function dialPublicTls(options: DialPublicTlsOptions): Promise<TLSSocket> {
  const { connectTimeoutMs: timeoutMs = CONNECT_TIMEOUT_MS, signal, clock, roots, alpn, host } = options;
  return dialAttempt({ timeoutMs, signal, clock }, async (attempt) => {
    const tcp = await connectTcp({ ...options, keepAliveMs: KEEP_ALIVE_MS }, attempt);
    const name = host.replace(/^\[|\]$/g, '');
    const names = isIP(name) === 0 ? { servername: name } : { servername: '', host: name };
    const socket = attempt.own(connect({ socket: tcp, secureContext: roots.context, ALPNProtocols: [...alpn], ...names }));
    await new Promise<void>((resolve, reject) => {
      // For its whole life: an error with nobody listening would end the process.
      socket.on('error', (error: Error) => reject(identityError(socket) ?? error));
      socket.once('close', () => reject(new DialError('NETWORK', 'closed during the TLS handshake')));
      socket.once('secureConnect', resolve);
    });
    return socket;
  });
}

function identityError(socket: TLSSocket): DialError | null {
  // Typed as an error; it is the code of one (`CERT_HAS_EXPIRED`), or null.
  const reason: unknown = socket.authorizationError;
  return typeof reason === 'string' ? new DialError('IDENTITY', `the server's certificate is not acceptable: ${reason}`) : null;
}
