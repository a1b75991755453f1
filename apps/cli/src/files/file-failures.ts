/** What can go wrong with files and their servers, and what to do about it. */
import { CodedError, errorText, hasCode } from '@polyplex/base';
import { XftpClientError, type XftpClientErrorCode, XftpFileError, type XftpFileErrorCode, XftpRefusedError } from '@polyplex/client';
import { CliError } from '../report-failure.ts';

/** What was tried; refusals mean different things. */
export type Deed = 'send' | 'receive' | 'delete';

const CLIENT_ADVICE: Readonly<Partial<Record<XftpClientErrorCode, string>>> = {
  TIMEOUT: 'check the connection, and that the server is running; then try again',
  NETWORK: 'check the connection, host and port, and that the server is running; then try again',
  HOST: 'a .onion host needs --socks',
  IDENTITY: 'the fingerprint in the address is not that of the server: ask for its present address',
  VERSION: 'update the older of the two programs',
  SIZE: 'ask the sender to send the file again',
  CRYPTO: 'ask the sender to send the file again',
  DIGEST: 'ask the sender to send the file again',
};

const FILE_ADVICE: Readonly<Partial<Record<XftpFileErrorCode, string>>> = {
  DIGEST: 'ask the sender to send it again',
  SIZE: 'ask the sender to send it again',
  CRYPTO: 'ask the sender to send it again',
  REDIRECT: 'ask the sender for the description file',
  CHANGED: 'remove the .part folder, if there is one, and send the file anew',
  JOURNAL: 'remove the .part folder, and begin again',
  PLAN: 'see polyplex file send --help',
};

const AUTH_ADVICE: Readonly<Record<Deed, string>> = {
  send: 'it takes no new files, or not with this password: xftp://<fingerprint>:<password>@<host>',
  receive: 'the file is not there any more: it has expired, was deleted, or was received with this description before',
  delete: 'the file is not there any more',
};

/** In words, with the exit code that goes with it; anything else stays what it is. */
export function fileFailure(error: unknown, deed: Deed): unknown {
  if (error instanceof XftpRefusedError) return failed(errorText(error), refusalAdvice(error, deed), error);
  if (error instanceof XftpClientError) return failed(withCause(error), CLIENT_ADVICE[error.code], error);
  if (error instanceof XftpFileError) return failed(errorText(error), FILE_ADVICE[error.code], error);
  if (hasCode(error, 'BAD_DESCRIPTION')) return failed(`failed to parse the file description: ${error.message}`, undefined, error);
  return error;
}

function failed(reason: string, advice: string | undefined, cause: unknown): CliError {
  return new CliError('FAILED', advice === undefined ? reason : `${reason}: ${advice}`, { cause });
}

function withCause(error: XftpClientError): string {
  return error.cause instanceof CodedError || error.cause instanceof Error ? `${error.message} (${errorText(error.cause)})` : error.message;
}

function refusalAdvice({ error }: XftpRefusedError, deed: Deed): string | undefined {
  switch (error.type) {
    case 'AUTH': return AUTH_ADVICE[deed];
    case 'BLOCKED': return 'its operator has blocked the file';
    case 'QUOTA': return 'it is full: send by another server, or later';
    case 'NO_FILE': return 'the sender has not finished sending: try again later';
    case 'FILE_IO':
    case 'INTERNAL': return 'it has trouble of its own: try again later, or tell its operator';
    default: return undefined;
  }
}
