/** Why a body or a response ended before its end. */
import { CodedError } from '@polyplex/base';

export type HttpStreamErrorCode =
  | 'BROKEN' // the stream or its connection ended
  | 'STALLED'; // the other end neither sent nor took anything for too long

export class HttpStreamError extends CodedError<HttpStreamErrorCode> {
  override readonly name = 'HttpStreamError';
}

export function broken(): HttpStreamError {
  return new HttpStreamError('BROKEN', 'the stream broke');
}

export function stalled(): HttpStreamError {
  return new HttpStreamError('STALLED', 'the other end stood still');
}
