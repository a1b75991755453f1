/**
 * What can go wrong between a client and a file server (XFTP §3.5, §8.3), and which of it is worth another attempt.
 * Messages hold no ids, keys or addresses: who reports them knows which server and file it was.
 */
import { CodedError, hasCode } from '@polyplex/base';
import { type XftpError, xftpErrorText } from '@polyplex/protocol-xftp';
import { SmpClientError } from '../client-error.ts';

export type XftpClientErrorCode =
  | 'TIMEOUT' // no connection, no answer or no progress in time
  | 'NETWORK' // no connection, or it was lost
  | 'CLOSED' // we closed the connection or gave up
  | 'HOST' // the address has no host that can be used
  | 'IDENTITY' // its certificates are not those of the address, or not acceptable
  | 'HANDSHAKE' // its hello is wrong: session, chain or signed key
  | 'VERSION' // no version in common
  | 'RESPONSE' // the answer cannot be read
  | 'UNEXPECTED' // the answer is not one that the command has
  | 'SIZE' // a chunk has fewer or more bytes than it should
  | 'CRYPTO' // the tag of a downloaded chunk is wrong
  | 'DIGEST'; // a chunk is not the one that the description names

export class XftpClientError extends CodedError<XftpClientErrorCode> {
  override readonly name = 'XftpClientError';
}

/** The server answered `ERR`, or refused the handshake. */
export class XftpRefusedError extends CodedError<'REFUSED'> {
  override readonly name = 'XftpRefusedError';
  readonly error: XftpError;

  constructor(error: XftpError) {
    super('REFUSED', `the file server answered ${xftpErrorText(error)}`);
    this.error = error;
  }
}

const TEMPORARY_CODES: ReadonlySet<string> = new Set<XftpClientErrorCode>(['TIMEOUT', 'NETWORK']);
/** `TIMEOUT` is an upload that broke; the other two pass with a new connection. */
const TEMPORARY_REFUSALS: ReadonlySet<string> = new Set<XftpError['type']>(['TIMEOUT', 'SESSION', 'HANDSHAKE']);

/** Whether the same may work with a new connection: everything else fails at once (XFTP §8.3). */
export function isTemporary(error: unknown): boolean {
  if (error instanceof XftpRefusedError) return TEMPORARY_REFUSALS.has(error.error.type);
  return error instanceof XftpClientError && TEMPORARY_CODES.has(error.code);
}

const DIAL_FAILURES: readonly (readonly [string, XftpClientErrorCode, string])[] = [
  ['TIMEOUT', 'TIMEOUT', 'no connection in time'],
  ['HOST', 'HOST', 'the address has no host that can be used'],
  ['IDENTITY', 'IDENTITY', 'another server answers, or its certificates are not acceptable'],
  ['ABORTED', 'CLOSED', 'the attempt was given up'],
];

/** A failed dial as ours; what the transport said stays the cause. */
export function xftpDialFailure(error: unknown): XftpClientError {
  if (error instanceof XftpClientError) return error;
  const known = DIAL_FAILURES.find(([code]) => hasCode(error, code));
  if (known !== undefined) return new XftpClientError(known[1], known[2], { cause: error });
  return new XftpClientError('NETWORK', 'the connection failed', { cause: error });
}

/** The reason why a stream ended, as ours; null where it is no such reason. */
export function streamFailure(error: unknown): XftpClientError | null {
  if (error instanceof XftpClientError) return error;
  if (hasCode(error, 'STALLED')) return new XftpClientError('TIMEOUT', 'the file server stood still', { cause: error });
  if (hasCode(error, 'BROKEN')) return new XftpClientError('NETWORK', 'the connection was lost', { cause: error });
  return null;
}

/** As `chooseHost` says it, ours. */
export function hostFailure(error: unknown): unknown {
  return error instanceof SmpClientError ? xftpDialFailure(error) : error;
}

/** Whoever asked does not want it any more. */
export function givenUp(): XftpClientError {
  return new XftpClientError('CLOSED', 'the transfer was given up');
}
