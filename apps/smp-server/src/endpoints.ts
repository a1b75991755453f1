/** Ports of the configuration as endpoints of the listener. */
import type { Endpoint } from '@polyplex/transport-tls';
import type { SmpConfig } from './config/smp-config.ts';

/** SMP ports first: the first of all is the one in the address. */
export function endpointsOf({ host, ports, sharedPort, webSocketPort }: SmpConfig['listen']): Endpoint[] {
  const at = host === null ? {} : { host };
  return [
    ...ports.map((port) => ({ ...at, kind: 'smp', port }) as const),
    ...(sharedPort === null ? [] : [{ ...at, kind: 'shared', port: sharedPort } as const]),
    ...(webSocketPort === null ? [] : [{ ...at, kind: 'websocket', port: webSocketPort } as const]),
  ];
}
