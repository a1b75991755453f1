/**
 * Reaches destination relays as a proxy (SMP §7.1): on allowed ports only, with our address policy applied by the
 * dialer. Failures come out in the protocol's words.
 */
import { connectSmp, type Dial, type HostChoice, SMP_PORT, type SmpClient, SmpClientError } from '@polyplex/client';
import type { ServerAddress } from '@polyplex/protocol-common';
import { type DialRelay, type RelayConnection, RelayFailure } from './proxy.ts';

export interface RelayDialerOptions {
  /** Connects to a host; it refuses addresses that must not be reached, after resolving names. */
  readonly dial: Dial;
  readonly hosts?: HostChoice;
  /** Ports of relays that may be connected to; null for any. */
  readonly allowedPorts: readonly number[] | null;
}

function failureOf(error: unknown): RelayFailure {
  if (error instanceof SmpClientError) return new RelayFailure(error.broker, { cause: error });
  return new RelayFailure({ type: 'NETWORK' }, { cause: error });
}

function portOf(address: ServerAddress): number {
  return address.port === '' ? SMP_PORT : Number(address.port);
}

function relayConnection(client: SmpClient): RelayConnection {
  return {
    sessionId: Uint8Array.from(client.sessionId),
    version: client.version,
    versions: client.versions,
    key: client.relayKey,
    secret: client.secret,
    async forward(encFwdTransmission, corrId, timeoutMs) {
      try {
        return await client.request({ tag: 'RFWD', encFwdTransmission }, { corrId, timeoutMs });
      } catch (error) {
        throw failureOf(error);
      }
    },
    closed: client.closed.then(() => undefined),
    close: () => client.close(),
  };
}

/** What the relay's proxy dials with. */
export function relayDialer({ dial, hosts, allowedPorts }: RelayDialerOptions): DialRelay {
  return async (address, connectTimeoutMs, signal) => {
    if (allowedPorts !== null && !allowedPorts.includes(portOf(address))) throw new RelayFailure({ type: 'HOST' });
    try {
      return relayConnection(await connectSmp({ address, dial, proxyServer: true, connectTimeoutMs, signal, ...(hosts === undefined ? {} : { hosts }) }));
    } catch (error) {
      throw failureOf(error);
    }
  };
}
