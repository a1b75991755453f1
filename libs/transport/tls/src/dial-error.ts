/** Why a connection could not be made; the relay's proxy turns the code into BROKER errors (SMP §7.4). */
import { CodedError } from '@polyplex/base';

export type DialErrorCode =
  | 'NETWORK' // no answer, refused, reset, or the name or the SOCKS proxy failed
  | 'TIMEOUT'
  | 'TLS' // the handshake failed: versions, suites, ALPN, certificate required
  | 'IDENTITY' // the server's chain is not valid or not the expected one
  | 'HOST' // no acceptable address: malformed, not allowed by policy, or .onion without a SOCKS proxy
  | 'ABORTED';

export class DialError extends CodedError<DialErrorCode> {
  override readonly name = 'DialError';
}

/** A socket's error as ours, without the address that Node puts into its messages. */
export function dialErrorOf(error: unknown): DialError {
  if (error instanceof DialError) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO') {
    return new DialError('TLS', `TLS handshake failed: ${code}`);
  }
  return new DialError('NETWORK', `connection failed: ${code}`);
}
