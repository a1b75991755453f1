/**
 * How the relay as proxy reaches other relays (design §4): allowed ports, public addresses only, .onion names through
 * the SOCKS proxy or not at all.
 */
import { tlsDial } from '@polyplex/client';
import { readHostPort } from '@polyplex/node';
import { type DialRelay, relayDialer } from '@polyplex/server-smp';
import { isPublicAddress, type SocksProxy } from '@polyplex/transport-tls';
import type { SmpConfig } from './config/smp-config.ts';

/** `socksPassword`: of `proxy.socksPasswordFile`, already read. */
export function dialRelays(proxy: SmpConfig['proxy'], socksPassword: string | null): DialRelay {
  const socks = socksOf(proxy, socksPassword);
  return relayDialer({
    dial: tlsDial({ socks, ...(proxy.allowPrivateAddresses ? {} : { allowAddress: isPublicAddress }) }),
    hosts: { mode: proxy.hostMode, required: proxy.requiredHostMode, onionReachable: socks !== undefined },
    allowedPorts: proxy.allowedPorts.length === 0 ? null : proxy.allowedPorts,
  });
}

function socksOf({ socksProxy, socksMode, socksUser }: SmpConfig['proxy'], password: string | null): SocksProxy | undefined {
  const at = socksProxy === null ? null : readHostPort(socksProxy);
  if (at === null) return undefined;
  const secret = socksUser === null || password === null ? {} : { username: socksUser, password };
  return { ...at, mode: socksMode, ...secret };
}
