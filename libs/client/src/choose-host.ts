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
const MAX_PORT = 65_535;

/** Throws `HOST` when no host of the address may be used. `defaultPort` is the protocol's. */
export function chooseHost(address: ServerAddress, choice: HostChoice = {}, defaultPort = SMP_PORT): { readonly host: string; readonly port: number } {
  const host = hostOf(address.hosts, choice);
  const port = portOf(address, defaultPort);
  if (host === undefined || port === null) throw new SmpClientError('HOST', 'the address has no host that can be used');
  return { host, port };
}

function hostOf(hosts: readonly string[], { mode = 'public', required = false, onionReachable = false }: HostChoice): string | undefined {
  const onion = onionReachable ? hosts.find((host) => hostKind(host) === 'onion') : undefined;
  const open = hosts.find((host) => hostKind(host) !== 'onion');
  const [wanted, other] = mode === 'onion' ? [onion, open] : [open, onion];
  return wanted ?? (required ? undefined : other);
}

function portOf({ port }: ServerAddress, defaultPort: number): number | null {
  const number = port === '' ? defaultPort : Number(port);
  return Number.isInteger(number) && number > 0 && number <= MAX_PORT ? number : null;
}
