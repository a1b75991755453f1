/** A SOCKS5 proxy as an option's value. */
import { InvalidArgumentError } from 'commander';
import { type HostPort, readHostPort } from '@polyplex/node';

export const SOCKS_PORT = 9050;

/** For commander. */
export function socksArgument(text: string): HostPort {
  const at = readHostPort(text) ?? readHostPort(`${text}:${SOCKS_PORT}`);
  if (at === null) throw new InvalidArgumentError('host:port is needed; IPv6 addresses go in brackets');
  return at;
}
