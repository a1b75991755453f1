/** Host names as operators type them, for the address of a relay. */
import { hostKind } from '@polyplex/protocol-common';

/** Separated by commas; null when one of them is no host name or IP address. */
export function readHosts(text: string): string[] | null {
  const hosts = text.split(',').map((host) => host.trim());
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  return hosts.every((host) => hostKind(host) !== null && !/[\u0000-\u001f\u007f]/.test(host)) ? hosts : null;
}
