/** How relays are reached: allowed ports, public addresses only, .onion names through the SOCKS proxy or not at all (NTF §4.1). */
import { systemClock } from '@polyplex/base';
import { type Dial, tlsDial } from '@polyplex/client';
import { readHostPort } from '@polyplex/node';
import { type ConnectRelay, relayConnector } from '@polyplex/server-ntf';
import { DialError, isPublicAddress, type SocksProxy } from '@polyplex/transport-tls';
import type { NtfConfig } from './config/ntf-config.ts';
import type { RelayFiles } from './node-files.ts';
import { serviceCertificates } from './service-certificates.ts';

export function connectRelays({ ntfRelays }: NtfConfig, { socksPassword, serviceSecret }: RelayFiles): ConnectRelay {
  const socks = socksOf(ntfRelays, socksPassword);
  const dial = tlsDial({ socks, ...(ntfRelays.allowPrivateAddresses ? {} : { allowAddress: isPublicAddress }) });
  return relayConnector({
    dial: onPorts(dial, ntfRelays.allowedPorts),
    hosts: { mode: ntfRelays.hostMode, required: ntfRelays.requiredHostMode, onionReachable: socks !== undefined },
    clock: systemClock,
    ...(serviceSecret === null ? {} : { service: serviceCertificates(serviceSecret) }),
    connectTimeoutMs: ntfRelays.connectTimeout,
    requestTimeoutMs: ntfRelays.commandTimeout,
  });
}

/** None: all. */
function onPorts(dial: Dial, ports: readonly number[]): Dial {
  if (ports.length === 0) return dial;
  return async (target) => {
    if (!ports.includes(target.port)) throw new DialError('HOST', 'relays are not connected to at this port (ntfRelays.allowedPorts)');
    return dial(target);
  };
}

function socksOf({ socksProxy, socksMode, socksUser }: NtfConfig['ntfRelays'], password: string | null): SocksProxy | undefined {
  const at = socksProxy === null ? null : readHostPort(socksProxy);
  if (at === null) return undefined;
  const secret = socksUser === null || password === null ? {} : { username: socksUser, password };
  return { ...at, mode: socksMode, ...secret };
}
