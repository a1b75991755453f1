/** The address that users get (SMP §1.4): without a password, unless asked for, since that one is a secret. */
import { formatAddress } from '@polyplex/protocol-common';
import type { SmpConfig } from './config/smp-config.ts';

const DEFAULT_PORT = 5223;

export interface AddressFacts {
  readonly fingerprint: Uint8Array;
  /** Default none. */
  readonly password?: string | null;
  /** The port really bound, where the configured one is 0. */
  readonly boundPort?: number | undefined;
}

/** `smp://<fingerprint>[:<password>]@<host>[,<host>…][:<port>]` */
export function relayAddress({ address, listen }: SmpConfig, { fingerprint, password = null, boundPort }: AddressFacts): string {
  const configured = address.port ?? listen.ports[0] ?? listen.sharedPort ?? DEFAULT_PORT;
  const port = configured === 0 ? (boundPort ?? 0) : configured;
  const parts = { hosts: address.hosts, port: port === DEFAULT_PORT ? '' : String(port), keyHash: fingerprint };
  return formatAddress(parts, 'smp', password);
}
