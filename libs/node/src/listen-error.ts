/** Failures to bind a port, in words. */
import { errorText } from '@polyplex/base';
import { NodeError } from './node-error.ts';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process',
  EACCES: 'may not be opened by this user (ports below 1024 need a privilege)',
  EADDRNOTAVAIL: 'cannot be opened: this machine does not have the address',
};

/** `what`: which settings the port comes from. */
export function listenError(what: string, error: unknown): NodeError {
  const { code = '', port } = error as NodeJS.ErrnoException & { port?: number };
  const reason = REASONS[code];
  const text = reason === undefined ? errorText(error) : `port ${String(port ?? '')} ${reason}`;
  return new NodeError('LISTEN', `${text} (${what})`, { cause: error });
}
