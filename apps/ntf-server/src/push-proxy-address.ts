/** The address that users give their apps (NTF §1.1). */
import { formatAddress } from '@polyplex/protocol-common';
import type { NtfConfig } from './config/ntf-config.ts';

/** Left out of addresses. */
const DEFAULT_PORT = 443;

export interface PushProxyFacts {
  readonly fingerprint: Uint8Array;
  /** The port really bound, where the configured one is 0. */
  readonly boundPort?: number | undefined;
}

/** `ntf://<fingerprint>@<host>[,<host>…][:<port>]` */
export function pushProxyAddress({ address, ntfAddress, ntfListen }: NtfConfig, { fingerprint, boundPort }: PushProxyFacts): string {
  const configured = ntfAddress.port ?? ntfListen.ports[0] ?? DEFAULT_PORT;
  const port = configured === 0 ? (boundPort ?? 0) : configured;
  const hosts = ntfAddress.hosts.length === 0 ? address.hosts : ntfAddress.hosts;
  return formatAddress({ hosts, port: port === DEFAULT_PORT ? '' : String(port), keyHash: fingerprint }, 'ntf');
}
