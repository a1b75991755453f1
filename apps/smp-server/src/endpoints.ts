/** Ports of the configuration as endpoints of the listener, and failures to bind them in words. */
import { errorText } from '@polyplex/base';
import type { Endpoint } from '@polyplex/transport-tls';
import type { SmpConfig } from './config/smp-config.ts';
import { NodeError } from './node-error.ts';

/** SMP ports first: the first of all is the one in the address. */
export function endpointsOf({ host, ports, sharedPort, webSocketPort }: SmpConfig['listen']): Endpoint[] {
  const at = host === null ? {} : { host };
  return [
    ...ports.map((port) => ({ ...at, kind: 'smp', port }) as const),
    ...(sharedPort === null ? [] : [{ ...at, kind: 'shared', port: sharedPort } as const]),
    ...(webSocketPort === null ? [] : [{ ...at, kind: 'websocket', port: webSocketPort } as const]),
  ];
}

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
