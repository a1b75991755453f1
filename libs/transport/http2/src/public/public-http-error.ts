/** Why a request to a public server has no answer. */
import { CodedError } from '@polyplex/base';
import type { DialError, DialErrorCode } from '@polyplex/transport-tls';

export type PublicHttpErrorCode =
  | 'CONNECT' // no connection: refused, reset, the name or the proxy failed
  | 'TLS' // the handshake failed, or the certificate is not acceptable
  | 'NOT_ALLOWED' // the address is none that may be connected to
  | 'TIMEOUT' // the answer, or a connection, took too long
  | 'BROKEN' // the connection or stream ended before the answer
  | 'UNPROCESSED' // as BROKEN, and the server said that it did nothing
  | 'CLOSED'; // this end was closed

/** The message names a reason in OpenSSL's or the system's words, never an address. */
export class PublicHttpError extends CodedError<PublicHttpErrorCode> {
  override readonly name = 'PublicHttpError';
}

const CODES: Readonly<Record<DialErrorCode, PublicHttpErrorCode>> = {
  NETWORK: 'CONNECT', TIMEOUT: 'TIMEOUT', TLS: 'TLS', IDENTITY: 'TLS', HOST: 'NOT_ALLOWED', ABORTED: 'CLOSED',
};

export function fromDialError(error: DialError): PublicHttpError {
  return new PublicHttpError(CODES[error.code], error.message, { cause: error });
}
