/** Connects to relays as a push proxy does (NTF §4.1). */
import { type Clock, MINUTE, SECOND } from '@polyplex/base';
import { connectSmp, type ConnectSmpOptions, type Dial, type HostChoice } from '@polyplex/client';
import type { ConnectRelay } from './deps.ts';

type ServiceCredentials = NonNullable<ConnectSmpOptions['service']>['credentials'];

export interface RelayConnectorOptions {
  /** Connects to a host, by a SOCKS proxy perhaps; it refuses addresses that must not be reached, after resolving names. */
  readonly dial: Dial;
  readonly hosts?: HostChoice;
  readonly clock: Clock;
  /**
   * Our service's credentials at a relay, by the relay's text; null for none. Different ones for each relay, or relays could
   * tell by them that they serve the same proxy.
   */
  readonly service?: ((relay: string) => ServiceCredentials | null) | undefined;
  /** Default 45 s. */
  readonly connectTimeoutMs?: number;
  /** Default 30 s. */
  readonly requestTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 45 * SECOND;
const REQUEST_TIMEOUT_MS = 30 * SECOND;
const KEEP_ALIVE = { pingAfterMs: MINUTE, giveUpAfterMs: 15 * MINUTE, giveUpAfterTimeouts: 3 };

export function relayConnector(options: RelayConnectorOptions): ConnectRelay {
  const { dial, hosts, clock, service, connectTimeoutMs = CONNECT_TIMEOUT_MS, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  return ({ relay, address, withService, onEvent, signal }) => {
    const credentials = withService ? (service?.(relay) ?? null) : null;
    return connectSmp({
      address, dial, clock, onEvent, signal, connectTimeoutMs, requestTimeoutMs,
      keepAlive: KEEP_ALIVE,
      ...(hosts === undefined ? {} : { hosts }),
      ...(credentials === null ? {} : { service: { role: 'N', credentials } }),
    });
  };
}
