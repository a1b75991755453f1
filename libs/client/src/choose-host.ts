/** Which of a relay's host names to use (SMP §9.2, §10): its public one, unless onion is wanted and reachable. */
import { hostKind, type ServerAddress } from '@polyplex/protocol-common';
import { SmpClientError } from './client-error.ts';

export interface HostChoice {
  /** What to prefer; default `public`. */
  readonly mode?: 'public' | 'onion';
  /** Never fall back to the other kind. */
  readonly required?: boolean;
  /** Whether onion names can be reached, that is through a SOCKS proxy. */
  readonly onionReachable?: boolean;
}

export const SMP_PORT = 5223;

/** Throws `HOST` when no host of the address may be used. */
export function chooseHost(address: ServerAddress, choice: HostChoice = {}): { readonly host: string; readonly port: number } {
  const { mode = 'public', required = false, onionReachable = false } = choice;
  const onion = onionReachable ? address.hosts.find((host) => hostKind(host) === 'onion') : undefined;
  const open = address.hosts.find((host) => hostKind(host) !== 'onion');
  const [wanted, other] = mode === 'onion' ? [onion, open] : [open, onion];
  const host = wanted ?? (required ? undefined : other);
  const port = address.port === '' ? SMP_PORT : Number(address.port);
  if (host === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new SmpClientError('HOST', 'the address has no host that can be used');
  }
  return { host, port };
}
