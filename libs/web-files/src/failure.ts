/** Why a transfer failed, as a page tells people: by kinds that call for different words, in a form that workers can post. */
import { CodedError } from '@polyplex/base';
import { isTemporary, XftpRefusedError } from '@polyplex/client';
import { type XftpError, xftpErrorText } from '@polyplex/protocol-xftp';

export type FailureKind =
  | 'cancelled'
  | 'link' // it names no file
  | 'gone' // AUTH: expired, deleted, or refused; servers tell no more
  | 'unfinished' // NO_FILE
  | 'blocked'
  | 'quota'
  | 'network' // no connection, or no answer in time
  | 'identity' // another server answers, or it proves nothing
  | 'damaged' // what came is not what the link names
  | 'size' // too large
  | 'file' // the file to send cannot be read
  | 'server' // any other answer
  | 'broken'; // a mistake of ours

export interface WebFailure {
  readonly kind: FailureKind;
  /** Of `blocked`. */
  readonly reason?: string;
  /** Of `server`: the error in the protocol's words. */
  readonly detail?: string;
}

const KIND_OF_CODE: Readonly<Record<string, FailureKind>> = {
  CLOSED: 'cancelled', LINK: 'link', BAD_DESCRIPTION: 'link', PARTY: 'link', REDIRECT: 'link', HOST: 'link', SERVER: 'link',
  GONE: 'gone', NETWORK: 'network', TIMEOUT: 'network', IDENTITY: 'identity', HANDSHAKE: 'identity',
  DIGEST: 'damaged', CRYPTO: 'damaged', BAD_FILE: 'damaged', SIZE: 'damaged', TOO_LARGE: 'size', CHANGED: 'file', FILE: 'file',
  VERSION: 'server', RESPONSE: 'server', UNEXPECTED: 'server',
};

/** Takes what `sendWebFile`, `receiveWebFile` and `deleteWebFile` reject with; `signal` is the one that was given to them. */
export function failureOf(error: unknown, signal?: AbortSignal): WebFailure {
  if (signal?.aborted === true) return { kind: 'cancelled' };
  if (error instanceof XftpRefusedError) return isTemporary(error) ? { kind: 'network' } : refusal(error.error);
  return { kind: kindOf(error) ?? 'broken' };
}

function kindOf(error: unknown): FailureKind | undefined {
  if (!isCoded(error)) return undefined;
  // A chunk of another size is damage; a file of another size is too much for us.
  return error.name === 'WebFileError' && error.code === 'SIZE' ? 'size' : KIND_OF_CODE[error.code];
}

function isCoded(error: unknown): error is CodedError {
  return error instanceof CodedError;
}

function refusal(error: XftpError): WebFailure {
  switch (error.type) {
    case 'AUTH':
      return { kind: 'gone' };
    case 'NO_FILE':
      return { kind: 'unfinished' };
    case 'QUOTA':
      return { kind: 'quota' };
    case 'BLOCKED':
      return { kind: 'blocked', reason: error.info.reason };
    default:
      return { kind: 'server', detail: xftpErrorText(error) };
  }
}
